"""From the EPJ's button to the record: one-time, bound to one browser, for one user; a tab for each patient."""

import logging
import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from access.models import Issuer, Launch, LaunchClient, LoginTransaction, PatientContext, Role, UsedAssertion, User
from access.oidc import discovery
from access.tests.cast import (
    ISSUER,
    JENS,
    NANCY,
    WHY,
    arrived,
    ask_ticket,
    at_issuer,
    came_back,
    claims,
    epj,
    launched,
    person,
    signed_in,
    ticket,
    wish,
)
from access.tests.conftest import Rows
from audit.models import AuditEvent
from audit.record import NotRecorded
from patients.models import Patient
from patients.registry import patient_for, remember_name
from sundhedsjournal.tests.pages import CheckingClient

REFUSED = "launch.refused"
CROSS = {"Sec-Fetch-Site": "cross-site"}
PATIENT = re.compile(r"Nancy|Berggren|251248|2512489996")


def text(answer: Any) -> str:
    return str(answer.content.decode())


def sign_in(client: Client, path: str, username: str = "holm") -> Any:
    """The launch sends the browser to the issuer, and the issuer sends it back."""
    return came_back(client, client.get(path, headers=CROSS), claims(username))


@pytest.fixture
def operator(db: None, settings: Any) -> User:
    """Somebody who runs the house, with a password."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = person("drift")
    user.set_password("rigtig")
    user.save()
    return user


def test_who_is_not_signed_in_goes_by_the_issuer_to_the_record_without_a_page_in_between(
    holm: Client, events: Rows
) -> None:
    path = arrived(holm, ticket("holm", NANCY))
    away = holm.get(path, headers=CROSS)
    assert away.status_code == 303
    assert at_issuer(away["Location"])
    assert not PATIENT.search(away["Location"])
    events()
    assert came_back(holm, away, claims("holm"))["Location"] == path
    answer = holm.get(path, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer["Location"]) == (303, f"/k/{PatientContext.objects.get().pk}/ekg/")
    assert events() == [("user.signed_in", 0, ""), ("launch.opened", 0, "")]
    assert "Nancy Ann Berggren" in text(holm.get(answer["Location"]))


def test_somebody_who_has_never_been_here_is_made_a_user_by_the_first_sign_in(holm: Client) -> None:
    epj()
    path = arrived(holm, str(ask_ticket(wish("ny", NANCY)).json()["ticket"]))
    who = claims("holm", sub="ny", given_name="Ny", cpr="0101909990")
    assert came_back(holm, holm.get(path), who)["Location"] == path
    assert "Læge Ny Holm" in text(holm.get(holm.get(path)["Location"]))
    user = User.objects.get(issuer=ISSUER, subject="ny")
    assert (user.role, user.authorised, user.professional_cpr) == (Role.CLINICIAN, True, "0101909990")
    assert not user.has_usable_password()


def test_a_password_is_for_those_who_run_the_house_and_for_nobody_else(
    holm: Client, operator: User, events: Rows
) -> None:
    user = person("holm")
    user.set_password("rigtig")
    user.save()
    wrong = holm.post("/log-ind/", {"password": "rigtig", "username": "holm"})
    assert wrong.status_code == 403
    assert "passer ikke sammen" in text(wrong)
    assert holm.post("/log-ind/", {"password": "forkert", "username": "drift"}).status_code == 403
    assert events() == [("user.sign_in_failed", 4, "user-unknown"), ("user.sign_in_failed", 4, "password")]
    assert AuditEvent.objects.filter(reason="password").get().actor_subject == "drift"
    assert holm.post("/log-ind/", {"password": "rigtig", "username": "drift"})["Location"] == "/"
    assert holm.session["_auth_user_id"] == str(operator.pk)


def test_a_name_or_a_way_on_that_no_database_holds_is_nobody_s_and_leads_home(holm: Client, events: Rows) -> None:
    epj()
    events()
    assert holm.post("/log-ind/", {"username": "dr\0ift", "password": "x"}).status_code == 403
    assert events() == [("user.sign_in_failed", 4, "user-unknown")]
    assert signed_in(holm, "holm", "/k/\0/ekg/")["Location"] == "/"


def test_five_wrong_passwords_shut_the_door_for_five_minutes(holm: Client, operator: User, events: Rows) -> None:
    form = {"username": "drift", "password": "forkert"}
    for _ in range(5):
        assert holm.post("/log-ind/", form).status_code == 403
    assert holm.post("/log-ind/", {**form, "password": "rigtig"}).status_code == 403
    assert events()[-1] == ("user.sign_in_failed", 4, "too-many-failures")
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert holm.post("/log-ind/", {**form, "password": "rigtig"}).status_code == 302
    assert User.objects.get(username="drift").failed_sign_ins == 0


def test_a_spent_ticket_has_a_line_whether_or_not_anything_is_opened_with_it(holm: Client, events: Rows) -> None:
    a_ticket = ticket("holm", NANCY)
    events()
    with patch("access.launching.asking.record", side_effect=NotRecorded("down")):
        assert holm.post("/launch/ticket", {"ticket": a_ticket}).status_code == 503
    arrived(holm, a_ticket)  # what could not be recorded was not spent
    assert events() == [("launch_ticket.spent", 0, "")]
    line = AuditEvent.objects.get(action="launch_ticket.spent")
    launch = Launch.objects.get()
    assert (line.actor_kind, line.patient_ref, line.entity) == ("anonymous", launch.patient_id, f"Launch/{launch.pk}")
    assert (line.correlation, line.purpose) == (launch.correlation_id, "TREAT")


def test_a_ticket_works_once(holm: Client, events: Rows) -> None:
    a_ticket = ticket("holm", NANCY)
    arrived(holm, a_ticket)
    events()
    again = holm.post("/launch/ticket", {"ticket": a_ticket})
    assert again.status_code == 410
    assert "kun én gang" in text(again)
    assert events() == [(REFUSED, 4, "ticket-replayed")]
    assert Launch.objects.count() == 1


@pytest.mark.parametrize("given", ["", "x" * 43, "å", "x" * 5000])
def test_a_ticket_that_never_was_opens_nothing(holm: Client, events: Rows, given: str) -> None:
    assert holm.post("/launch/ticket", {"ticket": given}).status_code == 403
    assert holm.post("/launch/ticket").status_code == 403
    assert events() == [(REFUSED, 4, "ticket-unknown")] * 2


def test_a_ticket_is_good_for_a_minute_and_a_launch_for_five(holm: Client, events: Rows) -> None:
    in_time, too_late = ticket("holm", NANCY), ticket("holm", NANCY)
    now = timezone.now()
    with time_machine.travel(now + timedelta(seconds=58)):
        path = arrived(holm, in_time)
    events()
    with time_machine.travel(now + timedelta(seconds=62)):
        assert holm.post("/launch/ticket", {"ticket": too_late}).status_code == 410
        away = holm.get(path)
    with time_machine.travel(now + timedelta(seconds=58 + 301)):
        late = holm.get(path)
        assert came_back(holm, away, claims("holm"))["Location"] == path
        assert holm.get(path).status_code == 410
    assert late.status_code == 410
    assert "for lang tid" in text(late)
    assert [row[2] for row in events()] == ["ticket-expired", "launch-expired", "", "launch-expired"]
    assert not PatientContext.objects.exists()


def test_a_launch_belongs_to_the_browser_that_brought_the_ticket(holm: Client, events: Rows) -> None:
    path = arrived(holm, ticket("holm", NANCY))
    (name,) = [name for name in holm.cookies if name.startswith("sj_launch_")]
    cookie = holm.cookies[name]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (path, True, "Lax", 300)
    events()
    for stranger_has in ({}, {name: "guess"}):
        stranger = CheckingClient()
        for key, value in stranger_has.items():
            stranger.cookies[key] = value
        for answer in (
            stranger.get(path),
            stranger.post(f"{path}aabn/", WHY),
            stranger.post(f"{path}skift/"),
        ):
            assert answer.status_code == 404
    assert events() == [(REFUSED, 4, "launch-of-another-browser")] * 6
    assert holm.get(path).status_code == 303


def test_behind_https_the_launch_s_cookie_is_for_https_alone_and_so_is_the_issuer(
    holm: Client, settings: Any, events: Rows, request: pytest.FixtureRequest
) -> None:
    settings.SECURE = True
    discovery.forget()
    request.addfinalizer(discovery.forget)
    path = arrived(holm, ticket("holm", NANCY))
    (name,) = [name for name in holm.cookies if "sj_launch_" in name]
    assert name.startswith("__Secure-")
    assert holm.cookies[name]["secure"]
    assert holm.get(path).status_code == 403
    assert events()[-1] == ("user.sign_in_failed", 4, "issuer-answer")


@pytest.mark.parametrize("launch_id", ["x" * 22, "kort", "251248-9996"])
def test_a_launch_that_never_was_is_not_found(holm: Client, events: Rows, launch_id: str) -> None:
    assert holm.get(f"/launch/{launch_id}/").status_code == 404
    assert events() == [(REFUSED, 4, "launch-unknown")]


def test_a_launch_becomes_one_context_and_the_way_back_leads_to_it(holm: Client) -> None:
    path = arrived(holm, ticket("holm", NANCY))
    sign_in(holm, path)
    first, second = holm.get(path), holm.get(path)
    assert first["Location"] == second["Location"]
    assert holm.post(f"{path}aabn/", WHY)["Location"] == path
    assert PatientContext.objects.count() == 1


def test_opening_takes_a_handful_of_statements(holm: Client, nancy: str, django_assert_num_queries: Any) -> None:
    path = arrived(holm, ticket("holm", NANCY))
    # session; launch, system and issuer; user; an answer kept; own recordings; answer; the system held against being
    # switched off meanwhile; a savepoint and its release
    # around taking the answer, the context and the launch. The line goes below the counter.
    with django_assert_num_queries(12):
        holm.get(path, headers={"Sec-Fetch-Site": "same-origin"})


def test_two_completions_at_the_same_moment_open_one_context(holm: Client, events: Rows) -> None:
    path = arrived(holm, ticket("holm", NANCY))
    sign_in(holm, path)
    stale = Launch.objects.select_related("patient", "client", "context").get()
    holm.get(path)
    events()
    with patch("access.launching.find", return_value=stale):
        assert holm.post(f"{path}aabn/", WHY).status_code == 410
    assert events() == [(REFUSED, 4, "launch-completed")]
    assert PatientContext.objects.count() == 1


def test_somebody_else_who_is_signed_in_sees_nothing_and_may_change_places(events: Rows, db: None) -> None:
    kvist = CheckingClient()
    hers = launched(kvist, "kvist", JENS)
    path = arrived(kvist, ticket("holm", NANCY))
    events()
    page = kvist.get(path, headers=CROSS)
    assert page.status_code == 403
    assert not PATIENT.search(text(page))
    assert events() == [(REFUSED, 4, "user-mismatch")]
    row = AuditEvent.objects.filter(reason="user-mismatch").get()
    assert (row.actor_subject, row.patient_ref) == ("kvist", Patient.objects.get(cpr=NANCY).pk)
    assert kvist.post(f"{path}aabn/", WHY).status_code == 403
    switched = kvist.post(f"{path}skift/")
    assert "prompt=login" in switched["Location"]
    assert "cookies" not in switched["Clear-Site-Data"]
    assert kvist.get(f"/k/{hers}/ekg/").status_code == 401
    assert came_back(kvist, switched, claims("holm"))["Location"] == path
    assert kvist.get(path)["Location"].startswith("/k/")


def test_a_second_patient_is_opened_by_a_click_and_not_before(holm: Client, nancy: str, events: Rows) -> None:
    path = arrived(holm, ticket("holm", JENS, patient_name="Jens Mikkel Thorsen"))
    events()
    page = holm.get(path, headers=CROSS)
    assert page.status_code == 200
    for expected in ("Jens Mikkel Thorsen", "140461-9935", "Læge Anna Holm", "SOR 999000000000210", "XMO"):
        assert expected in text(page)
    assert events() == []
    assert PatientContext.objects.count() == 1
    opened = holm.post(f"{path}aabn/", WHY)
    assert opened["Location"].startswith("/k/")
    assert events() == [("launch.opened", 0, "")]


def test_no_click_is_asked_for_within_our_own_site_or_when_nothing_else_is_open(holm: Client, nancy: str) -> None:
    path = arrived(holm, ticket("holm", JENS))
    assert holm.get(path, headers={"Sec-Fetch-Site": "same-site"}).status_code == 303
    for context in PatientContext.objects.all():
        holm.post(f"/k/{context.pk}/luk")
    path = arrived(holm, ticket("holm", JENS))
    assert holm.get(path, headers=CROSS).status_code == 303


def test_two_tabs_hold_two_patients(holm: Client) -> None:
    one = launched(holm, "holm", NANCY, patient_name="Nancy Ann Berggren")
    two = launched(holm, "holm", JENS, patient_name="Jens Mikkel Thorsen")
    assert one != two
    for _ in range(2):
        first, second = text(holm.get(f"/k/{one}/ekg/")), text(holm.get(f"/k/{two}/ekg/"))
        assert "Nancy" in first
        assert "Jens" not in first
        assert "Jens" in second
        assert "Nancy" not in second
    titles = {re.search("<title>(.*)</title>", page, re.DOTALL).group(1) for page in (first, second)}  # type: ignore[union-attr]
    assert len(titles) == 2
    assert "anden borgers journal" in first
    holm.post(f"/k/{two}/luk")
    assert holm.get(f"/k/{two}/ekg/").status_code == 410
    alone = holm.get(f"/k/{one}/ekg/")
    assert alone.status_code == 200
    assert "anden borgers journal" not in text(alone)


def test_two_launches_at_once_never_overwrite_each_other(holm: Client) -> None:
    one, two = arrived(holm, ticket("holm", NANCY)), arrived(holm, ticket("holm", JENS))
    sign_in(holm, one)
    first = holm.get(one, headers={"Sec-Fetch-Site": "same-origin"})["Location"]
    second = holm.post(f"{two}aabn/", WHY)["Location"]
    patients = [PatientContext.objects.get(pk=path.split("/")[2]).patient.cpr for path in (first, second)]
    assert patients == [NANCY, JENS]


def test_one_patient_at_a_time_where_that_is_the_policy(holm: Client, settings: Any, events: Rows) -> None:
    settings.CONTEXT_POLICY = "single"
    old = launched(holm, "holm", NANCY)
    new = launched(holm, "holm", JENS)
    events()
    answer = holm.get(f"/k/{old}/ekg/")
    assert answer.status_code == 409
    assert not PATIENT.search(text(answer))
    assert events() == [("access.refused", 4, "context-superseded")]
    assert holm.get(f"/k/{new}/ekg/").status_code == 200


def test_closing_leaves_nothing_to_go_back_to(holm: Client, nancy: str, events: Rows) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = holm.cookies
    assert strict.post(f"/k/{nancy}/luk").status_code == 403
    assert holm.get(f"/k/{nancy}/luk").status_code == 405
    events()
    page = holm.post(f"/k/{nancy}/luk")
    assert page.status_code == 200
    assert "Journalen er lukket" in text(page)
    assert not PATIENT.search(text(page))
    assert events() == [("context.closed", 0, "")]
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 410
    assert holm.post(f"/k/{nancy}/luk").status_code == 410


def test_a_closing_that_cannot_be_recorded_does_not_happen(holm: Client, nancy: str) -> None:
    with patch("access.visit.record", side_effect=NotRecorded("down")):
        assert holm.post(f"/k/{nancy}/luk").status_code == 503
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 200


def test_signing_out_closes_all_and_empties_the_browser(holm: Client, nancy: str, events: Rows) -> None:
    other = launched(holm, "holm", JENS)
    old_key = str(holm.session.session_key)
    events()
    assert holm.get("/log-ud/").status_code == 405
    page = holm.post("/log-ud/")
    assert page.status_code == 200
    assert page["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert events() == [("user.signed_out", 0, "")]
    for context in (nancy, other):
        assert holm.get(f"/k/{context}/ekg/").status_code == 401
    assert set(PatientContext.objects.values_list("closed_reason", flat=True)) == {"signed-out"}
    assert not type(holm.session)(old_key).exists(old_key)


def test_signing_in_again_gives_a_new_key_and_old_tabs_are_dead(holm: Client, nancy: str) -> None:
    old_key = holm.session.session_key
    signed_in(holm, "holm")
    assert holm.session.session_key != old_key
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 404
    assert PatientContext.objects.get().closed_reason == "signed-in-again"


def test_a_stolen_old_key_is_worth_nothing_after_signing_in_again(holm: Client, nancy: str) -> None:
    thief = CheckingClient()
    thief.cookies["sj"] = holm.cookies["sj"].value
    assert thief.get(f"/k/{nancy}/ekg/").status_code == 200
    signed_in(holm, "holm")
    assert thief.get(f"/k/{nancy}/ekg/").status_code == 401


@pytest.mark.parametrize("minutes", [31, 10 * 60 + 1])
def test_an_idle_or_old_session_ends_with_all_it_had_open(
    holm: Client, nancy: str, events: Rows, settings: Any, minutes: int
) -> None:
    began = timezone.now()
    if minutes > 60:
        settings.CONTEXT_MAX = 24 * 3600
        PatientContext.objects.update(expires=began + timedelta(hours=20))
        for passed in range(20, minutes - 1, 20):
            with time_machine.travel(began + timedelta(minutes=passed)):
                assert holm.get(f"/k/{nancy}/ekg/").status_code == 200
    events()
    with time_machine.travel(began + timedelta(minutes=minutes)):
        assert holm.get(f"/k/{nancy}/ekg/").status_code == 401
    assert events() == [("user.signed_out", 0, "session-ended"), ("access.refused", 4, "signed-out")]
    assert PatientContext.objects.get().closed_reason == "session-ended"


def test_a_context_ends_after_eight_hours_however_much_it_is_used(holm: Client, nancy: str) -> None:
    began = timezone.now()
    for passed in range(20, 8 * 60, 20):
        with time_machine.travel(began + timedelta(minutes=passed)):
            assert holm.get(f"/k/{nancy}/ekg/").status_code == 200
    with time_machine.travel(began + timedelta(minutes=8 * 60)):
        assert holm.get(f"/k/{nancy}/ekg/").status_code == 410


def test_the_cpr_number_is_shown_on_demand_and_recorded(holm: Client, nancy: str, events: Rows) -> None:
    events()
    page = holm.post(f"/k/{nancy}/cpr")
    assert page.status_code == 200
    assert "251248-9996" in text(page)
    part = holm.post(f"/k/{nancy}/cpr", headers={"HX-Request": "true"})
    assert "251248-9996" in text(part)
    assert "<html" not in text(part)
    assert events() == [("cpr.revealed", 0, "")] * 2
    assert holm.get(f"/k/{nancy}/cpr").status_code == 405
    with patch("access.visit.record", side_effect=NotRecorded("down")):
        down = holm.post(f"/k/{nancy}/cpr")
    assert down.status_code == 503
    assert not PATIENT.search(text(down))


@pytest.mark.parametrize(
    ("launch_name", "document_name", "shown", "is_protected"),
    [
        ("Nancy Ann Berggren", "Nancy Berggren", "Nancy Ann Berggren", False),
        ("", "Nancy Berggren", "Nancy Berggren", False),
        ("", "", "Navn ikke oplyst", False),
        ("ADRESSEBESKYTTET", "Nancy Berggren", "ADRESSEBESKYTTET", True),
        ("Nancy Berggren", "Adressebeskyttet", "Nancy Berggren", True),
    ],
)
def test_the_banner_s_name_is_the_launch_s_or_the_newest_document_s(
    holm: Client, launch_name: str, document_name: str, shown: str, is_protected: bool
) -> None:
    remember_name(patient_for(NANCY), document_name, timezone.now())
    page = text(holm.get(f"/k/{launched(holm, 'holm', NANCY, patient_name=launch_name)}/ekg/"))
    assert f'<p class="name">{shown}</p>' in page
    assert ("Navne- og adressebeskyttet" in page) == is_protected


def test_no_cpr_and_no_ticket_in_any_url_redirect_title_or_log(holm: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    a_ticket = ticket("holm", NANCY)
    path = arrived(holm, a_ticket)
    holm.get(path)
    sign_in(holm, path)
    record_path = holm.get(path)["Location"]
    holm.get(record_path)
    holm.post(record_path.replace("ekg/", "cpr"))
    holm.get("/k/251248-9996/ekg/")
    holm.post("/launch/ticket", {"ticket": a_ticket})
    holm.get("/launch/2512489996/")
    signed_in(holm, "holm", cpr="0101909990")
    logged = "\n".join([*(record.getMessage() for record in caplog.records), path, record_path])
    ours = [line for line in logged.splitlines() if "/k/251248-9996" not in line and "/launch/2512489996" not in line]
    assert len(ours) > 5
    assert not re.search(r"251248-?9996|0101909990|Nancy|Berggren", "\n".join(ours))
    assert not re.search(r"code=|state=|nonce=|eyJ|Bearer", logged)
    assert a_ticket not in logged
    assert not AuditEvent.objects.filter(event__icontains="2512489996").exists()
    assert not AuditEvent.objects.filter(event__icontains="Berggren").exists()


def test_opening_that_cannot_be_recorded_opens_nothing_and_may_be_tried_again(holm: Client) -> None:
    path = arrived(holm, ticket("holm", NANCY))
    sign_in(holm, path)
    with patch("access.opening.record", side_effect=NotRecorded("down")):
        assert holm.get(path).status_code == 503
    assert not PatientContext.objects.exists()
    assert holm.get(path).status_code == 303


def test_signing_in_or_out_that_cannot_be_recorded_does_not_happen(holm: Client, nancy: str) -> None:
    path = arrived(CheckingClient(), ticket("holm", JENS))
    stranger = CheckingClient()
    with patch("access.sign_in.record", side_effect=NotRecorded("down")):
        assert signed_in(stranger, "holm").status_code == 503
        assert holm.post("/log-ud/").status_code == 503
    assert "_auth_user_id" not in stranger.session
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 200
    assert path


@pytest.mark.parametrize(("of", "code"), [(LaunchClient, "client-inactive"), (Issuer, "issuer-unknown")])
def test_a_system_or_an_issuer_switched_off_meanwhile_opens_nothing(
    holm: Client, events: Rows, of: Any, code: str
) -> None:
    path = arrived(holm, ticket("holm", NANCY))
    sign_in(holm, path)
    of.objects.update(active=False)
    events()
    answer = holm.get(path)
    assert answer.status_code == 403
    assert "er ikke tilsluttet Sundhedsjournal." in text(answer)
    assert "Kontakt din systemansvarlige." in text(answer)
    assert not PATIENT.search(text(answer))
    assert events() == [(REFUSED, 4, code)]


def test_an_operator_signs_in_to_the_house_and_cannot_open_a_record(holm: Client, nancy: str, operator: User) -> None:
    browser, form = CheckingClient(), {"username": "drift", "password": "rigtig"}
    assert "Adgangskode" in text(browser.get("/log-ind/"))
    assert browser.post("/log-ind/", {**form, "next": "/admin/"})["Location"] == "/admin/"
    for evil in ("https://evil.invalid", "//evil.invalid", "/\\evil.invalid", "javascript:alert(1)"):
        assert browser.post("/log-ind/", {**form, "next": evil})["Location"] == "/"
    assert browser.get(f"/k/{nancy}/ekg/").status_code == 404
    assert "Log ud" in text(browser.get("/"))
    assert User.objects.get(username="drift").role == Role.OPERATOR


def test_every_browser_form_but_the_ticket_s_needs_a_csrf_token(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    path = arrived(strict, ticket("holm", NANCY))
    for target in (f"{path}aabn/", f"{path}skift/", "/log-ind/", "/log-ind/igen/", "/log-ud/", "/borger/log-ind/"):
        assert strict.post(target).status_code == 403


def test_what_is_over_is_forgotten_after_its_time(holm: Client, nancy: str) -> None:
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=2)):
        call_command("forget")
    assert (LoginTransaction.objects.count(), Launch.objects.count(), UsedAssertion.objects.count()) == (0, 0, 0)
    assert PatientContext.objects.count() == 1
    with time_machine.travel(now + timedelta(days=91)):
        call_command("forget")
    assert PatientContext.objects.count() == 0
    assert Patient.objects.count() == 1
