"""A log of the test's own, sealed by the product's own sequencer."""

import contextlib
import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as current

from audit.actions import Action
from audit.record import record
from audit.sealing import keys, sealer
from audit.sealing.publishing import Folder
from audit.tests.conftest import HOLM, Scratch, _address, _made
from demo import postgres

SETTLED = """SELECT NOT EXISTS (SELECT FROM audit_event, pg_current_snapshot() now
WHERE txid BETWEEN pg_snapshot_xmin(now)::text::bigint AND pg_snapshot_xmax(now)::text::bigint)"""
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
        """Until all but so many rows have a leaf: anybody's transaction on the server holds rows back for a while.

        That is waited for first, so that all of them come under one checkpoint.
        """
        deadline = time.monotonic() + 60
        while not (leaving or self.value(SETTLED)):
            assert time.monotonic() < deadline, "a transaction stays open"
            time.sleep(0.02)
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


@contextlib.contextmanager
def copy_of(scratch: Scratch) -> Iterator[Scratch]:
    """A database like this one, by copying its files: migrating takes many times as long."""
    name = f"scratch_{secrets.token_hex(6)}"
    with psycopg.connect(**_address("owner"), autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name} TEMPLATE {scratch.name}")
        try:
            yield Scratch(name)
        finally:
            owner.execute(f"DROP DATABASE {name}")


def begin(scratch: Scratch, path: Path, patch: pytest.MonkeyPatch) -> Log:
    """The settings of a log whose key and copies lie in this folder."""
    patch.setattr(current, "AUDIT_KEY", path / "audit.key")
    patch.setattr(current, "AUDIT_PUBLISH", path / "published")
    if not current.AUDIT_KEY.exists():
        keys.make(current.AUDIT_KEY, "test.example.dk/audit", datetime.now(UTC))
    return Log(scratch, Folder(current.AUDIT_PUBLISH))


@pytest.fixture(scope="package")
def _migrated(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scratch]:
    with django_db_blocker.unblock(), _made() as scratch:
        scratch.migrated()
        yield scratch


@pytest.fixture
def sealing(
    _migrated: Scratch, django_db_blocker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Log]:
    with django_db_blocker.unblock(), copy_of(_migrated) as scratch, scratch.entered():
        yield begin(scratch, tmp_path, monkeypatch)
