"""The door into the log, in a database where commits are real."""

import logging
import re
import threading
import uuid
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from audit.actions import Action
from audit.models import AuditEvent
from audit.record import SYSTEM, Actor, NotRecorded, Outcome, Unfit, record
from audit.resource import canonical
from audit.tests.conftest import HOLM, Scratch

COUNT = "SELECT count(*) FROM audit_event WHERE context = %s"


def seen(context: str, **told: Any) -> uuid.UUID:
    patient = uuid.uuid4()
    given: dict[str, Any] = {"actor": HOLM, "patient": patient, "entity": f"Recording/{patient}", "context": context}
    return record(Action.EKG_RECORDING_VIEWED, **given | told)


def committed(log: Scratch, context: str) -> int:
    with log.raw() as other:
        row = other.execute(COUNT, (context,)).fetchone()
    assert row is not None
    return int(row[0])


def test_an_event_is_committed_when_record_returns(log: Scratch) -> None:
    key = seen("at-once")
    assert committed(log, "at-once") == 1
    row = AuditEvent.objects.get(pk=key)
    assert row.recorded.tzinfo is not None
    assert key.version == 7
    assert key.int >> 80 == int(row.recorded.timestamp() * 1000), "the id sorts as the time does"
    assert len(bytes(row.salt)) == 16


def test_the_columns_say_what_the_json_says(log: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    def noted(tree: dict[str, Any]) -> bytes:
        written.append(canonical(tree))
        return written[-1]

    monkeypatch.setattr("audit.record.canonical", noted)
    key = seen(
        "columns", outcome=Outcome.MINOR, reason="not-found", purpose="TREAT", request_id="r-1", correlation="c-1"
    )
    row = AuditEvent.objects.get(pk=key)
    event = row.event
    assert event["id"] == str(row.id)
    assert event["recorded"] == row.recorded.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert (event["type"]["code"], event["action"], event["outcome"]) == (row.type, row.crud, str(row.outcome))
    assert [coding["code"] for coding in event["subtype"]] == [*row.subtype, row.action]
    assert event["outcomeDesc"] == row.reason == "not-found"
    assert event["agent"][0]["who"]["identifier"] == {"system": row.actor_issuer, "value": row.actor_subject}
    assert event["entity"][0]["what"]["reference"] == f"Patient/{row.patient_ref}"
    assert event["source"]["observer"]["identifier"]["value"] == settings.SITE_URL
    assert canonical(row.event) == written[0], "what jsonb gives back has the bytes that were written"


def test_inside_a_transaction_the_event_shares_its_fate(log: Scratch) -> None:
    def change() -> None:
        with transaction.atomic():
            seen("undone")
            assert committed(log, "undone") == 0
            raise LookupError

    with pytest.raises(LookupError):
        change()
    assert committed(log, "undone") == 0
    with transaction.atomic():
        seen("done")
    assert committed(log, "done") == 1


def test_no_event_is_promised_in_a_transaction_that_is_doomed(log: Scratch) -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(NotRecorded):
            seen("doomed")


def test_a_failed_statement_before_it_makes_record_refuse(log: Scratch) -> None:
    with transaction.atomic():
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
        with pytest.raises(NotRecorded):
            seen("aborted")
        transaction.set_rollback(True)


def test_a_lost_connection_is_not_recorded_and_the_next_request_reconnects(log: Scratch) -> None:
    seen("before")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with log.raw() as other:
        other.execute("SELECT pg_terminate_backend(%s)", (pid,))
    with pytest.raises(NotRecorded):
        seen("cut")
    connection.close_if_unusable_or_obsolete()  # as Django does between requests
    seen("after")
    assert (committed(log, "cut"), committed(log, "after")) == (0, 1)


def test_a_refusing_database_tells_no_values(empty_log: Scratch, caplog: pytest.LogCaptureFixture) -> None:
    with empty_log.raw("owner") as owner:
        owner.execute("ALTER TABLE audit_event ADD CONSTRAINT full_disk CHECK (context <> 'refuse-me')")
    with caplog.at_level(logging.ERROR), pytest.raises(NotRecorded) as refused:
        seen("refuse-me", request_id="secret-request")
    assert str(refused.value) == "ekg_recording.viewed"
    assert [line.getMessage() for line in caplog.records] == ["ekg_recording.viewed not recorded: CheckViolation"]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"reason": "Patienten findes ikke"}, "reason"),
        ({"entity": "Patient/2512489996"}, "entity"),
        ({"context": "251248-9996"}, "context"),
        ({"extra": {"search": "251248 9996"}}, "extra"),
        ({"extra": {"note": "brystsmerter siden i går"}}, "extra"),
        ({"actor": Actor("user", subject="2512489996")}, "subject"),
        ({"request_id": "a\nb"}, "request_id"),
    ],
)
def test_what_is_no_code_is_refused_and_not_repeated(
    log: Scratch, told: dict[str, Any], field: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Unfit) as refused:
        seen(**({"context": "unfit"} | told))
    assert str(refused.value) == f"ekg_recording.viewed: {field}"
    assert not re.search("2512|findes|bryst", str(refused.value) + caplog.text)
    assert committed(log, "unfit") == 0


def test_eight_writers_at_once_lose_nothing(log: Scratch) -> None:
    keys: list[uuid.UUID] = []

    def write() -> None:
        with log.entered():
            keys.extend([seen("crowd") for _ in range(40)])

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 320
    assert committed(log, "crowd") == 320


@pytest.mark.parametrize("role", ["default", "owner"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET outcome = 4",
        "UPDATE audit_event SET outcome = 4 WHERE false",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "INSERT INTO audit_event SELECT * FROM audit_event ON CONFLICT (id, recorded) DO UPDATE SET outcome = 8",
        "UPDATE {partition} SET outcome = 4",
        "UPDATE {partition} SET outcome = 4 WHERE false",
        "DELETE FROM {partition}",
        "TRUNCATE {partition}",
        "TRUNCATE audit_event_default",
        "DELETE FROM audit_event_default",
    ],
)
def test_a_row_can_be_neither_changed_nor_removed(log: Scratch, role: str, statement: str) -> None:
    key = record(Action.EKG_PREVIEW_MADE, actor=SYSTEM)
    refusal = psycopg.errors.InsufficientPrivilege if role == "default" else psycopg.errors.IntegrityConstraintViolation
    with log.raw(role) as other:
        found = other.execute(
            "SELECT tableoid::regclass::text, outcome FROM audit_event WHERE id = %s", (key,)
        ).fetchone()
        assert found is not None
        with pytest.raises(refusal):
            other.execute(statement.format(partition=found[0]))
        assert other.execute("SELECT outcome FROM audit_event WHERE id = %s", (key,)).fetchone() == (0,)


def test_the_app_role_can_take_no_guard_away(log: Scratch) -> None:
    guards = [
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_event_row ON audit_event",
        "DROP TABLE audit_event_default",
        "ALTER TABLE audit_event DETACH PARTITION audit_event_default",
        "GRANT DELETE ON audit_event TO sj_app",
        "CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "INSERT INTO audit_event_default SELECT * FROM audit_event",
        "CREATE TABLE mine (a int)",
    ]
    with log.raw() as app:
        for statement in guards:
            try:
                app.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                continue
            if statement.startswith("GRANT"):
                # PostgreSQL warns and grants nothing.
                allowed = app.execute("SELECT has_table_privilege('audit_event', 'DELETE')").fetchone()
                assert allowed == (False,)
                continue
            pytest.fail(f"the app role may: {statement}")


def test_the_log_points_at_nothing_that_could_change_it(log: Scratch) -> None:
    with log.raw() as other:
        keys = other.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND 'audit_event'::regclass IN (conrelid, confrelid)"
        ).fetchall()
    assert keys == []


def test_a_row_of_the_log_has_the_indexes_it_was_given_and_no_more(log: Scratch) -> None:
    with log.raw() as other:
        found = other.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'audit_event'").fetchall()
    assert sorted(definition.split(" USING ")[1] for (definition,) in found) == [
        "brin (recorded)",
        "btree (actor_ref, recorded)",
        "btree (context)",
        "btree (id, recorded)",
        "btree (patient_ref, recorded DESC)",
        "btree (txid, id)",
    ]
