"""How long a session lives, who may end it, and that it ends at the very next request, in every tab."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from access.models import IssuedSession, PatientContext, UsedLogoutToken, User
from access.oidc import discovery
from access.tests.cast import (
    JENS,
    NANCY,
    came_back,
    citizen_claims,
    claims,
    epj,
    issuers,
    launched,
    own,
    person,
    signed_in,
)
from access.tests.conftest import Rows
from access.tests.provider import ACR, CITIZENS, provider, rsa_key, signed
from access.tests.test_evil_provider import part
from audit.models import AuditEvent
from sundhedsjournal.tests.pages import CheckingClient

HTMX = {"HX-Request": "true"}
LOGOUT = "/login/backchannel-logout"

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return CheckingClient()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def staff(client: Client) -> str:
    return f"/k/{launched(client, 'holm', NANCY)}/ekg/"


def shared(client: Client) -> str:
    epj(shared_workstation=True)
    return staff(client)


def citizen(client: Client) -> str:
    return f"/borger/{own(client, 'nancy')}/kommune/"


LIMITS = [(staff, 30 * 60, 10 * 3600), (shared, 5 * 60, 10 * 3600), (citizen, 15 * 60, 2 * 3600)]


@pytest.mark.parametrize(("opens", "idle", "most"), LIMITS, ids=[case[0].__name__ for case in LIMITS])
def test_a_session_ends_when_it_is_idle_and_when_it_is_old(
    browser: Client, events: Rows, settings: Any, opens: Any, idle: int, most: int
) -> None:
    settings.CONTEXT_MAX = settings.CONTEXT_IDLE = 24 * 3600
    page, began = opens(browser), timezone.now()
    with time_machine.travel(began + timedelta(seconds=idle - 65)):  # noted at most once a minute
        assert browser.get(page).status_code == 200
    step = idle - 65
    for passed in range(step, most - 60, step):
        with time_machine.travel(began + timedelta(seconds=passed)):
            assert browser.get(page).status_code == 200, passed
    old = CheckingClient()
    old.cookies["sj"] = browser.cookies["sj"].value
    events()
    with time_machine.travel(began + timedelta(seconds=most + 5)):
        answer = browser.get(page)
    assert answer.status_code == 401
    assert events() == [("user.signed_out", 0, "session-ended"), ("access.refused", 4, "signed-out")]
    assert old.get(page).status_code == 401
    assert PatientContext.objects.get().closed_reason == "session-ended"

    again = CheckingClient()
    page, began = opens(again), timezone.now()
    with time_machine.travel(began + timedelta(seconds=idle + 5)):
        assert again.get(page, headers=HTMX)["HX-Redirect"].endswith("adgang-udloebet/")


def test_a_background_check_keeps_no_session_alive(browser: Client) -> None:
    page, began = shared(browser), timezone.now()
    for passed in range(25, 5 * 60, 25):
        with time_machine.travel(began + timedelta(seconds=passed)):
            assert browser.get(f"{page}nyt/0/").status_code == 204
    with time_machine.travel(began + timedelta(minutes=5, seconds=5)):
        assert browser.get(f"{page}nyt/0/", headers=HTMX).status_code == 401


def test_a_page_of_a_shared_machine_knows_when_to_empty_itself_and_no_other_does(browser: Client) -> None:
    assert 'data-tom-efter="300"' in text(browser.get(shared(browser)))
    epj()
    assert 'data-tom-efter="300"' in text(browser.get(f"/k/{launched(browser, 'holm', JENS)}/ekg/"))
    other = CheckingClient()
    assert "data-tom-efter" not in text(other.get(staff(other)))
    assert "data-tom-efter" not in text(other.get(citizen(other)))


def test_a_page_in_use_says_so_without_showing_anything(browser: Client) -> None:
    page, began = shared(browser), timezone.now()
    for passed in range(60, 12 * 60, 60):
        with time_machine.travel(began + timedelta(seconds=passed)):
            answer = browser.post("/til-stede/")
            assert (answer.status_code, answer.content) == (204, b"")
    with time_machine.travel(began + timedelta(minutes=15)):
        assert browser.get("/adgang-udloebet/").status_code == 200  # no sign of life
        assert browser.get(page).status_code == 200
    with time_machine.travel(began + timedelta(minutes=21)):
        assert browser.post("/til-stede/").status_code == 401
    assert CheckingClient().post("/til-stede/").status_code == 401
    assert browser.get("/til-stede/").status_code == 405


def logged_out(client: Client, other: Client) -> None:
    client.post("/log-ud/")


def killed(client: Client, other: Client) -> None:
    User.objects.update(is_active=False)


def signed_in_again(client: Client, other: Client) -> None:
    signed_in(client, "kvist")


def logged_out_at_the_issuer(client: Client, other: Client) -> None:
    assert other.post(LOGOUT, {"logout_token": provider().logout_token(sub="holm")}).status_code == 200


@pytest.mark.parametrize("end", [logged_out, killed, signed_in_again, logged_out_at_the_issuer])
def test_what_ends_a_session_stops_the_very_next_request_of_every_tab(browser: Client, end: Any) -> None:
    tabs = [f"/k/{launched(browser, 'holm', cpr)}/ekg/" for cpr in (NANCY, JENS)]
    assert [browser.get(tab).status_code for tab in tabs] == [200, 200]
    stolen = CheckingClient()
    stolen.cookies["sj"] = browser.cookies["sj"].value
    end(browser, CheckingClient())
    for tab in tabs:
        assert browser.get(tab).status_code in {401, 404}
        assert stolen.get(tab).status_code == 401
        for path in ("original.pdf", "nyt/1/"):
            assert browser.get(f"{tab}{path}").status_code in {401, 404}


# ── the issuer ends it ──────────────────────────────────────────────────────────────────────────────────────────────
def test_an_issuer_ends_the_session_of_its_sid_and_no_other(browser: Client, events: Rows) -> None:
    other, hers = CheckingClient(), CheckingClient()
    page = staff(browser)
    signed_in(other, "holm", sid="elsewhere")
    own_page = citizen(hers)
    events()
    answer = CheckingClient().post(LOGOUT, {"logout_token": provider().logout_token(sid="sid-holm", sub="holm")})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert events() == [("user.signed_out", 0, "issuer")]
    row = AuditEvent.objects.filter(reason="issuer").get()
    assert row.actor_subject == "holm"
    assert browser.get(page).status_code == 401
    assert PatientContext.objects.get(user__subject="holm").closed_reason == "issuer"
    assert "Log ud" in text(other.get("/"))
    assert hers.get(own_page).status_code == 200
    assert Session.objects.count() == IssuedSession.objects.count() == 2
    by_subject = provider().logout_token(path=CITIZENS, sub="nancy")
    assert CheckingClient().post(LOGOUT, {"logout_token": by_subject}).status_code == 200
    assert hers.get(own_page).status_code == 401
    assert "Log ud" in text(other.get("/"))


def test_a_session_whose_sid_was_never_told_ends_with_its_subject(browser: Client) -> None:
    page = f"/k/{launched(browser, 'holm', NANCY)}/ekg/"
    assert signed_in(browser, "holm", sid=None)["Location"] == "/"
    assert browser.get("/til-stede/").status_code == 405
    assert browser.post("/til-stede/").status_code == 204
    told = provider().logout_token(sub="holm", sid="sid-of-some-session")
    assert CheckingClient().post(LOGOUT, {"logout_token": told}).status_code == 200
    assert browser.post("/til-stede/").status_code == 401
    assert browser.get(page).status_code == 401


def test_a_session_that_got_a_new_key_is_found_all_the_same(browser: Client) -> None:
    page = staff(browser)
    epj()
    launched(browser, "holm", JENS, org={"sor": "999000000000111"})
    assert IssuedSession.objects.count() == 1
    CheckingClient().post(LOGOUT, {"logout_token": provider().logout_token(sid="sid-holm")})
    assert browser.get(page).status_code == 401


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (lambda: "", "token-malformed"),
        (lambda: "a.b.c", "token-malformed"),
        (lambda: provider().logout_token(sub="holm", iss="https://evil.invalid"), "issuer-unknown"),
        (lambda: provider().logout_token(sub="holm", aud="another"), "issuer-unknown"),
        (lambda: provider().logout_token(sub="holm", aud=["sundhedsjournal", "another"]), "token-malformed"),
        (lambda: provider().logout_token(sub="holm", azp="another"), "token-azp"),
        (lambda: provider().logout_token(sub="holm", events=None), "token-type"),
        (lambda: provider().logout_token(sub="holm", events={"urn:other": {}}), "token-type"),
        (lambda: provider().logout_token(sub="holm", nonce="x"), "token-type"),
        (lambda: provider().logout_token(), "token-sub"),
        (lambda: provider().logout_token(sub=["holm"]), "token-sub"),
        (lambda: provider().logout_token(sub="holm", exp=1), "token-exp"),
        (lambda: provider().logout_token(sub="holm", exp=None), "token-exp"),
        (lambda: provider().logout_token(sub="holm", iat=None), "token-iat"),
        (lambda: provider().logout_token(sub="holm", iat=9_999_999_999), "token-iat"),
        (lambda: provider().logout_token(sub="holm", jti=None), "token-jti"),
        (lambda: provider().logout_token(sub="holm", jti="x" * 256), "token-jti"),
        (lambda: provider().logout_token(sub="holm", jti="a\0b"), "token-jti"),
        (lambda: provider().logout_token(sub="holm", jti=7), "token-jti"),
        (lambda: provider().logout_token(sub="holm", exp=10**12), "token-exp"),
        (lambda: provider().logout_token(sub="holm", exp=10**400), "token-exp"),
        (lambda: signed({"iss": provider().staff, "aud": "sundhedsjournal"}, rsa_key(),
                        {"alg": "RS256", "kid": "issuer-1", "typ": "at+jwt"}), "token-type"),
        (lambda: signed({"iss": provider().staff, "aud": "sundhedsjournal"}, rsa_key(),
                        {"alg": "RS256", "kid": "issuer-1", "jku": "https://evil.invalid"}), "token-header"),
        (lambda: provider().logout_token(sub="holm")[:-20] + "A" * 20, "token-signature"),
    ],
)  # fmt: skip
def test_what_is_no_logout_token_ends_nothing(browser: Client, events: Rows, token: Any, code: str) -> None:
    page = staff(browser)
    events()
    answer = CheckingClient().post(LOGOUT, {"logout_token": token()})
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert events() == [("user.sign_in_failed", 4, code)]
    assert browser.get(page).status_code == 200


def test_a_logout_token_works_once_until_its_end(browser: Client, events: Rows) -> None:
    staff(browser)
    token = provider().logout_token(sub="holm", jti="once")
    assert CheckingClient().post(LOGOUT, {"logout_token": token}).status_code == 200
    page = staff(browser)
    events()
    assert CheckingClient().post(LOGOUT, {"logout_token": token}).status_code == 400
    assert events() == [("user.sign_in_failed", 4, "token-replayed")]
    assert browser.get(page).status_code == 200
    by_another = provider().logout_token(path=CITIZENS, sub="nancy", jti="once")
    assert CheckingClient().post(LOGOUT, {"logout_token": by_another}).status_code == 200
    assert UsedLogoutToken.objects.count() == 2
    call_command("forget")
    assert UsedLogoutToken.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(seconds=66)):
        assert CheckingClient().post(LOGOUT, {"logout_token": token}).status_code == 400
        call_command("forget")
    assert not UsedLogoutToken.objects.exists()


@pytest.mark.parametrize("written", ["\0", "\ud800"])
def test_a_token_that_names_what_no_database_holds_is_refused_like_any(
    browser: Client, events: Rows, written: str
) -> None:
    made_up = f"{part({'alg': 'RS256'})}.{part({'iss': written, 'aud': 'x'})}.AAAA"
    assert browser.post(LOGOUT, {"logout_token": made_up}).status_code == 400
    assert events() == [("user.sign_in_failed", 4, "token-malformed")]


def test_made_up_key_ids_never_keep_asking_an_issuer_whose_keys_cannot_be_had(events: Rows) -> None:
    issuers()
    discovery.keys(issuers()[0])
    told = {"iss": provider().staff, "aud": "sundhedsjournal"}
    made_up = f"{part({'alg': 'RS256', 'kid': 'unheard-of'})}.{part(told)}.AAAA"
    held, provider().keys = provider().keys, []
    try:
        with time_machine.travel(timezone.now() + timedelta(seconds=10)):
            provider().asked.clear()
            answers = [CheckingClient().post(LOGOUT, {"logout_token": made_up}).status_code for _ in range(5)]
    finally:
        provider().keys = held
        discovery.forget()
    assert answers == [400] * 5
    assert provider().asked == ["/o/jwks"]
    assert {row[2] for row in events()} == {"issuer-keys", "token-key"}


def test_an_id_token_is_no_logout_token(browser: Client) -> None:
    page = staff(browser)
    asked = {"nonce": "x"}
    held = {"path": "/o", "who": claims("holm"), "asked": asked, "at": int(timezone.now().timestamp())}
    answer = CheckingClient().post(LOGOUT, {"logout_token": provider().id_token(held, "x")})
    assert answer.status_code == 400
    assert browser.get(page).status_code == 200
    assert CheckingClient().get(LOGOUT).status_code == 405


# ── signing out ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_citizen_is_signed_out_at_the_issuer_too(browser: Client) -> None:
    page = citizen(browser)
    answer = browser.post("/log-ud/")
    assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    to = f"{provider().citizens}/logout?client_id=sundhedsjournal-borger&post_logout_redirect_uri="
    assert answer["Refresh"].startswith(f"0; url={to}http%3A%2F%2F127.0.0.1")
    assert "Log også ud dér, hvor du loggede ind" in text(answer)
    assert "id_token" not in answer["Refresh"]
    assert browser.get(page).status_code == 401
    assert "Du er logget ud" in text(browser.get("/borger/logget-ud/"))


def test_staff_and_an_issuer_that_announces_nothing_end_on_our_own_page(browser: Client, events: Rows) -> None:
    staff(browser)
    assert "Refresh" not in browser.post("/log-ud/")
    citizen(browser)
    with provider().breaking(metadata={"end_session_endpoint": ""}):
        answer = browser.post("/log-ud/")
    assert answer.status_code == 200
    assert "Refresh" not in answer
    citizen(browser)
    with provider().breaking(discovery="down"):
        discovery.forget()
        assert browser.post("/log-ud/").status_code == 200
    assert events()[-1] == ("user.signed_out", 0, "")


# ── proving it once more ────────────────────────────────────────────────────────────────────────────────────────────
def test_somebody_proves_it_once_more_and_keeps_what_is_open(browser: Client, events: Rows) -> None:
    page = staff(browser)
    old_key, first = browser.session.session_key, browser.session["auth_time"]
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        left = browser.post("/log-ind/igen/", {"next": page})
        assert "prompt=login" in left["Location"]
        assert "max_age=0" in left["Location"]
        events()
        assert came_back(browser, left, claims("holm"))["Location"] == page
        assert events() == [("user.signed_in", 0, "again")]
        assert browser.get(page).status_code == 200
    assert browser.session.session_key != old_key
    assert browser.session["auth_time"] >= first + 20 * 60 - 5
    asked = browser.get("/log-ind/igen/", {"next": page})
    assert f'value="{page}"' in text(asked)
    assert "Log ind med Regionens login" in text(asked)
    assert f"form-action 'self' {provider().url}" in asked["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (lambda: claims("kvist"), "again-other-user"),
        (lambda: claims("holm", auth_time=int(timezone.now().timestamp()) - 60), "token-auth_time"),
        (lambda: claims("holm", auth_time=None), "token-auth_time"),
    ],
)
def test_proving_it_by_another_or_by_an_old_login_proves_nothing(
    browser: Client, events: Rows, who: Any, code: str
) -> None:
    page = staff(browser)
    first = browser.session["auth_time"]
    left = browser.post("/log-ind/igen/", {"next": page})
    events()
    assert came_back(browser, left, who()).status_code == 403
    assert events() == [("user.sign_in_failed", 4, code)]
    assert browser.session["auth_time"] == first
    assert browser.get(page).status_code == 200


def test_nobody_proves_it_again_who_is_not_signed_in_and_no_way_leads_elsewhere(browser: Client) -> None:
    for ask in (browser.get, browser.post):
        assert ask("/log-ind/igen/", {"next": "/"}).status_code == 401
    staff(browser)
    left = browser.post("/log-ind/igen/", {"next": "https://evil.invalid/"})
    assert came_back(browser, left, claims("holm"))["Location"] == "/"


def test_who_came_by_a_password_is_told_to_sign_in_anew(browser: Client, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = person("drift")
    user.set_password("rigtig")
    user.save()
    browser.post("/log-ind/", {"username": "drift", "password": "rigtig"})
    for ask in (browser.get, browser.post):
        assert "Log ud, og log ind igen." in text(ask("/log-ind/igen/", {"next": "/"}))


def test_the_session_remembers_how_somebody_signed_in(browser: Client) -> None:
    _, citizens = issuers()
    signed_in(
        browser,
        "holm",
        role="assistant",
        cpr="0101019995",
        on_behalf_of={"sub": "kvist", "name": "Signe Kvist", "cpr": "0202029990", "authorisation_id": "0XK21"},
        national_role="urn:dk:role:sekretaer",
    )
    kept = browser.session
    assert (kept["acr"], kept["sid"], kept["national_role"]) == (ACR, "sid-holm", "urn:dk:role:sekretaer")
    assert kept["on_behalf_of"] == {
        "sub": "kvist", "name": "Signe Kvist", "cpr": "0202029990", "authorisation_id": "0XK21",
    }  # fmt: skip
    assert (kept["authorisation_id"], kept["powers"]) == ("", [])
    assert "0101019995" not in str(dict(kept.items())), "the user's own number is the user's, and no citizen's is here"
    assert len(str(browser.session.session_key)) >= 32
    left = browser.post("/borger/log-ind/", {"issuer": citizens.pk})
    came_back(browser, left, citizen_claims("nancy"))
    assert browser.session["on_behalf_of"] is None
    assert not re.search(r"\d{10}", str(browser.session["organization"]))


@pytest.mark.parametrize("door", [staff, citizen])
def test_a_session_ends_when_what_it_was_signed_with_has_changed(browser: Client, door: Any) -> None:
    """The hash that Django keeps in the session: a changed password ends every session of its user."""
    page = door(browser)
    assert browser.get(page).status_code == 200
    user = PatientContext.objects.get().user
    user.set_password("et-andet-kodeord-27")
    user.save(update_fields=["password"])
    assert browser.get(page).status_code == 401
    assert AuditEvent.objects.order_by("-recorded").values_list("action", "reason")[0] == (
        "access.refused",
        "signed-out",
    )
