"""A log of the test's own, sealed by the product's own sequencer."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current

from audit.actions import Action
from audit.record import record
from audit.sealing import keys, sealer
from audit.sealing.publishing import Folder
from audit.tests.conftest import HOLM, Scratch, _module_database, empty_database, empty_log, log
from demo import postgres

__all__ = ["_module_database", "empty_database", "empty_log", "log"]

UNSEALED = "SELECT count(*) FROM audit_event e WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.event_id = e.id)"


@dataclass
class Log:
    """A log with a key and a folder for its checkpoints."""

    scratch: Scratch
    folder: Folder

    def write(self, count: int = 1, **told: Any) -> list[uuid.UUID]:
        given: dict[str, Any] = {"actor": HOLM, "patient": uuid.uuid4(), "context": "c-1", "purpose": "TREAT"} | told
        return [record(Action.EKG_RECORDING_VIEWED, **given) for _ in range(count)]

    def seal(self, leaving: int = 0) -> int:
        """Until all but so many rows have a leaf: a transaction of anybody on the server holds rows back for a while."""
        deadline = time.monotonic() + 60
        while True:
            size = sealer.once()
            if self.value(UNSEALED) == leaving:
                return size
            assert time.monotonic() < deadline, "rows stay unsealed"
            time.sleep(0.05)

    def value(self, sql: str, *values: Any) -> Any:
        with self.scratch.raw() as app:
            row = app.execute(sql, values).fetchone()
        assert row is not None
        return row[0]

    def column(self, sql: str, *values: Any) -> list[Any]:
        with self.scratch.raw() as app:
            return [row[0] for row in app.execute(sql, values)]

    def tamper(self, sql: str) -> None:
        """As the superuser `postgres` on the socket, whom no trigger stops."""
        postgres.superuser(Path(current.VAR), f"SET session_replication_role = replica; {sql}", self.scratch.name)


@pytest.fixture
def sealing(empty_log: Scratch, settings: Any, tmp_path: Path) -> Iterator[Log]:
    settings.AUDIT_KEY, settings.AUDIT_PUBLISH = tmp_path / "audit.key", tmp_path / "published"
    from datetime import UTC, datetime

    keys.make(settings.AUDIT_KEY, "test.example.dk/audit", datetime.now(UTC))
    yield Log(empty_log, Folder(settings.AUDIT_PUBLISH))
