"""A citizen's own record: signed in, opened by a press, shown behind the citizens' door alone, and ended calmly."""

import json
import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from access import contexts
from access.models import Issuer, Launch, PatientContext, Role, User
from access.tests.cast import (
    ISSUER,
    JENS,
    LOGINS,
    NANCY,
    arrived,
    ask_ticket,
    came_back,
    citizen,
    citizen_claims,
    citizen_signs_in,
    claims,
    epj,
    issuers,
    launched,
    own,
    ticket,
    wish,
)
from access.tests.conftest import Rows
from access.tests.provider import provider
from audit.models import AuditEvent
from audit.record import NotRecorded
from patients.registry import patient_for
from sundhedsjournal.tests.pages import CheckingClient

REFUSED, VIEWED = "access.refused", "eoj.viewed"
PATIENT = re.compile(r"Nancy|Berggren|251248|2512489996")
STAFF_WORDS = re.compile(r"journalsystem|Åbnet fra|Formål|Luk journalen|XMO")
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


def text(answer: Any) -> str:
    return str(answer.content.decode())


def url(context: str, rest: str = "kommune/") -> str:
    return f"/borger/{context}/{rest}"


@pytest.fixture
def browser() -> Client:
    return CheckingClient()


@pytest.fixture
def hers(browser: Client, events: Rows) -> str:
    """Nancy's own record, open in that browser as herself."""
    context = own(browser, "nancy")
    events()
    return context


# ── the way in ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_citizen_signs_in_and_sees_what_is_her_own_with_a_line_first(browser: Client, events: Rows) -> None:
    context = own(browser, "nancy")
    assert events() == [("user.signed_in", 0, ""), ("context.opened", 0, "")]
    page = browser.get(url(context))
    assert page.status_code == 200
    assert events() == [(VIEWED, 0, "")]
    user, patient = User.objects.get(username="nancy"), patient_for(NANCY)
    for row in (AuditEvent.objects.get(pk=page["X-Audit-Id"]), AuditEvent.objects.get(action="context.opened")):
        assert (row.purpose, row.patient_ref, row.actor_ref, row.context) == ("PATRQT", patient.pk, user.pk, context)
        assert (row.actor_role, row.actor_issuer, row.actor_organisation) == ("citizen", LOGINS, "")
        assert row.correlation == PatientContext.objects.get().correlation_id


def test_the_page_says_that_the_data_are_one_s_own_and_every_way_on_is_behind_the_same_door(
    browser: Client, hers: str
) -> None:
    page = text(browser.get(url(hers)))
    for said in ("Du ser dine egne data.", "Nancy Ann Berggren", "Log ud", "Dit opslag er registreret."):
        assert said in page
    assert not STAFF_WORDS.search(page)
    ways = set(re.findall(r'(?:href|action|hx-post|hx-get)="(/[^"]*)"', page)) - {"/log-ud/"}
    ways = {way for way in ways if not way.startswith(("/static/", "/indstillinger/"))}
    assert ways == {url(hers), url(hers, "ekg/"), url(hers, ""), url(hers, "log/"), url(hers, "cpr")}


def test_her_own_cpr_number_is_shown_on_demand(browser: Client, hers: str, events: Rows) -> None:
    page, part = browser.post(url(hers, "cpr")), browser.post(url(hers, "cpr"), headers=HTMX)
    assert "251248-9996" in text(page)
    assert "251248-9996" in text(part)
    assert f'href="{url(hers)}"' in text(page)
    assert events() == [("cpr.revealed", 0, "")] * 2


def test_no_get_opens_anything_and_one_open_record_serves_every_tab(browser: Client, hers: str, events: Rows) -> None:
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Purpose": "prefetch"}):
        page = browser.get("/borger/", headers=headers)
        assert page.status_code == 200
        assert "Du er logget ind som Nancy Ann Berggren." in text(page)
        assert hers not in text(page)
    assert browser.get("/borger/log-ind/").status_code == 405
    for _ in range(3):
        assert browser.post("/borger/")["Location"] == url(hers)
    assert events() == []
    assert PatientContext.objects.count() == 1
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post("/borger/").status_code == 403
    assert strict.post("/borger/log-ind/", {"username": "nancy"}).status_code == 403


def test_an_expired_record_is_opened_anew_by_a_press(browser: Client, hers: str, events: Rows) -> None:
    PatientContext.objects.update(expires=timezone.now())
    again = browser.post("/borger/")["Location"]
    assert again != url(hers)
    assert events() == [("context.opened", 0, "")]
    assert browser.get(again).status_code == 200
    assert browser.get(url(hers)).status_code == 410
    assert "Din adgang er udløbet." in text(browser.get(url(hers)))
    assert PatientContext.objects.get(pk=hers).closed_reason == "expired"


def test_two_presses_at_the_same_moment_open_one_record(browser: Client) -> None:
    """The second has looked before the first has committed, and finds out when it writes."""
    hers = contexts.Opening(citizen("nancy"), Role.CITIZEN, patient_for(NANCY).pk, "", "one-visit")
    first, is_new = contexts.open_own(hers, "a" * 64)
    with patch("access.contexts.QuerySet.first", return_value=None):
        second, is_new_too = contexts.open_own(hers, "a" * 64)
    assert (first.pk, is_new, is_new_too) == (second.pk, True, False)


def test_where_no_issuer_of_citizens_is_registered_no_citizen_gets_in(browser: Client, events: Rows) -> None:
    user = citizen("nancy")
    user.set_password("rigtig")
    user.save()
    page = browser.get("/borger/")
    assert page.status_code == 200
    assert "Borgere kan ikke logge ind her endnu." in text(page)
    assert "Nancy" not in text(page)
    form = {"username": "nancy", "password": "rigtig"}
    assert browser.post("/borger/log-ind/", form).status_code == 403
    assert browser.post("/borger/").status_code == 200
    for door in ("/log-ind/", "/admin/login/"):
        assert browser.post(door, form).status_code == 403
    assert [row[:2] for row in events()] == [("user.sign_in_failed", 4)] * 3
    assert "_auth_user_id" not in browser.session


def test_each_sign_in_page_offers_its_own_issuers_and_takes_no_other(browser: Client, events: Rows) -> None:
    staff, citizens = issuers()
    for_citizens, for_staff = browser.get("/borger/"), browser.get("/log-ind/")
    assert "Log ind med MitID" in text(for_citizens)
    assert "Regionens login" not in text(for_citizens)
    assert "MitID" not in text(for_staff)
    assert "Log ind med Regionens login" in text(for_staff)
    for page in (for_citizens, for_staff):
        # Chromium holds a form's redirects to form-action too.
        assert f"form-action 'self' {provider().url};" in page["Content-Security-Policy"] + ";"
    for wrong in (staff.pk, 0, "x", "9" * 30, ""):
        assert browser.post("/borger/log-ind/", {"issuer": wrong}).status_code == 403
    assert browser.post("/log-ind/", {"issuer": citizens.pk}).status_code == 403
    assert events() == [("user.sign_in_failed", 4, "issuer-unknown")] * 6
    Issuer.objects.update(active=False)
    assert "MitID" not in text(browser.get("/borger/"))
    assert browser.post("/borger/log-ind/", {"issuer": citizens.pk}).status_code == 403
    assert "_auth_user_id" not in browser.session


def test_an_opening_that_cannot_be_recorded_opens_nothing(browser: Client) -> None:
    _, citizens = issuers()
    left = browser.post("/borger/log-ind/", {"issuer": citizens.pk})
    with patch("access.opening.record", side_effect=NotRecorded("down")):
        assert came_back(browser, left, citizen_claims("nancy")).status_code == 503
    assert not PatientContext.objects.exists()
    assert browser.get(url(own(browser, "nancy"))).status_code == 200


def test_a_citizen_stays_the_same_patient(browser: Client, hers: str, events: Rows) -> None:
    _, citizens = issuers()
    for changed in ({"cpr": JENS}, {"sub": "another-name-for-her"}):
        left = CheckingClient()
        away = left.post("/borger/log-ind/", {"issuer": citizens.pk})
        assert came_back(left, away, citizen_claims("nancy", **changed)).status_code == 403
        assert events() == [("user.sign_in_failed", 4, "citizen-changed")]
    assert User.objects.filter(role=Role.CITIZEN).count() == 1


def test_a_login_on_its_way_lets_nobody_in_again_who_is_switched_off(browser: Client) -> None:
    citizen("nancy")

    def meanwhile(number: str) -> Any:
        User.objects.filter(username="nancy").update(is_active=False)
        return patient_for(number)

    with patch("access.oidc.people.patient_for", side_effect=meanwhile):
        citizen_signs_in(browser, "nancy")
    assert not User.objects.get(username="nancy").is_active
    assert browser.post("/til-stede/").status_code == 401


def test_what_others_have_given_leave_to_is_kept_by_the_session_without_a_number(browser: Client) -> None:
    power = {"giver_cpr": JENS, "giver_name": "Jens Mikkel Thorsen", "privileges": ["se_ekg"], "expires": 1_900_000_000}
    own(browser, "nancy", powers=[power])
    assert browser.session["powers"] == [
        {
            "giver": str(patient_for(JENS).pk),
            "giver_name": "Jens Mikkel Thorsen",
            "privileges": ["se_ekg"],
            "expires": 1_900_000_000,
        }
    ]
    assert JENS not in json.dumps(dict(browser.session))
    assert NANCY not in json.dumps(dict(browser.session))


# ── the doors ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_wrong_way_to_a_record_meets_one_page_byte_for_byte(browser: Client, hers: str, events: Rows) -> None:
    jens, elsewhere, holm = CheckingClient(), CheckingClient(), CheckingClient()
    own(jens, "jens")
    own(elsewhere, "nancy")
    of_holm = launched(holm, "holm", NANCY)
    another = PatientContext.objects.get(user__username="jens").pk
    events()
    wrong = [
        (browser, f"/k/{hers}/kommune/", "context-of-another-door"),
        (browser, f"/k/{hers}/ekg/", "context-of-another-door"),
        (browser, f"/k/{hers}/cpr", "context-of-another-door"),
        (holm, f"/borger/{of_holm}/kommune/", "context-of-another-door"),
        (holm, f"/borger/{of_holm}/luk", "context-of-another-door"),
        (browser, f"/borger/{another}/kommune/", "context-of-another-user"),
        (browser, f"/borger/{of_holm}/kommune/", "context-of-another-user"),
        (browser, f"/k/{of_holm}/kommune/", "context-of-another-user"),
        (holm, f"/k/{hers}/kommune/", "context-of-another-user"),
        (holm, f"/borger/{hers}/kommune/", "context-of-another-user"),
        (elsewhere, f"/borger/{hers}/kommune/", "context-of-another-session"),
        (browser, f"/borger/{'x' * 22}/kommune/", "context-unknown"),
        (holm, f"/k/{'x' * 22}/kommune/", "context-unknown"),
    ]
    answers = [client.get(address) for client, address, _ in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert not PATIENT.search(text(answers[0]))
    assert events() == [(REFUSED, 4, reason) for _, _, reason in wrong]
    parts = {client.get(address, headers=HTMX).content for client, address, _ in wrong}
    assert len(parts) == 1
    assert browser.get(url(hers)).status_code == 200
    assert holm.get(f"/k/{of_holm}/kommune/").status_code == 200


def test_a_room_that_is_behind_no_door_is_shut(holm: Client, nancy: str) -> None:
    with pytest.raises(TypeError):
        holm.get(f"/k/{nancy}/uden-doer/")


def test_staff_at_the_citizens_door_are_shown_nothing(holm: Client, nancy: str, events: Rows) -> None:
    page = holm.get("/borger/")
    assert page.status_code == 200
    assert "Læge Anna Holm er logget ind i denne browser" in text(page)
    assert not PATIENT.search(text(page))
    assert events() == []
    refused = holm.post("/borger/")
    assert refused.status_code == 403
    assert events() == [(REFUSED, 4, "role")]
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 200


def test_who_signs_in_as_a_citizen_leaves_the_staff_s_records_closed(holm: Client, nancy: str) -> None:
    own(holm, "jens")
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 404
    assert PatientContext.objects.get(pk=nancy).closed_reason == "signed-in-again"


@pytest.mark.parametrize("path", ["/", "/log-ind/", "/admin/", "/admin/access/user/"])
def test_a_citizen_finds_nothing_at_the_staff_s_doors(browser: Client, hers: str, settings: Any, path: str) -> None:
    settings.ROOT_URLCONF = "access.tests.urls_with_admin"
    answer = browser.get(path)
    assert answer.status_code == (302 if path.startswith("/admin/") else 200)
    assert not PATIENT.search(text(answer))


def test_no_system_opens_a_record_for_a_citizen(browser: Client, events: Rows) -> None:
    citizen("nancy")
    epj(user_issuer=LOGINS)
    assert ask_ticket(wish("nancy", JENS, user_iss=LOGINS)).status_code == 403
    assert events() == [("launch_ticket.refused", 4, "issuer-unknown")]
    epj()
    User.objects.filter(username="nancy").update(issuer=ISSUER)
    assert ask_ticket(wish("nancy", JENS)).status_code == 403
    assert events() == [("launch_ticket.refused", 4, "user-role")]
    assert not Launch.objects.exists()


def test_a_launch_for_somebody_who_has_become_a_citizen_meanwhile_opens_nothing(browser: Client, events: Rows) -> None:
    path = arrived(browser, ticket("holm", NANCY))
    assert came_back(browser, browser.get(path), claims("holm"))["Location"] == path
    User.objects.filter(username="holm").update(role=Role.CITIZEN, patient=patient_for(NANCY))
    events()
    assert browser.get(path).status_code == 410
    assert events() == [("launch.refused", 4, "user-role")]
    assert not PatientContext.objects.exists()


def test_a_launched_record_is_not_kept_by_somebody_who_becomes_a_citizen(
    holm: Client, nancy: str, events: Rows
) -> None:
    User.objects.filter(username="holm").update(role=Role.CITIZEN, patient=patient_for(NANCY))
    assert holm.get(f"/k/{nancy}/kommune/").status_code == 403
    assert holm.get(f"/borger/{nancy}/kommune/").status_code == 404
    assert events() == [(REFUSED, 4, "role"), (REFUSED, 4, "context-of-another-door")]


def test_a_citizen_opens_her_ekgs_at_her_own_door_and_at_no_other(browser: Client, hers: str, events: Rows) -> None:
    assert browser.get(url(hers, "kommune/hjerte/")).status_code == 200
    assert browser.get(f"/k/{hers}/ekg/").status_code == 404
    assert events() == [("ekg_folder.viewed", 0, ""), (REFUSED, 4, "context-of-another-door")]


def test_a_citizen_sees_oneself_and_nobody_else_at_every_request(browser: Client, hers: str, events: Rows) -> None:
    PatientContext.objects.update(patient=patient_for(JENS))
    answer = browser.get(url(hers))
    assert answer.status_code == 403
    assert events() == [(REFUSED, 4, "not-own")]
    assert "Jens" not in text(answer)


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def signed_out(client: Client, context: str) -> Client:
    return CheckingClient()


def closed(client: Client, context: str) -> Client:
    contexts.close(context, PatientContext.Closed.OPERATOR)
    return client


def closed_by_herself(client: Client, context: str) -> Client:
    page = client.post(url(context, "luk"))
    assert "Vil du se dine data igen, så log ind igen." in text(page)
    return client


def idle(client: Client, context: str) -> Client:
    PatientContext.objects.update(last_seen=timezone.now() - timedelta(minutes=30))
    return client


def too_old(client: Client, context: str) -> Client:
    PatientContext.objects.update(expires=timezone.now() - timedelta(seconds=1))
    return client


def switched_off(client: Client, context: str) -> Client:
    User.objects.filter(username="nancy").update(is_active=False)
    return client


ENDS = [
    (signed_out, 401, "signed-out", "Din adgang er udløbet."),
    (switched_off, 401, "signed-out", "Din adgang er udløbet."),
    (closed, 410, "context-closed", "Adgangen til dine data er lukket."),
    (closed_by_herself, 410, "context-closed", "Adgangen til dine data er lukket."),
    (idle, 410, "context-expired", "Din adgang er udløbet."),
    (too_old, 410, "context-expired", "Din adgang er udløbet."),
]


@pytest.mark.parametrize(("change", "status", "reason", "sentence"), ENDS, ids=[case[0].__name__ for case in ENDS])
@pytest.mark.parametrize(("rest", "headers"), [("kommune/", {}), ("kommune/", HTMX), ("kommune/hjerte/", HTMX)])
def test_what_has_ended_is_said_in_the_citizen_s_words(
    browser: Client, hers: str, events: Rows, change: Any, status: int, reason: str, sentence: str, rest: str,
    headers: dict[str, str],
) -> None:  # fmt: skip
    asking = change(browser, hers)
    events()
    answer = asking.get(url(hers, rest), headers=headers)
    assert answer.status_code == status
    assert events() == [(REFUSED, 4, reason)]
    page = text(answer)
    assert not PATIENT.search(page)
    assert not STAFF_WORDS.search(page)
    # Who is signed out signs in right here; who is signed in goes to the page of what is one's own.
    way = 'action="/borger/log-ind/"' if status == 401 and not headers else 'href="/borger/"'
    for said in (sentence, "Log ind igen for at se dine data.", way):
        assert said in page


def test_a_part_of_a_page_sends_a_citizen_who_is_signed_out_to_the_citizens_own_page(hers: str) -> None:
    part = CheckingClient().get(url(hers), headers=HTMX)
    assert (part.status_code, part["HX-Redirect"]) == (401, "/borger/adgang-udloebet/")
    page = CheckingClient().get(part["HX-Redirect"])
    assert page.status_code == 200
    assert 'action="/borger/log-ind/"' in text(page)
    assert not STAFF_WORDS.search(text(page))


def test_signing_out_ends_it_and_leads_back_to_the_citizens_door(browser: Client, hers: str, events: Rows) -> None:
    page = browser.post("/log-ud/")
    assert "Dine data er lukket." in text(page)
    assert 'href="/borger/"' in text(page)
    assert not STAFF_WORDS.search(text(page))
    assert page["Clear-Site-Data"]
    assert events() == [("user.signed_out", 0, "")]
    assert browser.get(url(hers)).status_code == 401
    assert PatientContext.objects.get().closed_reason == "signed-out"


def test_no_line_no_answer_and_the_words_fit(browser: Client, hers: str) -> None:
    with patch("access.visit.record", side_effect=NotRecorded("down")):
        answer = browser.get(url(hers))
    assert answer.status_code == 503
    assert not PATIENT.search(text(answer))


def test_the_citizens_door_costs_no_more_queries(browser: Client, hers: str, django_assert_num_queries: Any) -> None:
    browser.get(url(hers))
    with django_assert_num_queries(1):  # the session: the gate's one statement goes below the counter
        browser.get(url(hers))


def test_what_is_over_is_forgotten_and_the_citizen_stays(browser: Client, hers: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        call_command("forget")
    assert not PatientContext.objects.exists()
    assert User.objects.get(username="nancy").patient == patient_for(NANCY)


# ── the tables ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_tables_hold_citizens_who_are_one_patient_and_records_that_are_launched_or_own(browser: Client) -> None:
    hers = PatientContext.objects.filter(pk=own(browser, "nancy"))
    launched_one = PatientContext.objects.filter(pk=launched(CheckingClient(), "holm", JENS))
    nancy, holm = User.objects.filter(username="nancy"), User.objects.filter(username="holm")
    client = launched_one.get().client
    again = hers.get()
    again.pk = contexts.new_id()
    wrongs: list[Any] = [
        lambda: nancy.update(patient=None),
        lambda: nancy.update(role=Role.CLINICIAN),
        lambda: nancy.update(is_staff=True),
        lambda: nancy.update(is_superuser=True),
        lambda: holm.update(patient=patient_for(JENS)),
        lambda: holm.update(role=Role.CITIZEN),
        lambda: holm.update(role=Role.CITIZEN, patient=patient_for(NANCY), issuer=LOGINS),
        lambda: hers.update(client=client),
        lambda: hers.update(source="XMO"),
        lambda: hers.update(organisation_system="sor", organisation_id="1", organisation_name="x"),
        lambda: hers.update(audience=Role.CLINICIAN),
        lambda: launched_one.update(audience=Role.CITIZEN),
        lambda: launched_one.update(client=None),
        lambda: launched_one.update(organisation_system=""),
        lambda: again.save(force_insert=True),
    ]
    for wrong in wrongs:
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
