"""The security checklist of the design (ACCESS.md §10), 9–16 and 21–24: who somebody is, and for how long."""

import base64
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from joserfc.jwk import RSAKey

from access.models import Issuer, PatientContext, User
from access.oidc import discovery
from access.tests.cast import (
    ISSUER,
    JENS,
    LOGINS,
    NANCY,
    TICKETS,
    arrived,
    ask_ticket,
    assertion,
    at_issuer,
    came_back,
    citizen_claims,
    claims,
    epj,
    issuers,
    launched,
    own,
    person,
    signed_in,
    ticket,
    wish,
)
from access.tests.conftest import Rows
from access.tests.provider import Json, provider, rsa_key, signed
from sundhedsjournal.tests.addresses import ROUTES, address
from sundhedsjournal.tests.pages import CheckingClient

pytestmark = pytest.mark.django_db
CROSS, HTMX = {"Sec-Fetch-Site": "cross-site"}, {"HX-Request": "true"}
ELSEWHERE = ("https://evil.invalid/", "//evil.invalid", "/\\evil.invalid", "javascript:alert(1)", "evil.invalid")


@pytest.fixture(autouse=True)
def _whole_house(settings: Any) -> None:
    settings.ROOT_URLCONF = "sundhedsjournal.urls"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def browser() -> Client:
    return CheckingClient()


def folder(client: Client, cpr: str = NANCY) -> str:
    return f"/k/{launched(client, 'holm', cpr)}/ekg/"


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def stolen(client: Client) -> Client:
    """Another browser with the session cookie of this one, as it is now."""
    other = CheckingClient()
    other.cookies["sj"] = client.cookies["sj"].value
    return other


def operator() -> User:
    user = person("drift")
    user.set_password("rigtig")
    user.is_staff = user.is_superuser = True
    user.save()
    return user


# ── 9, 10 ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("where", ELSEWHERE)
def test_09_no_way_leads_to_another_host_than_ours_and_the_registered_issuers(browser: Client, where: str) -> None:
    operator()
    by_password = browser.post("/log-ind/", {"username": "drift", "password": "rigtig", "next": where})
    assert by_password["Location"] == "/"
    assert signed_in(browser, "holm", where)["Location"] == "/"
    left = browser.post("/log-ind/igen/", {"next": where})
    assert came_back(browser, left, claims("holm"))["Location"] == "/"
    assert f'value="{where}"' not in browser.get("/log-ind/", {"next": where}).content.decode()
    for to, said in (("/log-ind/", {"issuer": where}), ("/borger/log-ind/", {"issuer": where})):
        assert "Location" not in browser.post(to, said)
    assert "Location" not in browser.get("/launch", {"iss": where, "launch": "x"})
    page = folder(browser)
    hosts = {urlsplit(browser.get(address(route), {"next": where}).get("Location", "")).netloc for route in ROUTES}
    assert hosts == {""}
    assert browser.get(page).status_code == 200


def test_10_the_same_subject_at_another_issuer_is_somebody_else(browser: Client, events: Rows) -> None:
    page = folder(browser)
    elsewhere = CheckingClient()
    _, citizens = issuers()
    left = elsewhere.post("/borger/log-ind/", {"issuer": citizens.pk})
    assert came_back(elsewhere, left, citizen_claims("jens", sub="holm")).status_code == 303
    events()
    assert elsewhere.get(page).status_code == 404
    assert events() == [("access.refused", 4, "context-of-another-user")]
    a_launch = arrived(elsewhere, ticket("holm", NANCY))
    assert elsewhere.get(a_launch).status_code == 403
    assert events()[-1] == ("launch.refused", 4, "user-mismatch")
    assert sorted(User.objects.filter(subject="holm").values_list("issuer", flat=True)) == sorted([ISSUER, LOGINS])


# ── 11, 12, 21 ──────────────────────────────────────────────────────────────────────────────────────────────────────
FOREIGN = RSAKey.generate_key(2048, {"kid": "foreign", "alg": "RS256"})


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unsigned(header: Json, told: Json) -> str:
    return ".".join((b64(json.dumps({**header, "alg": "none"}).encode()), b64(json.dumps(told).encode()), ""))


def by_public_key(header: Json, told: Json) -> str:
    body = f"{b64(json.dumps({**header, 'alg': 'HS256'}).encode())}.{b64(json.dumps(told).encode())}"
    return f"{body}.{b64(hmac.new(rsa_key().as_pem(private=False), body.encode(), hashlib.sha256).digest())}"


def foreign(**header: Any) -> Callable[[Json, Json], str]:
    return lambda head, told: signed(told, FOREIGN, {**head, "kid": "foreign", **header})


SIGNATURES: dict[str, Any] = {
    "unsigned": unsigned,
    "alg=none with a signature": lambda head, told: unsigned(head, told) + "AAAA",
    "HS256 with the public key": by_public_key,
    "by a key it brings itself": foreign(jwk=FOREIGN.as_dict(private=False)),
    "by a key at an address it names": foreign(jku=f"{ISSUER}/jwks"),
    "by a certificate at an address it names": foreign(x5u=f"{ISSUER}/x5u"),
    "by somebody else": foreign(),
}


def refused(browser: Client, path: str, events: Rows, **wrong: Any) -> str:
    """A sign-in with this one thing wrong: nobody is in, nothing is open; returns the code of the one line."""
    events()
    with provider().breaking(**wrong):
        answer = came_back(browser, browser.get(path), claims("holm"))
    assert answer.status_code == 403
    assert not is_in(browser)
    assert not PatientContext.objects.exists()
    ((action, outcome, code),) = events()
    assert (action, outcome) == ("user.sign_in_failed", 4)
    return code


@pytest.mark.parametrize("how", SIGNATURES)
def test_11_only_the_issuer_s_own_published_keys_prove_a_token(browser: Client, events: Rows, how: str) -> None:
    path = arrived(browser, ticket("holm", NANCY))
    code = refused(browser, path, events, sign=SIGNATURES[how])
    assert code in {"token-alg", "token-header", "token-key", "token-signature"}
    assert came_back(browser, browser.get(path), claims("holm"))["Location"] == path


@pytest.mark.parametrize("how", SIGNATURES)
def test_11_the_same_goes_for_what_a_launching_system_signs(events: Rows, how: str) -> None:
    epj()
    person("holm")
    head, told = {"alg": "RS256", "kid": "epj-P-256"}, json.loads(base64.urlsafe_b64decode(_body(assertion(TICKETS))))
    events()
    assert ask_ticket(wish("holm", NANCY), SIGNATURES[how](head, told)).status_code == 401
    ((action, outcome, _),) = events()
    assert (action, outcome) == ("launch_ticket.refused", 4)


def _body(token: str) -> str:
    body = token.split(".")[1]
    return body + "=" * (-len(body) % 4)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"acr": "https://data.gov.dk/concept/core/nsis/Low"}, "token-acr"),
        ({"acr": None}, "token-acr"),
        ({"acr": ""}, "token-acr"),
        ({"acr": "Substantial"}, "token-acr"),
        ({"auth_time": int(time.time()) - 3600}, "token-auth_time"),
        ({"auth_time": None}, "token-auth_time"),
    ],
    ids=["low", "no-acr", "empty", "another-word", "old", "no-auth-time"],
)
def test_12_a_login_that_is_too_weak_or_too_old_gives_no_session(
    browser: Client, events: Rows, said: Json, code: str
) -> None:
    path = arrived(browser, ticket("holm", NANCY))
    issuers(max_age=900)
    assert refused(browser, path, events, claims=said) == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda: {"claims": {"exp": int(time.time()) - 60}}, "token-exp"),
        (lambda: {"claims": {"nbf": int(time.time()) + 60}}, "token-nbf"),
        (lambda: {"claims": {"aud": "sundhedsjournal-borger"}}, "token-aud"),
        (lambda: {"header": {"typ": "at+jwt"}}, "token-type"),
        (lambda: {"header": {"typ": "logout+jwt"}}, "token-type"),
        (lambda: {"token": {"id_token": provider().logout_token(sub="holm")}}, "token-type"),
    ],
    ids=["expired", "not yet", "for our other client", "access token", "logout token's header", "logout token"],
)
def test_21_a_token_counts_in_its_time_for_us_and_as_what_it_is(
    browser: Client, events: Rows, wrong: Any, code: str
) -> None:
    assert refused(browser, arrived(browser, ticket("holm", NANCY)), events, **wrong()) == code


def test_21_no_kind_of_token_is_taken_for_another(browser: Client, events: Rows) -> None:
    with overheard() as tokens:
        page = folder(browser)
    id_token = next(one for one in tokens if one.count(".") == 2 and '"nonce"' in _read(one))
    for token in tokens:
        answer = CheckingClient().post("/login/backchannel-logout", {"logout_token": token})
        assert answer.status_code == 400
    assert browser.get(page).status_code == 200
    logout = provider().logout_token(sub="holm")
    for token in (id_token, logout):
        assert ask_ticket(wish("holm", NANCY), token).status_code == 401
        assert CheckingClient().post("/launch/ticket", {"ticket": token}).status_code == 403
        assert CheckingClient().get(page, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def _read(token: str) -> str:
    return base64.urlsafe_b64decode(_body(token)).decode()


# ── 13–16 ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_13_the_key_of_a_session_is_long_ours_and_new_at_every_sign_in(browser: Client) -> None:
    browser.cookies["sj"] = planted = "a" * 32
    signed_in(browser, "kvist")
    first = str(browser.session.session_key)
    assert first != planted
    assert len(first) >= 25, "36 signs: 25 of them are 129 bits"
    before = stolen(browser)
    signed_in(browser, "holm")
    second = str(browser.session.session_key)
    assert second not in (first, planted)
    page = folder(browser)
    third = stolen(browser)
    left = browser.post("/log-ind/igen/", {"next": page})
    came_back(browser, left, claims("holm"))
    assert browser.get(page).status_code == 200
    for old in (before, third):
        assert old.get(page).status_code == 401
    assert not Session.objects.filter(pk__in=[first, second, planted]).exists()


@pytest.mark.parametrize(
    ("who", "idle", "most"), [("staff", 30 * 60, 10 * 3600), ("shared", 5 * 60, 10 * 3600), ("citizen", 900, 2 * 3600)]
)
def test_14_the_server_s_clock_ends_what_is_idle_and_what_is_old(
    browser: Client, settings: Any, events: Rows, who: str, idle: int, most: int
) -> None:
    settings.CONTEXT_IDLE = settings.CONTEXT_MAX = 30 * 3600
    epj(shared_workstation=who == "shared")

    def opened(client: Client) -> str:
        return f"/borger/{own(client, 'nancy')}/kommune/" if who == "citizen" else folder(client)

    page, began = opened(browser), timezone.now()
    with time_machine.travel(began + timedelta(seconds=idle + 1)):
        assert browser.get(page).status_code == 401
    assert events()[-2:] == [("user.signed_out", 0, "session-ended"), ("access.refused", 4, "signed-out")]
    busy = CheckingClient()
    page, began = opened(busy), timezone.now()
    for passed in range(idle - 70, most, idle - 70):
        with time_machine.travel(began + timedelta(seconds=passed)):
            assert busy.get(page).status_code == 200, passed
    with time_machine.travel(began + timedelta(seconds=most + 1)):
        assert busy.get(page).status_code == 401


def signs_out(browser: Client) -> None:
    assert browser.post("/log-ud/").status_code == 200


def is_killed(browser: Client) -> None:
    operator()
    room = Client()
    assert room.post("/log-ind/", {"username": "drift", "password": "rigtig", "next": "/admin/"})["Location"]
    chosen = list(PatientContext.objects.values_list("pk", flat=True))
    said = {"action": "close", "_selected_action": chosen}
    assert room.post("/admin/access/patientcontext/", said).status_code == 302


def is_switched_off(browser: Client) -> None:
    operator()
    room, user = Client(), User.objects.get(username="holm")
    room.post("/log-ind/", {"username": "drift", "password": "rigtig", "next": "/admin/"})
    assert room.post(f"/admin/access/user/{user.pk}/change/", {"role": "clinician"}).status_code == 302


@pytest.mark.parametrize(("end", "status"), [(signs_out, 401), (is_killed, 410), (is_switched_off, 401)])
def test_15_the_very_next_request_of_every_tab_is_stopped(browser: Client, end: Any, status: int) -> None:
    tabs = [folder(browser, cpr) for cpr in (NANCY, JENS)]
    twin = stolen(browser)
    assert [client.get(tab).status_code for client in (browser, twin) for tab in tabs] == [200] * 4
    end(browser)
    for tab in tabs:
        for headers in ({}, HTMX):
            assert {client.get(tab, headers=headers).status_code for client in (browser, twin)} == {status}


def test_16_nobody_is_signed_in_and_nothing_opens_without_somebody_s_doing(browser: Client, events: Rows) -> None:
    """Links, previews and prefetches: of a citizen who is signed in, of nobody, of a page of another site."""
    prefetch = {"Sec-Purpose": "prefetch"} | CROSS
    nancy = CheckingClient()
    own(nancy, "nancy")
    nancy.post(f"/borger/{PatientContext.objects.get().pk}/luk")
    PatientContext.objects.all().delete()
    before = Session.objects.count()
    for route in ROUTES:
        for asking in (CheckingClient(), nancy):
            asking.get(address(route), headers=prefetch)
            asking.head(address(route))
    assert not PatientContext.objects.exists()
    assert Session.objects.count() == before

    page = folder(browser)
    path = arrived(browser, ticket("holm", JENS))
    events()
    asked = browser.get(path, headers=CROSS)
    assert asked.status_code == 200
    assert "Bekræft opslag" in asked.content.decode()
    assert events() == []
    assert PatientContext.objects.filter(patient__cpr=JENS).count() == 0
    assert browser.get(f"{path}aabn/").status_code == 405
    assert browser.post(f"{path}aabn/", {"formaal": "treatment"})["Location"].startswith("/k/")
    assert browser.get(page).status_code == 200


# ── 22–24 ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@contextlib.contextmanager
def overheard() -> Iterator[list[str]]:
    """All that the issuer gives our server, and what our server proves itself with."""
    tokens: list[str] = []
    original = provider().changed

    def listening(path: str, form: Any) -> Any:
        status, told = original(path, form)
        told["refresh_token"] = "refresh-" + "r" * 40
        tokens.extend(str(told[name]) for name in ("id_token", "access_token", "refresh_token") if name in told)
        tokens.append(form["client_assertion"])
        return status, told

    provider().changed = listening  # type: ignore[method-assign]
    try:
        yield tokens
    finally:
        del provider().changed


def test_22_no_token_ever_reaches_the_browser(browser: Client) -> None:
    answers = []
    with overheard() as tokens:
        path = arrived(browser, ticket("holm", NANCY))
        answers += [away := browser.get(path), came_back(browser, away, claims("holm")), opened := browser.get(path)]
        answers += [browser.get(opened["Location"]), browser.get("/"), browser.post("/log-ind/igen/", {"next": "/"})]
        _, citizens = issuers()
        answers.append(left := browser.post("/borger/log-ind/", {"issuer": citizens.pk}))
        answers.append(came_back(browser, left, citizen_claims("nancy")))
        answers += [browser.get(answers[-1]["Location"]), browser.get("/borger/"), browser.post("/log-ud/")]
    assert len(tokens) == 8
    reached = "\n".join(f"{answer.headers} {answer.cookies} {answer.content.decode()}" for answer in answers)
    assert not [token for token in tokens if token in reached]
    assert "eyJ" not in reached, "nor any other JWT"


def test_23_each_sign_in_has_its_own_state_nonce_and_challenge_and_none_fits_another(
    browser: Client, events: Rows
) -> None:
    tabs = [arrived(browser, ticket("holm", cpr)) for cpr in (NANCY, JENS)]
    left = [browser.get(tab)["Location"] for tab in tabs]
    asked = [dict(parse_qsl(urlsplit(url).query)) for url in left]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert min(len(each[name]) for each in asked) >= 43
    assert {each["code_challenge_method"] for each in asked} == {"S256"}
    backs = [dict(parse_qsl(urlsplit(provider().authorize(url, claims("holm"))).query)) for url in left]
    swapped = {**backs[0], "code": backs[1]["code"]}
    events()
    assert browser.get(f"/login/callback?{urlencode(swapped)}").status_code == 403
    assert events() == [("user.sign_in_failed", 4, "issuer-answer")]
    stranger = CheckingClient()
    assert stranger.get(f"/login/callback?{urlencode(backs[1])}").status_code == 403
    assert events() == [("user.sign_in_failed", 4, "login-of-another-browser")]
    assert not is_in(browser)
    assert not is_in(stranger)
    again = browser.get(tabs[1])["Location"]  # the code of the second was spent by the swap
    assert came_back(browser, browser.get(tabs[1]), claims("holm"))["Location"] == tabs[1]
    assert at_issuer(again)
    assert browser.get(tabs[1])["Location"].startswith("/k/")


def test_24_an_answer_of_another_issuer_and_metadata_that_name_another_are_refused(
    browser: Client, events: Rows
) -> None:
    path = arrived(browser, ticket("holm", NANCY))
    assert refused(browser, path, events, callback={"iss": LOGINS}) == "callback-iss"
    assert refused(browser, path, events, callback={"iss": None}) == "callback-iss"
    assert refused(browser, path, events, claims={"iss": LOGINS}) == "token-iss"
    with provider().breaking(metadata={"issuer": LOGINS}):
        assert browser.get(path).status_code == 403
    assert events() == [("user.sign_in_failed", 4, "issuer-metadata")]
    discovery.forget()
    # The citizens' issuer brings its own code to a sign-in that was begun at the staff's.
    staff = browser.get(path)["Location"]
    _, citizens = issuers()
    mine = CheckingClient().post("/borger/log-ind/", {"issuer": citizens.pk})["Location"]
    code = dict(parse_qsl(urlsplit(provider().authorize(mine, citizen_claims("jens"))).query))["code"]
    with provider().breaking(callback={"code": code}):
        assert browser.get(provider().authorize(staff, claims("holm"))).status_code == 403
    assert events() == [("user.sign_in_failed", 4, "issuer-answer")]
    assert not is_in(browser)
    assert Issuer.objects.count() == 2
