"""Opening by a CPR number: only where it is allowed, by a clinician with a unit and a reason, and looked at later."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from access.models import AccessReason, Case, PatientContext, User
from access.tests.brs_peer import Peer, service
from access.tests.cast import NANCY, UNIT, WHY, WORDS, issuers, launched, own, person
from access.tests.conftest import Rows
from audit.models import AuditEvent
from sundhedsjournal.tests.pages import CheckingClient

PAGE = "/opslag/"


@pytest.fixture(autouse=True)
def _allowed(settings: Any) -> None:
    settings.MANUAL_LOOKUP = True
    settings.RELATION_EVIDENCE = ()


def signed_in(username: str = "holm", organisation: object = "own") -> Client:
    """A browser in which somebody is signed in, with the unit that the login tells."""
    client = CheckingClient()
    client.force_login(person(username))
    session = client.session
    session["organization"] = {"sor": UNIT} if organisation == "own" else organisation
    session.save()
    return client


@pytest.fixture
def doctor(db: None) -> Client:
    return signed_in()


@pytest.fixture
def peer(settings: Any) -> Iterator[Peer]:
    settings.RELATION_BRS_TIMEOUT = 300
    with service(settings) as listening:
        yield listening


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_form_opens_the_record_and_every_use_is_looked_at(doctor: Client, events: Rows) -> None:
    page = doctor.get(PAGE)
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert "Hvorfor åbner du journalen?" in text(page)
    assert " checked" not in text(page)
    events()
    opened = doctor.post(PAGE, {"cpr": "251248-9996", **WHY})
    assert (opened.status_code, NANCY in opened["Location"]) == (303, False)
    assert events() == [
        ("lookup.opened", 0, ""), ("case.opened", 0, "manual-lookup"), ("case.opened", 0, "relation-follow-up"),
    ]  # fmt: skip
    context = PatientContext.objects.get()
    assert (context.client, context.source, context.organisation_id, context.relation, context.ground) == (
        None, "manual", UNIT, "D", "treatment",
    )  # fmt: skip
    manual = Case.objects.get(kind="manual-lookup")
    assert (manual.user.username, manual.context, manual.ground, manual.next_try) == (
        "holm", context.pk, "treatment", None,
    )  # fmt: skip
    assert AccessReason.objects.get() == manual.reason
    record = doctor.get(opened["Location"])
    assert record.status_code == 200
    assert "251248-9996" in text(record)  # the room of these tests shows all
    gone = doctor.post(f"/k/{context.pk}/luk")
    assert gone.status_code == 200
    assert "Åbn journalen igen fra opslag på CPR-nummer." in text(doctor.get(opened["Location"]))


def test_the_follow_up_is_ordered_from_the_service_every_time(doctor: Client, peer: Peer) -> None:
    peer.level = "A"
    assert doctor.post(PAGE, {"cpr": NANCY, **WHY}).status_code == 303
    (asked,) = peer.asked
    assert (asked["Followup"], asked["PatientCpr"], asked["OrganisationIdentifier"]) == ("true", NANCY, UNIT)
    case = Case.objects.get()
    assert (case.kind, case.level, str(case.event)) == ("manual-lookup", "A", asked["ExternalReferenceId"])


def test_with_the_service_down_nothing_is_opened_by_hand(doctor: Client, peer: Peer, events: Rows) -> None:
    peer.status = 503
    answer = doctor.post(PAGE, {"cpr": NANCY, **WHY})
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "kan ikke kontrolleres lige nu" in text(answer)
    assert events()[-2:] == [("relation.asked", 0, ""), ("access.refused", 8, "relation-unavailable")]
    assert not PatientContext.objects.exists()
    assert not Case.objects.exists()


def test_a_deployment_may_refuse_whoever_has_no_relation(doctor: Client, events: Rows, settings: Any) -> None:
    settings.RELATION_MANUAL_LEVEL, settings.RELATION_E = "E", "deny"
    answer = doctor.post(PAGE, {"cpr": NANCY, **WHY})
    assert answer.status_code == 403
    assert events()[-1] == ("access.refused", 4, "relation-denied")
    assert not PatientContext.objects.exists()


def test_without_any_relation_words_are_asked_for_here_too(doctor: Client, settings: Any) -> None:
    settings.RELATION_MANUAL_LEVEL = "E"
    again = doctor.post(PAGE, {"cpr": NANCY, **WHY})
    assert again.status_code == 422
    assert "Skriv en begrundelse på mindst 10 tegn." in text(again)
    assert re.search(r'<textarea[^>]*aria-invalid="true"\s+autofocus', text(again))
    assert text(again).count(" autofocus") == 1
    assert not PatientContext.objects.exists()
    assert doctor.post(PAGE, {"cpr": NANCY, **WORDS}).status_code == 303
    assert PatientContext.objects.get().relation == "E"


@pytest.mark.parametrize(
    "posted",
    [
        {"cpr": NANCY},
        {"cpr": NANCY, "formaal": "x"},
        {"cpr": NANCY, "formaal": "other", "begrundelse": "kort"},
        {"cpr": NANCY, "formaal": "other", "begrundelse": "\u200b" * 20},
        {"cpr": "", **WHY},
        {"cpr": "310299-9996", **WHY},
        {"cpr": "2512489996" * 9, **WHY},
        {},
    ],
)
def test_a_number_or_a_purpose_that_is_missing_opens_nothing(
    doctor: Client, events: Rows, posted: dict[str, str]
) -> None:
    answer = doctor.post(PAGE, posted)
    assert answer.status_code == 422
    assert 'role="alert"' in text(answer)
    assert not PatientContext.objects.exists()


def test_a_number_in_the_address_is_not_read(doctor: Client) -> None:
    answer = doctor.get(f"{PAGE}?cpr={NANCY}&formaal=treatment")
    assert NANCY not in text(answer)
    assert not PatientContext.objects.exists()


def test_it_takes_a_token_of_our_own_page(doctor: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = doctor.cookies
    assert strict.post(PAGE, {"cpr": NANCY, **WHY}).status_code == 403
    assert not PatientContext.objects.exists()


@pytest.mark.parametrize("username", ["krogh", "drift"])
def test_it_is_for_clinicians_alone(events: Rows, username: str) -> None:
    other = signed_in(username)
    for answer in (other.get(PAGE), other.post(PAGE, {"cpr": NANCY, **WHY})):
        assert answer.status_code == 403
    assert events() == [("access.refused", 4, "role")] * 2


def test_a_citizen_cannot_use_it(holm: Client, events: Rows) -> None:
    own(holm, "nancy")
    events()
    assert holm.post(PAGE, {"cpr": "1404619935", **WHY}).status_code == 403
    assert events() == [("access.refused", 4, "role")]


@pytest.mark.parametrize(
    "told", [None, {}, "999000000000210", {"sor": ""}, {"sor": 7}, {"gln": "1"}, {"sor": "1", "cvr": "2"}]
)
def test_the_unit_comes_from_the_login_or_nothing_opens(events: Rows, told: object) -> None:
    client = signed_in(organisation=told)
    for answer in (client.get(PAGE), client.post(PAGE, {"cpr": NANCY, "organization": UNIT, **WHY})):
        assert answer.status_code == 403
        assert "Dit login oplyser ikke, hvilken enhed" in text(answer)
    assert events() == [("access.refused", 4, "no-organisation")] * 2


def test_who_is_not_signed_in_meets_the_sign_in_page_and_leaves_a_line(client: Client, events: Rows) -> None:
    issuers()
    for answer in (client.get(PAGE), client.post(PAGE, {"cpr": NANCY, **WHY})):
        assert answer.status_code == 401
        assert "Regionens login" in text(answer)
        assert NANCY not in text(answer)
    assert events() == [("access.refused", 4, "signed-out")] * 2


def test_where_it_is_not_allowed_there_is_no_such_page(doctor: Client, settings: Any, events: Rows) -> None:
    settings.MANUAL_LOOKUP, settings.ROOT_URLCONF = False, "sundhedsjournal.urls"
    events()
    strict = Client(enforce_csrf_checks=True)
    for client in (doctor, strict):
        for ask in (client.get, client.post, client.delete):
            there, nowhere = ask(PAGE), ask("/opslog/")
            assert there.status_code == 404
            assert there.content.replace(b"opslag", b"opslog") == nowhere.content
        assert client.get("/opslag").status_code == 404
    assert events() == []


def test_only_staff_with_a_unit_have_a_record_that_no_system_launched(doctor: Client, holm: Client) -> None:
    doctor.post(PAGE, {"cpr": NANCY, **WHY})
    launched(holm, "holm", NANCY)
    manual, theirs = PatientContext.objects.get(client=None), PatientContext.objects.get(client__isnull=False)
    for context, changed in (
        (manual, {"source": "XMO"}),
        (manual, {"organisation_id": ""}),
        (manual, {"organisation_system": ""}),
        (manual, {"audience": "citizen"}),
        (theirs, {"client": None}),
        (theirs, {"relation": "F"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PatientContext.objects.filter(pk=context.pk).update(**changed)


def test_what_was_typed_stands_in_no_event(doctor: Client) -> None:
    doctor.post(PAGE, {"cpr": NANCY, "formaal": "other", "begrundelse": "Set på gangen af portøren."})
    rows = "".join(str(row) for row in AuditEvent.objects.values_list("event", flat=True))
    assert NANCY not in rows
    assert "portøren" not in rows
    assert User.objects.get(username="holm").last_login is not None
