"""The national service is asked once, with its own fields; whatever it answers, nothing opens by accident."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.utils import timezone

from access.models import Case, PatientContext, RelationInbox, RelationNotification, User
from access.relation import brs, following
from access.relation.question import Unavailable
from access.tests.brs_peer import Peer, envelope, service
from access.tests.cast import JENS, NANCY, UNIT, WHY, WORDS, arrived, epj, launched, signed_in, ticket
from access.tests.conftest import Rows
from audit.models import AuditEvent
from sundhedsjournal.tests.pages import CheckingClient

FAULTS = {
    "processing_problem": "brs-processing-problem",
    "missing_required_header": "brs-missing-required-header",
    "security_level_failed": "brs-security-level-failed",
    "invalid_idcard": "brs-invalid-idcard",
    "expired_idcard": "brs-expired-idcard",
    "not_authorized": "brs-not-authorized",
}
"""Those of the guide, and our codes for them. Each is no answer: with another id-card there might have been any."""
DOWN = [
    ("status", {"status": 503}, "brs-status"),
    ("redirect", {"status": 307, "headers": {"Location": "http://127.0.0.1:1/"}}, "brs-status"),
    ("garbage", {"raw": b"<html>Bad Gateway"}, "brs-not-understood"),
    ("nothing", {"raw": b""}, "brs-not-understood"),
    ("json", {"raw": b'{"Relation": "A"}'}, "brs-not-understood"),
    ("no-answer-in-it", {"raw": envelope("")}, "brs-not-understood"),
    ("another-answer", {"raw": envelope("<b:GetNotificationsResponse/>")}, "brs-not-understood"),
    ("no-level", {"level": ""}, "brs-not-understood"),
    ("unknown-level", {"level": "A++"}, "brs-not-understood"),
    ("our-own-level", {"level": "unverified"}, "brs-not-understood"),
    ("another-reference", {"reference": str(uuid.UUID(int=7))}, "brs-other-reference"),
    ("entities", {"raw": b'<!DOCTYPE x [<!ENTITY a "A">]>' + envelope("&a;")}, "brs-not-understood"),
    ("too-large", {"raw": envelope("x" * 1_100_000)}, "brs-too-large"),
    ("silent", {"wait": 1.0}, "brs-timeout"),
    ("dripping", {"drip": 0.02}, "brs-timeout"),
    *((name, {"fault": name}, code) for name, code in FAULTS.items()),
    ("plain-fault", {"plain_fault": "expired_idcard"}, "brs-expired-idcard"),
    ("unknown-fault", {"fault": "out_of_coffee"}, "brs-fault"),
    ("fault-without-code", {"plain_fault": "Server"}, "brs-fault"),
]


@pytest.fixture
def peer(settings: Any) -> Iterator[Peer]:
    settings.RELATION_EVIDENCE, settings.RELATION_BRS_TIMEOUT = (), 5000
    with service(settings) as listening:
        yield listening


@pytest.fixture
def path(holm: Client, peer: Peer, events: Rows) -> str:
    """A launch of Nancy's record whose user is signed in and has nothing open."""
    first = launched(holm, "holm", JENS)
    holm.post(f"/k/{first}/luk")
    there = arrived(holm, ticket("holm", NANCY))
    peer.asked.clear()
    events()
    return there


def nancys() -> PatientContext:
    return PatientContext.objects.get(patient__cpr=NANCY)


def is_open() -> bool:
    return PatientContext.objects.filter(patient__cpr=NANCY).exists()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_question_has_the_fields_of_the_guide_and_carries_who_asks(holm: Client, peer: Peer, path: str) -> None:
    User.objects.filter(username="holm").update(professional_cpr="0101019995")
    before = timezone.now()
    assert holm.get(path)["Location"].startswith("/k/")
    (asked,) = peer.asked
    assert asked.fields == [
        "OrganisationIdentifier", "PatientCpr", "HealthProfessionalCpr", "RelationLookupTimeInterval", "TimeLimit",
        "ExternalReferenceId", "QueryableCvr", "MinimumAcceptableRelation", "Followup",
    ]  # fmt: skip
    assert (asked["OrganisationIdentifier"], asked.kind("OrganisationIdentifier")) == (UNIT, "SOR")
    assert (asked["PatientCpr"], asked["HealthProfessionalCpr"]) == (NANCY, "0101019995")
    assert (asked["TimeLimit"], asked["QueryableCvr"]) == ("P30D", "12345678")
    assert (asked["MinimumAcceptableRelation"], asked["Followup"]) == ("B", "true")
    assert asked["Start"][:16] == f"{before:%Y-%m-%dT%H:%M}"
    assert asked["End"] > asked["Start"]
    told = AuditEvent.objects.get(action="relation.asked", patient_ref=nancys().patient_id)
    assert (asked["ExternalReferenceId"], told.actor_subject, told.actor_organisation) == (str(told.id), "holm", UNIT)
    assert (nancys().relation, nancys().relation_reference) == ("A", told.id)


def test_the_event_is_written_before_the_call_and_outside_every_transaction(
    holm: Client, peer: Peer, path: str
) -> None:
    seen: list[tuple[int, int]] = []
    ours = connections["default"]  # this thread's own: the peer answers in another
    depth = len(ours.savepoint_ids)

    def on_ask() -> None:
        rows = ours.connection.execute("SELECT count(*) FROM audit_event WHERE action = 'relation.asked'").fetchone()
        seen.append((rows[0], len(ours.savepoint_ids) - depth))

    before = AuditEvent.objects.filter(action="relation.asked").count()
    peer.on_ask = on_ask
    assert holm.get(path)["Location"].startswith("/k/")
    assert seen == [(before + 1, 0)]


def test_a_question_whose_event_cannot_be_written_is_not_asked(holm: Client, peer: Peer, path: str) -> None:
    from unittest.mock import patch

    from audit.record import NotRecorded

    with patch("access.relation.asking.record", side_effect=NotRecorded("down")):
        assert holm.get(path).status_code == 503
    assert peer.asked == []
    assert not is_open()


@pytest.mark.parametrize("level", ["A+", "A", "B+", "B"])
def test_a_sure_relation_opens_and_leaves_nothing_to_look_at(
    holm: Client, peer: Peer, path: str, events: Rows, level: str
) -> None:
    peer.level = level
    assert holm.get(path)["Location"].startswith("/k/")
    assert nancys().relation == level
    assert events() == [("relation.asked", 0, ""), ("launch.opened", 0, "")]
    assert not Case.objects.exists()


@pytest.mark.parametrize("level", ["C", "D"])
def test_a_weak_relation_opens_and_is_followed_up_by_the_service(
    holm: Client, peer: Peer, path: str, level: str
) -> None:
    peer.level = level
    assert holm.get(path)["Location"].startswith("/k/")
    case = Case.objects.get()
    assert (case.kind, case.level, case.event) == ("relation-follow-up", level, nancys().relation_reference)
    assert case.next_try is not None
    assert case.next_try >= case.due - timedelta(minutes=1)


def test_no_relation_asks_why_and_the_service_is_not_asked_again(holm: Client, peer: Peer, path: str) -> None:
    peer.level = "E"
    assert "Der er ikke fundet en behandlingsrelation" in text(holm.get(path))
    assert not is_open()
    assert "Der er ikke fundet en behandlingsrelation" in text(holm.get(path))  # reloaded
    assert "Skriv en begrundelse på mindst 10 tegn." in text(holm.post(f"{path}aabn/", WHY))
    assert not is_open()
    assert holm.post(f"{path}aabn/", WORDS)["Location"].startswith("/k/")
    assert len(peer.asked) == 1
    assert (nancys().relation, Case.objects.get().level) == ("E", "E")


@pytest.mark.parametrize(("how", "code"), [(how, code) for _name, how, code in DOWN], ids=[each[0] for each in DOWN])
def test_without_an_answer_a_launched_clinician_goes_on_and_every_event_says_so(
    holm: Client, peer: Peer, path: str, events: Rows, how: dict[str, Any], code: str, settings: Any
) -> None:
    for name, value in how.items():
        setattr(peer, name, value)
    if code == "brs-timeout":
        settings.RELATION_BRS_TIMEOUT = 300
    opened = holm.get(path)
    assert opened["Location"].startswith("/k/")
    assert nancys().relation == "unverified"
    case = Case.objects.get()
    assert (case.kind, case.state, case.event) == ("relation-unverified", "open", nancys().relation_reference)
    holm.get(opened["Location"])
    holm.post(f"/k/{nancys().pk}/cpr")
    holm.post(f"/k/{nancys().pk}/luk")
    rows = AuditEvent.objects.filter(context=nancys().pk).exclude(action="case.opened").order_by("recorded", "id")
    assert [row.action for row in rows] == ["launch.opened", "ekg_folder.viewed", "cpr.revealed", "context.closed"]
    for row in rows:
        assert '"relation", "valueString": "unverified"' in str(row.event).replace("'", '"')
    assert f'"valueString": "{code}"' in str(rows[0].event).replace("'", '"')
    assert len(peer.asked) == 1  # and never tried twice


def test_nobody_listening_is_no_answer_either(holm: Client, peer: Peer, path: str, settings: Any) -> None:
    settings.RELATION_BRS_URL = "http://127.0.0.1:9/brs"
    assert holm.get(path)["Location"].startswith("/k/")
    assert nancys().relation == "unverified"


def test_without_an_answer_a_unit_that_is_not_vouched_for_opens_nothing(
    holm: Client, peer: Peer, path: str, events: Rows
) -> None:
    epj(unvouched=["*"])
    peer.status = 503
    refused = holm.get(path)
    assert refused.status_code == 503
    assert refused["Retry-After"] == "5"
    assert "kan ikke kontrolleres lige nu" in text(refused)
    assert "Nancy" not in text(refused)
    assert events() == [("relation.asked", 0, ""), ("launch.refused", 4, "relation-unavailable")]
    assert not is_open()
    peer.status = 200
    assert holm.get(path)["Location"].startswith("/k/")


@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
@pytest.mark.parametrize("who", ["a unit that is not vouched for", "an assistant", "somebody who typed a number"])
def test_after_a_fault_nobody_else_opens_anything(
    peer: Peer, events: Rows, caplog: pytest.LogCaptureFixture, settings: Any, who: str, fault: str, code: str
) -> None:
    client, username = CheckingClient(), "holm"
    epj(unvouched=["*"] if who.startswith("a unit") else [])
    if who == "an assistant":
        username = "lund"
        signed_in(client, username, on_behalf_of={"sub": "holm", "name": "Læge Anna Holm"})
    else:
        signed_in(client, username)
    settings.MANUAL_LOOKUP, peer.fault = True, fault
    last = ("launch.refused", 4, "relation-unavailable")
    if who == "somebody who typed a number":
        last = ("access.refused", 8, "relation-unavailable")
        events()
        refused = client.post("/opslag/", {"cpr": NANCY, **WHY})
    else:
        there = arrived(client, ticket(username, NANCY))
        events()
        refused = client.get(there)
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert "kan ikke kontrolleres lige nu" in text(refused)
    assert "Nancy" not in text(refused)
    assert events() == [("relation.asked", 0, ""), last]
    assert f"treatment relation not asked: {code}" in caplog.text
    assert not is_open()
    assert not Case.objects.exists()


def test_an_organisation_that_the_service_cannot_know_is_no_answer(holm: Client, peer: Peer, path: str) -> None:
    launched(holm, "holm", NANCY, org={"cvr": "12345678"})
    assert peer.asked == []
    assert nancys().relation == "unverified"


def test_municipal_care_is_asked_about_by_our_own_rules(holm: Client, peer: Peer) -> None:
    launched(holm, "krogh", NANCY)
    assert peer.asked == []
    assert nancys().relation == "B"


def test_an_unverified_opening_is_asked_about_until_the_service_answers(
    holm: Client, peer: Peer, path: str, events: Rows
) -> None:
    peer.status = 503
    holm.get(path)
    (first,), case = peer.asked, Case.objects.get()
    events()
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        following.sweep_once()
        following.sweep_once()
    case.refresh_from_db()
    assert (case.state, case.level) == ("open", "unverified")
    assert events() == [("relation.asked", 0, "")]
    peer.status, peer.level = 200, "B"
    with time_machine.travel(timezone.now() + timedelta(minutes=12)):
        following.sweep_once()
    case.refresh_from_db()
    assert (case.state, case.outcome, case.closed_by) == ("closed", "confirmed", None)
    again = [each for each in peer.asked if each.action.endswith("GetRelation")]
    assert {each["ExternalReferenceId"] for each in again} == {first["ExternalReferenceId"]}
    assert {each["Start"] for each in again[1:]} == {f"{case.created:%Y-%m-%dT%H:%M:%SZ}"}


def test_an_unverified_opening_that_the_service_follows_up_waits_for_its_notification(
    holm: Client, peer: Peer, path: str
) -> None:
    peer.status = 503
    holm.get(path)
    case = Case.objects.get()
    peer.status, peer.level = 200, "D"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        following.sweep_once()
    case.refresh_from_db()
    assert (case.state, case.level, case.next_try) == ("open", "D", case.due)
    peer.level = "E"
    with time_machine.travel(case.due + timedelta(minutes=1)):
        following.sweep_once()  # no notification came: asked once more at the end
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "not-confirmed")
    assert Case.objects.get(kind="relation-notification").level == "E"


@pytest.fixture
def weak(holm: Client, peer: Peer, path: str) -> Case:
    """A follow-up that the service has promised."""
    peer.level = "D"
    holm.get(path)
    return Case.objects.get()


def sweep(minutes: int = 0) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        following.sweep_once()


def offset(peer: Peer) -> str:
    return peer.asked[-1]["Offset"]


def test_a_notification_that_the_level_was_reached_ends_the_follow_up(peer: Peer, weak: Case, events: Rows) -> None:
    events()
    peer.notifications = [("17", str(weak.event), "B+")]
    sweep()
    weak.refresh_from_db()
    assert (weak.state, weak.outcome) == ("closed", "confirmed")
    assert events() == [("case.answered", 0, "confirmed")]
    assert (peer.asked[-1]["QueryableCvr"], offset(peer)) == ("12345678", "0")


def test_a_notification_that_it_was_not_is_a_case_for_the_log_controller_once(
    peer: Peer, weak: Case, events: Rows
) -> None:
    events()
    peer.notifications = [("17", str(weak.event), "E"), ("16", str(uuid.uuid4()), "B")]
    for minutes in (0, 2, 4):  # fetching again repeats them
        sweep(minutes)
    assert offset(peer) == "17"
    RelationInbox.objects.update(offset=0)
    sweep(6)
    case = Case.objects.get(kind="relation-notification")
    assert (case.event, case.level, case.user, case.context) == (weak.event, "E", weak.user, weak.context)
    assert events() == [("case.answered", 0, "not-confirmed"), ("case.opened", 0, "relation-notification")]
    assert list(RelationNotification.objects.order_by("number").values_list("number", "level")) == [
        (16, "B"),
        (17, "E"),
    ]


@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
def test_after_a_fault_the_notifications_are_fetched_from_the_same_offset(
    peer: Peer, weak: Case, caplog: pytest.LogCaptureFixture, fault: str, code: str
) -> None:
    peer.notifications = [("17", str(uuid.uuid4()), "B")]
    sweep()
    peer.notifications, peer.fault = [("18", str(weak.event), "B+")], fault
    sweep(2)
    assert offset(peer) == "17"
    assert f"notifications of treatment relations not fetched: {code}" in caplog.text
    weak.refresh_from_db()
    assert (weak.state, RelationInbox.objects.get().offset) == ("open", 17)
    peer.fault = ""
    sweep(4)
    assert offset(peer) == "17"
    weak.refresh_from_db()
    assert (weak.state, weak.outcome, RelationInbox.objects.get().offset) == ("closed", "confirmed", 18)


@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
def test_after_a_fault_an_unverified_opening_stays_one_and_is_asked_about_again(
    holm: Client, peer: Peer, path: str, caplog: pytest.LogCaptureFixture, fault: str, code: str
) -> None:
    peer.fault = fault
    holm.get(path)
    sweep(6)
    assert f"treatment relation still not asked: {code}" in caplog.text
    assert (Case.objects.get().state, Case.objects.get().level) == ("open", "unverified")
    peer.fault = ""
    sweep(12)
    assert (Case.objects.get().state, Case.objects.get().outcome) == ("closed", "confirmed")


def test_notifications_are_fetched_once_a_minute(peer: Peer, weak: Case) -> None:
    peer.asked.clear()
    for minutes in (0, 0, 0, 2):
        sweep(minutes)
    assert len(peer.asked) == 2


@pytest.mark.parametrize(
    "wrong", [("x", None, "B"), ("-1", None, "B"), ("9" * 30, None, "B"), ("1", "ingen", "B"), ("1", None, "godt")]
)
def test_of_notifications_that_make_no_sense_none_is_believed(
    peer: Peer, weak: Case, wrong: tuple[str, str | None, str]
) -> None:
    number, reference, level = wrong
    peer.notifications = [("5", str(weak.event), "A"), (number, reference or str(weak.event), level)]
    sweep()
    weak.refresh_from_db()
    assert weak.state == "open"
    assert not RelationNotification.objects.exists()
    assert RelationInbox.objects.get().offset == 0


def test_what_is_said_when_it_fails_never_holds_a_number(
    holm: Client, peer: Peer, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    peer.raw = f"<html>{NANCY}".encode()
    holm.get(path)
    assert "brs-not-understood" in caplog.text
    assert NANCY not in caplog.text
    with pytest.raises(Unavailable) as told:
        brs.notifications(0)
    assert str(told.value) == "brs-not-understood"
