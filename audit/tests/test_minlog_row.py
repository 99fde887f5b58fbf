"""What is owed to MinLog is written with the event or not at all, and hidden from whoever reads the database."""

import logging
import re
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from access.minlog.wire import post
from audit import trail
from audit.actions import FACTS, Action
from audit.minlog import delivery, keys, payload
from audit.minlog.payload import ACTIVITIES
from audit.models import AuditEvent, MinLogRow
from audit.record import NotRecorded, Outcome
from audit.tests.conftest import Scratch
from audit.tests.minlog_peer import Peer
from audit.tests.minlog_queue import LOOK, PERSONAL, looked, row, states

ROWS = ("SELECT o::text FROM minlog_outbox o WHERE event_id = %s", "SELECT e::text FROM audit_event e WHERE id = %s")


def test_a_look_by_staff_and_its_row_are_committed_together(queue: Scratch) -> None:
    key = looked()
    with queue.raw() as other:
        found = other.execute(
            "SELECT source, state, next_try = recorded FROM minlog_outbox WHERE event_id = %s", (key,)
        )
        assert found.fetchone() == ("ekg", "pending", True)

    with transaction.atomic():
        undone = looked()
        transaction.set_rollback(True)
    assert not AuditEvent.objects.filter(pk=undone).exists()
    assert states() == {"pending": 1}


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (Action.EKG_IMAGE_FETCHED, {}),
        (Action.ACCESS_REFUSED, {"outcome": Outcome.MINOR}),
        (Action.EKG_RECORDING_VIEWED, {"outcome": Outcome.MINOR, "reason": "404"}),
        (Action.EKG_RECORDING_VIEWED, {"outcome": Outcome.SERIOUS, "reason": "fault"}),
        (Action.EKG_RECORDING_VIEWED, {"purpose": "PATRQT"}),
        (Action.EKG_RECORDING_VIEWED, {"purpose": "FAMRQT"}),
        (Action.EKG_RECORDING_VIEWED, {"purpose": "PWATRNY"}),
        (Action.EKG_RECORDING_VIEWED, {"purpose": "INTERNAL-AUDIT-ONLY"}),
        (Action.EKG_RECORDING_VIEWED, {"look": None}),
    ],
)
def test_what_nobody_of_the_staff_saw_is_not_told(queue: Scratch, action: Action, told: dict[str, Any]) -> None:
    looked(action, **told)
    assert states() == {}


def test_every_look_that_a_citizen_reads_of_has_its_plain_words() -> None:
    """A look that is made tomorrow fails here until somebody has said what MinLog calls it."""
    assert set(ACTIVITIES) == {action.value for action in trail.LOOKS} - {Action.LOG_VIEWED.value}
    assert {Action(action) for action in ACTIVITIES} <= set(FACTS)


def test_no_row_no_event_and_no_answer(queue: Scratch, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    with queue.raw("owner") as owner:
        owner.execute("ALTER TABLE minlog_outbox ADD CONSTRAINT full_disk CHECK (source <> 'eoj')")
    before = AuditEvent.objects.count()
    with caplog.at_level(logging.ERROR):
        with pytest.raises(NotRecorded):
            looked(Action.EOJ_VIEWED)
        for broken in (b"", b"not base64\n", b"c2hvcnQ=\n"):
            settings.MINLOG_KEY.write_bytes(broken)
            with pytest.raises(NotRecorded):
                looked()
        settings.MINLOG_KEY.unlink()
        with pytest.raises(NotRecorded):
            looked()
        assert not settings.MINLOG_KEY.exists(), "a share that is not mounted gets no key that nobody else has"
        with pytest.raises(CommandError, match="minlog_key --new"):
            call_command("minlog_key")
    with queue.raw("owner") as owner:
        owner.execute("ALTER TABLE minlog_outbox DROP CONSTRAINT full_disk")
    assert AuditEvent.objects.count() == before
    assert states() == {}
    lines = [line.getMessage() for line in caplog.records]
    unreadable = "ekg_recording.viewed not recorded: minlog key-unreadable"
    assert lines == [
        "eoj.viewed not recorded: CheckViolation",
        *[unreadable] * 3,
        unreadable.replace("unreadable", "missing"),
    ]
    call_command("minlog_key", "--new", stdout=StringIO())
    looked()
    assert states() == {"pending": 1}


def test_neither_row_nor_event_nor_log_holds_anything_personal(
    peer: Peer, queue: Scratch, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    key = looked()
    peer.fault = "not_authorized"
    with caplog.at_level(logging.DEBUG):
        delivery.sweep_once(post)
    with queue.raw() as other:
        for statement in ROWS:
            found = other.execute(statement, (key,)).fetchone()
            assert found is not None
            for word in PERSONAL:
                assert word not in found[0]
                assert word.encode().hex() not in found[0]
    assert "minlog-not-authorized" in caplog.text
    assert not [word for word in PERSONAL if word in caplog.text]
    assert settings.MINLOG_KEY.stat().st_mode & 0o77 == 0


def test_what_the_peer_calls_it_is_kept_only_where_it_looks_like_a_reference(peer: Peer) -> None:
    peer.reference = "Jens Hansen 251248-999"
    key = looked()
    assert delivery.sweep_once(post) == 1
    assert re.fullmatch("hash-[0-9a-f]{32}", row(key).ack_ref)


def test_content_cannot_be_moved_to_another_row_or_column(peer: Peer, queue: Scratch) -> None:
    one, other, third = looked(), looked(), looked()
    MinLogRow.objects.filter(pk=one).update(payload_enc=bytes(row(other).payload_enc or b""))
    swapped = row(third)
    MinLogRow.objects.filter(pk=third).update(patient_cpr_enc=swapped.payload_enc, payload_enc=swapped.patient_cpr_enc)
    delivery.sweep_once(post)
    assert [row(key).reason for key in (one, other, third)] == ["content-damaged", "", "content-damaged"]
    assert peer.calls == [str(other)], "the others are kept for somebody to look at, and the sound one goes"


def test_a_row_that_cannot_be_written_as_xml_keeps_no_other_waiting(peer: Peer) -> None:
    spoilt, sound = looked(look=LOOK._replace(reason="Aktuel\x00behandling")), looked()
    assert delivery.sweep_once(post) == 1
    assert (row(spoilt).state, row(spoilt).reason) == ("pending", "content-unreadable")
    assert peer.calls == [str(sound)]


def test_a_key_is_changed_while_rows_wait_and_taken_away_when_none_needs_it(peer: Peer, settings: Any) -> None:
    def told(*arguments: str) -> list[str]:
        said = StringIO()
        call_command("minlog_key", *arguments, stdout=said)
        return said.getvalue().splitlines()

    early = looked()
    first = keys.current()
    assert told("--new") == [f"{keys.current()} skjuler det nye, 0 rækker", f"{first} er i brug, 1 række"]
    late = looked()
    assert row(early).key_id == first != keys.current() == row(late).key_id
    lines = settings.MINLOG_KEY.read_text().splitlines(keepends=True)
    settings.MINLOG_KEY.write_text(lines[0])
    with pytest.raises(CommandError, match=first):
        told()
    delivery.sweep_once(post)
    assert (row(early).state, row(early).reason, row(late).state) == ("pending", "key-unknown", "acked")
    settings.MINLOG_KEY.write_text("".join(lines))
    MinLogRow.objects.filter(pk=early).update(next_try=row(early).recorded)
    delivery.sweep_once(post)
    assert states() == {"acked": 2}
    MinLogRow.objects.filter(pk=early).update(key_id="", patient_cpr_enc=None, payload_enc=None)
    assert told()[1:] == [f"{first} kan fjernes"]


def test_who_registers_is_a_setting_for_each_kind_of_source(peer: Peer, settings: Any) -> None:
    waiting = looked()
    settings.MINLOG |= {"eoj": "source", "journal": "none"}
    known = {looked(Action.EOJ_VIEWED): "by-source", looked(Action.OVERVIEW_VIEWED): "by-none"}
    for key, reason in known.items():
        kept = row(key)
        assert (kept.state, kept.reason, kept.key_id) == ("suppressed", reason, "")
        assert (kept.patient_cpr_enc, kept.payload_enc) == (None, None)
    delivery.sweep_once(post)
    assert peer.calls == [str(waiting)]

    late = looked()
    settings.MINLOG["ekg"] = "none"
    delivery.sweep_once(post)
    assert (row(late).state, row(late).reason, row(late).payload_enc) == ("suppressed", "by-setting", None)
    assert row(waiting).state == "acked"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM minlog_outbox",
        "TRUNCATE minlog_outbox",
        "UPDATE minlog_outbox SET state = 'lost'",
        "UPDATE minlog_outbox SET state = 'acked'",
        "UPDATE minlog_outbox SET payload_enc = NULL",
        "INSERT INTO minlog_outbox SELECT * FROM minlog_outbox",
    ],
)
def test_the_app_can_neither_lose_a_row_nor_leave_half_of_one(queue: Scratch, statement: str) -> None:
    looked()
    refusals = (psycopg.errors.InsufficientPrivilege, psycopg.errors.IntegrityError)
    with queue.raw() as app, pytest.raises(refusals):
        app.execute(statement)


def test_the_fields_are_those_of_the_table(peer: Peer) -> None:
    key = looked()
    recorded = AuditEvent.objects.get(pk=key).event["recorded"]
    delivery.sweep_once(post)
    sent = peer.known[str(key)]
    assert (sent.action, sent.message_id, sent["Id"], sent["PatientCpr"]) == (
        "urn:dk:nsp:minlog2:registration#LogDataAdd", str(key), str(key), "2512489996",
    )  # fmt: skip
    said = {child.tag.partition("}")[2]: child.text for child in part_of(sent, "Destination")}
    at = recorded[:-4] + "Z"
    assert said == {
        "SystemName": "Sundhedsjournal: EKG", "CorrelationId": str(key), "Activity": "Så EKG",
        "Reason": "Aktuel behandling", "FromDateTime": at, "ToDateTime": at, "OrganisationId": "325421000016001",
        "OrganisationName": "Lægehuset Nord", "PersonIdentifier": "0101701236", "PersonName": "Læge Anna Holm",
        "UserPersonIdentifier": "0202801237", "UserPersonName": "Sekretær Ida Lund", "UserRole": "Medhjælp",
    }  # fmt: skip
    assert (sent["Source/SystemName"], sent["Source/CorrelationId"]) == ("Sundhedsjournal", "epj-session-7")
    identified = ("OrganisationId", "PersonIdentifier", "UserPersonIdentifier")
    assert [sent.register(f"Destination/{name}") for name in identified] == ["sor", "cpr", "cpr"]


def part_of(sent: Any, name: str) -> Any:
    return sent.tree.find(f".//{{urn:dk:nsp:minlog2:registration}}{name}")


@pytest.mark.parametrize(
    ("name", "heard"), [("Læge\x00 An\x1bna\ufffe Holm", "Læge Anna Holm"), ("<Anna> & Holm", "<Anna> & Holm")]
)
def test_no_name_keeps_a_look_from_being_told(peer: Peer, name: str, heard: str) -> None:
    key = looked(look=LOOK._replace(responsible=None, user=payload.Person("cpr", "0101701236", name)))
    assert delivery.sweep_once(post) == 1
    sent = peer.known[str(key)]
    assert sent["Destination/PersonName"] == sent["Destination/UserPersonName"] == heard
