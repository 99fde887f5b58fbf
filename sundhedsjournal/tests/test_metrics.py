"""The page of numbers: for the bearer of its token alone, true, cheap, and whole when a part of it is not."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client

from audit.actions import Action
from audit.record import SYSTEM, record
from ekg.tests import making
from fhir.models import Delivery
from sundhedsjournal import measures, metrics

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-more-than-thirty-two-characters"
LINE = re.compile(r'sundhedsjournal_[a-z_]+(\{[a-z]+="[a-z]+"\})? -?[0-9.e+-]+')


@pytest.fixture(autouse=True)
def a_token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def asked(authorization: str | None = f"Bearer {TOKEN}", method: str = "get") -> Any:
    headers = {"Authorization": authorization} if authorization is not None else {}
    return getattr(Client(), method)("/metrics", headers=headers)


def values(answer: Any) -> dict[str, float]:
    """The page as a monitoring reads it: every name is said what it is, before its values."""
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found, known = {}, set()
    for line in answer.content.decode().splitlines():
        if line.startswith("#"):
            known.add(line.split()[2])
        else:
            assert LINE.fullmatch(line), line
            name, value = line.rsplit(" ", 1)
            assert name.partition("{")[0] in known
            found[name.removeprefix("sundhedsjournal_")] = float(value)
    return found


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"]
)
def test_without_the_token_nothing_is_told(authorization: str | None) -> None:
    answer = asked(authorization)
    assert (answer.status_code, answer.content, answer["WWW-Authenticate"]) == (401, b"", "Bearer")


def test_without_a_token_in_the_settings_there_is_no_such_page(settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    for authorization in ("Bearer ", "Bearer", None):
        assert asked(authorization).status_code == 404


def test_only_looking_is_possible() -> None:
    assert asked(method="post").status_code == 405
    assert asked(method="head").content == b""


def test_what_waits_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    before = values(asked())
    assert before["metrics_errors"] == 2, "nothing has been sealed or published"
    assert before['deliveries{state="received"}'] == before["previews_pending"] == before["exports_pending"] == 0
    assert before["audit_partitions_missing"] == before["audit_default_partition_in_use"] == 0

    one = making.one(making.document("one", making.recording()))
    delivery = Delivery.objects.get()
    for state, sha256 in (("quarantined", "b" * 64), ("dead", "d" * 64)):
        changes = {"state": state, "sha256": sha256, "reason": "rule", "stored_at": None, "next_try": None}
        delivery.pk, delivery.status = None, 422
        for name, value in changes.items():
            setattr(delivery, name, value)
        delivery.save(force_insert=True)
    type(one).objects.update(preview="pending", preview_next_try=datetime.now(UTC))
    record(Action.SOR_IMPORTED, actor=SYSTEM)
    after = values(asked())
    assert after['deliveries{state="quarantined"}'] == after['deliveries{state="dead"}'] == 1
    assert after["previews_pending"] == 1
    assert after["audit_seal_waiting_rows"] > before["audit_seal_waiting_rows"]
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=90)):
        assert values(asked())["audit_seal_lag_seconds"] >= 90
    with time_machine.travel(datetime(2041, 1, 1, tzinfo=UTC)):
        record(Action.SOR_IMPORTED, actor=SYSTEM)
        late = values(asked())
    assert (late["audit_partitions_missing"], late["audit_default_partition_in_use"]) == (2, 1)


def test_every_value_that_is_told_of_can_be_read() -> None:
    told = set(measures.TOLD) - {"audit_seal_published_rows", "audit_seal_checkpoint_age_seconds"}
    assert {name.partition("{")[0] for name in values(asked())} == told | {"metrics_errors"}


def test_a_part_that_cannot_be_read_is_left_out_and_counted(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    def broken() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'Jens Berggren'::int")

    text = metrics.written(metrics.read((measures.months, broken, measures.exports)), measures.TOLD)
    assert "audit_partitions_missing 0" in text
    assert "exports_pending 0" in text
    assert metrics.read((broken, measures.exports))["metrics_errors"] == 1
    assert "broken cannot be read: DataError" in caplog.text
    assert "Jens" not in caplog.text


def test_without_a_database_the_page_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    class Gone:
        connection = None
        alias = "default"

    def refused(*_: Any, **__: Any) -> Any:
        tried.append(1)
        raise OperationalError

    monkeypatch.setattr(metrics, "connection", Gone)
    monkeypatch.setattr("sundhedsjournal.metrics.transaction.atomic", refused)
    assert values(asked()) == {"metrics_errors": 6}
    assert tried == [1]


def test_the_page_costs_the_same_however_much_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    run: Callable[..., Any] = psycopg.Cursor.execute

    def noting(cursor: Any, query: Any, *args: Any, **named: Any) -> Any:
        said.append(str(query))
        return run(cursor, query, *args, **named)

    monkeypatch.setattr(psycopg.Cursor, "execute", noting)
    asked()
    said.clear()
    asked()
    few = len(said)
    for _ in range(50):
        record(Action.SOR_IMPORTED, actor=SYSTEM)
    said.clear()
    asked()
    assert len(said) == few <= 30, said
