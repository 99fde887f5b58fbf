"""SMART App Launch: the EPJ sends the browser with two opaque words, and the rest is found out behind its back."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from access.models import Issuer, Launch, LaunchClient, LoginTransaction, PatientContext
from access.registering import register_client
from access.tests.cast import (
    JENS,
    NANCY,
    UNIT,
    WHY,
    arrived,
    assertion,
    at_issuer,
    came_back,
    claims,
    closed_by_epj,
    epj,
    issuers,
    key,
    launched,
    ticket,
)
from access.tests.conftest import Rows
from access.tests.provider import Json, provider
from audit.models import AuditEvent
from patients.models import Patient
from sundhedsjournal.tests.pages import CheckingClient

FAILED, REFUSED = "user.sign_in_failed", "launch.refused"
PATIENT = re.compile(r"Nancy|Berggren|251248|2512489996")
CROSS = {"Sec-Fetch-Site": "cross-site"}
CPR, SOR = "urn:oid:1.2.208.176.1.2", "urn:oid:1.2.208.176.1.1"

pytestmark = pytest.mark.django_db


def unit(system: str, value: str) -> Json:
    return {"type": "Organization", "identifier": {"system": system, "value": value}}


def fhir_patient(patient_id: str, cpr: str, given: str, family: str) -> Json:
    return {
        "resourceType": "Patient",
        "id": patient_id,
        "identifier": [{"system": CPR, "value": cpr}, {"system": "urn:epj", "value": "1"}],
        "name": [{"family": family, "given": given.split()}],
    }


@pytest.fixture(autouse=True)
def _epj() -> Iterator[None]:
    """The EPJ has launched two patients, and is an issuer that may."""
    issuers(launch_client=epj(), fhir_base=provider().fhir)
    provider().patients = {
        "p1": fhir_patient("p1", NANCY, "Nancy Ann", "Berggren"),
        "p2": fhir_patient("p2", JENS, "Jens Mikkel", "Thorsen"),
    }
    provider().launches = {"launch-1": "p1", "launch-2": "p2"}
    yield
    provider().patients, provider().launches, provider().context = {}, {}, []


@pytest.fixture
def browser() -> Client:
    return CheckingClient()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def sent(client: Client, launch: str = "launch-1", iss: str | None = None) -> Any:
    """The EPJ's button."""
    asked = {"iss": provider().fhir if iss is None else iss, "launch": launch}
    return client.get(f"/launch?{urlencode(asked)}", headers=CROSS)


def opened(client: Client, launch: str = "launch-1", username: str = "holm", **changed: Any) -> str:
    """The id of the context that a SMART launch opened."""
    back = came_back(client, sent(client, launch), claims(username, **changed))
    assert back.status_code == 302, text(back)
    answer = client.get(back["Location"], headers=CROSS)
    if answer.status_code == 200:
        answer = client.post(f"{back['Location']}aabn/", WHY)
    assert answer["Location"].startswith("/k/"), answer.status_code
    return str(answer["Location"].split("/")[2])


def test_a_launch_by_smart_opens_the_patient_at_the_signed_unit(browser: Client, events: Rows) -> None:
    away = sent(browser)
    assert at_issuer(away["Location"])
    asked = dict(parse_qsl(urlsplit(away["Location"]).query))
    assert (asked["aud"], asked["launch"]) == (provider().fhir, "launch-1")
    assert set(asked["scope"].split()) == {"openid", "fhirUser", "launch", "patient/Patient.r"}
    assert events() == []
    back = came_back(browser, away, claims("holm"))
    answer = browser.get(back["Location"], headers=CROSS)
    assert events() == [("user.signed_in", 0, ""), ("launch.opened", 0, "")]
    context = PatientContext.objects.get()
    assert answer["Location"] == f"/k/{context.pk}/ekg/"
    assert (context.patient.cpr, context.patient_name, context.organisation_id, context.source) == (
        NANCY, "Nancy Ann Berggren", UNIT, "XMO",
    )  # fmt: skip
    assert (context.user.subject, context.user.display_name) == ("holm", "Læge Anna Holm")
    assert "Nancy Ann Berggren" in text(browser.get(answer["Location"]))
    row = AuditEvent.objects.get(action="launch.opened")
    assert (row.entity, row.actor_organisation) == (f"Launch/{Launch.objects.get().pk}", UNIT)


def test_the_epj_closes_what_it_launched_by_the_hash_of_its_launch(browser: Client, events: Rows) -> None:
    nancy, jens = opened(browser, "launch-1"), opened(browser, "launch-2")
    handle = hashlib.sha256(b"launch-1").hexdigest()
    events()
    answer = closed_by_epj(handle)
    assert (answer.status_code, answer.json()) == (200, {"closed": 1})
    assert events() == [("context.closed", 0, "epj")]
    assert AuditEvent.objects.get(action="context.closed").context == nancy
    assert browser.get(f"/k/{nancy}/ekg/").status_code == 410
    assert browser.get(f"/k/{jens}/ekg/").status_code == 200
    assert closed_by_epj(handle).json() == {"closed": 0}
    for other in ("launch-1", hashlib.sha256(b"launch-3").hexdigest(), handle.upper()):
        assert closed_by_epj(other).json().get("closed", 0) == 0
    assert browser.get(f"/k/{jens}/ekg/").status_code == 200


def test_another_system_closes_nothing_of_it(browser: Client) -> None:
    nancy = opened(browser, "launch-1")
    other = register_client("other", "COSMIC", key("P-384").as_dict(private=False), user_issuer=provider().staff)
    path = f"/api/contexts/{hashlib.sha256(b'launch-1').hexdigest()}/close"
    signed = assertion(path, key("P-384"), {"alg": "ES384"}, iss=other.client_id, sub=other.client_id)
    answer = Client().post(path, headers={"Authorization": f"Bearer {signed}"})
    assert (answer.status_code, answer.json()) == (200, {"closed": 0})
    assert browser.get(f"/k/{nancy}/ekg/").status_code == 200


def test_of_a_launch_the_hash_alone_is_kept(browser: Client) -> None:
    opened(browser)
    assert Launch.objects.get().handle_sha256 == hashlib.sha256(b"launch-1").hexdigest()
    for wrong in ("launch-1", "X" * 64):
        with pytest.raises(IntegrityError), transaction.atomic():
            Launch.objects.update(handle_sha256=wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Launch.objects.update(ticket_sha256="a" * 64)


def test_the_issuer_s_own_url_is_taken_for_its_fhir_server(browser: Client) -> None:
    assert at_issuer(sent(browser, iss=provider().staff)["Location"])


@pytest.mark.parametrize(
    ("iss", "launch", "code"),
    [
        ("https://evil.invalid/fhir", "launch-1", "issuer-unknown"),
        ("", "launch-1", "issuer-unknown"),
        ("FHIR", "launch-1", "issuer-unknown"),
        ("CITIZENS", "launch-1", "issuer-unknown"),
        ("x" * 2001, "launch-1", "issuer-unknown"),
        ("a\x00b", "launch-1", "issuer-unknown"),
        (None, "", "launch-missing"),
        (None, "x" * 2001, "launch-missing"),
        (None, "a\x00b", "launch-missing"),
    ],
)
def test_from_a_stranger_nothing_is_fetched(
    browser: Client, events: Rows, iss: str | None, launch: str, code: str
) -> None:
    known = {"FHIR": f"{provider().fhir}/", "CITIZENS": provider().citizens}
    provider().asked.clear()
    answer = sent(browser, launch, known.get(iss or "", iss))
    assert answer.status_code == 403
    assert provider().asked == []
    assert events() == [(REFUSED, 4, code)]
    assert not LoginTransaction.objects.exists()
    assert browser.get("/launch").status_code == 403


def test_an_issuer_that_does_not_launch_is_a_stranger_at_this_door(browser: Client, events: Rows) -> None:
    issuers()
    assert sent(browser, iss=provider().staff).status_code == 403
    assert events() == [(REFUSED, 4, "issuer-unknown")]


@pytest.mark.parametrize(
    ("how", "who", "code"),
    [
        ({"token": {"patient": ""}}, {}, "patient-missing"),
        ({"token": {"patient": None}}, {}, "patient-missing"),
        ({"token": {"patient": "../Patient/p2"}}, {}, "patient-missing"),
        ({"token": {"patient": ["p1"]}}, {}, "patient-missing"),
        ({"token": {"patient": "p2"}}, {}, "issuer-answer"),  # not the one that this access token is for
        ({"patient": {"id": "p2"}}, {}, "patient-other"),
        ({"patient": {"resourceType": "Person"}}, {}, "patient-other"),
        ({"patient": {"identifier": []}}, {}, "patient-cpr"),
        ({"patient": {"identifier": [{"system": CPR, "value": 2512489996}]}}, {}, "patient-cpr"),
        ({"patient": {"identifier": [{"system": CPR, "value": "3113489996"}]}}, {}, "patient-cpr"),
        ({"patient": {"identifier": [{"system": CPR, "value": one} for one in (NANCY, JENS)]}}, {}, "patient-cpr"),
        ({"patient": {"padding": "x" * 300_000}}, {}, "issuer-answer"),
        ({}, {"organization": None}, "organisation-missing"),
        ({"token": {"fhirContext": [{"reference": "Organization/999000000000111"}]}}, {}, "organisation-mismatch"),
        ({"token": {"fhirContext": [unit(SOR, "999000000000111")]}}, {}, "organisation-mismatch"),
        ({"token": {"fhirContext": [unit("urn:x", UNIT)]}}, {}, "organisation-mismatch"),
        ({"token": {"fhirContext": "Organization"}}, {}, "fhir-context"),
        ({}, {"role": "operator"}, "user-role"),
        ({"claims": {"nonce": "x" * 43}}, {}, "token-nonce"),
    ],
)  # fmt: skip
def test_what_is_not_certain_opens_nothing(
    browser: Client, events: Rows, how: dict[str, Any], who: dict[str, Any], code: str
) -> None:
    away = sent(browser)
    with provider().breaking(**how):
        answer = came_back(browser, away, claims("holm", **who))
    assert answer.status_code == 403
    assert not PATIENT.search(text(answer))
    assert events() == [(FAILED, 4, code)]
    assert "_auth_user_id" not in browser.session
    assert not Launch.objects.exists()
    assert not PatientContext.objects.exists()


@pytest.mark.parametrize(
    "context",
    [
        [{"reference": f"Organization/{UNIT}"}],
        [{"reference": "Organization/12"}],
        [{"reference": "Organization/afdeling-4"}],
        [unit(SOR, UNIT), {"reference": "Encounter/999000000000111"}],
    ],
)  # fmt: skip
def test_a_context_that_names_the_same_unit_or_no_number_is_fine(browser: Client, context: list[Json]) -> None:
    provider().context = context
    opened(browser)


def test_a_role_that_opens_no_record_is_told_so(browser: Client, events: Rows) -> None:
    answer = came_back(browser, sent(browser), claims("kontrol"))
    assert answer.status_code == 410
    assert events() == [(REFUSED, 4, "user-role")]
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("change", [{"active": False}, {"organisations": ["sor:999000000000111"]}])
def test_the_system_must_be_active_and_may_be_held_to_its_units(
    browser: Client, events: Rows, change: dict[str, Any]
) -> None:
    away = sent(browser)
    LaunchClient.objects.update(**change)
    answer = came_back(browser, away, claims("holm"))
    assert answer.status_code in {403, 410}
    assert events()[-1][2] in {"client-inactive", "organisation-not-allowed"}
    assert "_auth_user_id" not in browser.session


def test_a_second_patient_is_opened_by_a_click_and_the_first_stays_open(browser: Client, events: Rows) -> None:
    first = opened(browser)
    old_key = browser.session.session_key
    back = came_back(browser, sent(browser, "launch-2"), claims("holm"))
    assert browser.session.session_key != old_key
    events()
    page = browser.get(back["Location"], headers=CROSS)
    assert page.status_code == 200
    assert "Jens Mikkel Thorsen" in text(page)
    assert events() == []
    second = browser.post(f"{back['Location']}aabn/", WHY)["Location"].split("/")[2]
    for context, name, other in ((first, "Nancy", "Jens"), (second, "Jens", "Nancy")):
        shown = text(browser.get(f"/k/{context}/ekg/"))
        assert name in shown
        assert other not in shown
    thief = CheckingClient()
    thief.cookies["sj"] = str(old_key)
    assert thief.get(f"/k/{first}/ekg/").status_code == 401


def test_two_tabs_that_sign_in_at_once_never_overwrite_each_other(browser: Client) -> None:
    """Both leave before either is back: by ticket and by SMART, answered in the other order."""
    by_ticket = arrived(browser, ticket("holm", NANCY))
    one, two, three = browser.get(by_ticket), sent(browser, "launch-2"), sent(browser, "launch-1")
    backs = [came_back(browser, away, claims("holm"))["Location"] for away in (three, two, one)]
    assert len(set(backs)) == 3
    contexts = []
    for back in backs:
        answer = browser.get(back, headers=CROSS)
        if answer.status_code == 200:
            answer = browser.post(f"{back}aabn/", WHY)
        contexts.append(answer["Location"].split("/")[2])
    patients = [PatientContext.objects.get(pk=context).patient.cpr for context in contexts]
    assert patients == [NANCY, JENS, NANCY]
    for context in contexts:
        assert browser.get(f"/k/{context}/ekg/").status_code == 200


def test_another_person_s_launch_ends_what_was_open(browser: Client) -> None:
    first = opened(browser)
    opened(browser, "launch-2", "kvist")
    assert browser.get(f"/k/{first}/ekg/").status_code == 404
    assert PatientContext.objects.get(pk=first).closed_reason == "signed-in-again"


def test_a_ticket_for_another_unit_asks_the_issuer_anew(browser: Client, events: Rows) -> None:
    first = launched(browser, "holm", NANCY)
    path = arrived(browser, ticket("holm", JENS, org={"sor": "999000000000111"}))
    away = browser.get(path, headers=CROSS)
    assert at_issuer(away["Location"])
    assert browser.post(f"{path}aabn/", WHY)["Location"] == path
    events()
    assert came_back(browser, away, claims("holm")).status_code == 403
    assert events() == [(REFUSED, 4, "organisation-mismatch")]
    assert browser.get(f"/k/{first}/ekg/").status_code == 200
    there = claims("holm", organization={"sor": "999000000000111"})
    assert came_back(browser, browser.get(path, headers=CROSS), there)["Location"] == path
    assert browser.post(f"{path}aabn/", WHY)["Location"].startswith("/k/")
    assert browser.get(f"/k/{first}/ekg/").status_code == 200


def test_no_number_and_no_name_in_any_address_on_the_way(browser: Client) -> None:
    away = sent(browser)
    back = came_back(browser, away, claims("holm", cpr="0101909990"))
    on = browser.get(back["Location"], headers=CROSS)
    for address in (away["Location"], back["Location"], on["Location"], *provider().asked):
        assert not re.search(r"\d{6}-?\d{4}(?!\d)|Nancy|Holm", address)
    assert Patient.objects.count() == 1


def test_the_tables_refuse_issuers_that_are_not_whole() -> None:
    staff, citizens = Issuer.objects.filter(door="k"), Issuer.objects.filter(door="borger")
    now = timezone.now()
    base: dict[str, Any] = {"issuer": staff.get(), "created": now, "expires": now, "nonce": "x", "verifier": "x"}
    hashes = {"state_sha256": "0" * 64, "browser_sha256": "0" * 64}
    wrongs: list[Any] = [
        lambda: staff.update(algorithms=[]),
        lambda: staff.update(algorithms=["HS256"]),
        lambda: staff.update(algorithms=["none", "RS256"]),
        lambda: staff.update(acr_values=[]),
        lambda: staff.update(roles=["operator"]),
        lambda: staff.update(roles=["citizen"]),
        lambda: citizens.update(roles=["clinician"]),
        lambda: staff.update(launch_client=None),
        lambda: staff.update(fhir_base=""),
        lambda: citizens.update(launches=True, fhir_base="x", launch_client=LaunchClient.objects.get()),
        lambda: LoginTransaction.objects.create(**base, **hashes, door="ticket"),
        lambda: LoginTransaction.objects.create(**base, **hashes, door="smart"),
        lambda: LoginTransaction.objects.create(**base, **hashes, door="staff", smart_launch="x"),
        lambda: LoginTransaction.objects.create(**base, **{**hashes, "state_sha256": "a-state"}, door="staff"),
        lambda: LoginTransaction.objects.create(**base, **hashes, door="staff", used_at=now),
    ]
    for wrong in wrongs:
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
