"""A provider that breaks one rule at a time: each ends in a calm page, one line in the audit, no data, no session."""

import base64
import hmac
import json
import re
import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from joserfc.jwk import ECKey, RSAKey

from access.models import Issuer, LoginTransaction, PatientContext, User
from access.oidc import discovery
from access.registering import register_user
from access.tests.cast import (
    ISSUER,
    JENS,
    NANCY,
    UNIT,
    arrived,
    came_back,
    citizen_claims,
    claims,
    issuers,
    power,
    signed_in,
    ticket,
)
from access.tests.conftest import Rows
from access.tests.provider import Json, provider, rsa_key, signed
from audit.models import AuditEvent
from patients.models import Patient
from sundhedsjournal.tests.pages import CheckingClient

FAILED = "user.sign_in_failed"
PATIENT = re.compile(r"Nancy|Berggren|251248|2512489996")
HTTP = provider().url
OTHER = RSAKey.generate_key(2048, {"kid": "issuer-1", "alg": "RS256"})

pytestmark = pytest.mark.django_db


def text(answer: Any) -> str:
    return str(answer.content.decode())


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(header: Json, told: Json) -> str:
    return f"{part({**header, 'alg': 'none'})}.{part(told)}."


def with_the_public_key_as_secret(header: Json, told: Json) -> str:
    body = f"{part({**header, 'alg': 'HS256'})}.{part(told)}"
    mac = hmac.new(rsa_key().as_pem(private=False), body.encode(), sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def by(key: Any, **header: Any) -> Callable[[Json, Json], str]:
    return lambda head, told: signed(told, key, {**head, **header})


def changed_after_signing(header: Json, told: Json) -> str:
    head, _, signature = signed(told, rsa_key(), header).split(".")
    return f"{head}.{part({**told, 'sub': 'kvist'})}.{signature}"


def now(seconds: int = 0) -> int:
    return int(time.time()) + seconds


RULES: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "wrong iss": (lambda: {"claims": {"iss": f"{HTTP}/evil"}}, "token-iss"),
    "no iss": (lambda: {"claims": {"iss": None}}, "token-iss"),
    "wrong aud": (lambda: {"claims": {"aud": "another-client"}}, "token-aud"),
    "no aud": (lambda: {"claims": {"aud": None}}, "token-aud"),
    "ours among others": (
        lambda: {"claims": {"aud": ["sundhedsjournal", "another"], "azp": "sundhedsjournal"}},
        "token-aud",
    ),
    "azp of another": (lambda: {"claims": {"azp": "another-client"}}, "token-azp"),
    "azp of nobody": (lambda: {"claims": {"azp": ""}}, "token-azp"),  # which Authlib takes for none
    "several aud, no azp": (lambda: {"claims": {"aud": ["sundhedsjournal", "another"]}}, "token-azp"),
    "wrong nonce": (lambda: {"claims": {"nonce": "x" * 43}}, "token-nonce"),
    "no nonce": (lambda: {"claims": {"nonce": None}}, "token-nonce"),
    "expired": (lambda: {"claims": {"exp": now(-10)}}, "token-exp"),
    "exp that never comes": (lambda: {"claims": {"exp": "never"}}, "token-exp"),
    "no exp": (lambda: {"claims": {"exp": None}}, "token-exp"),
    "nbf ahead": (lambda: {"claims": {"nbf": now(60)}}, "token-nbf"),
    "iat ahead": (lambda: {"claims": {"iat": now(60)}}, "token-iat"),
    "low acr": (lambda: {"claims": {"acr": "https://data.gov.dk/concept/core/nsis/Low"}}, "token-acr"),
    "no acr": (lambda: {"claims": {"acr": None}}, "token-acr"),
    "a list of acr": (
        lambda: {"claims": {"acr": ["low", "https://data.gov.dk/concept/core/nsis/Substantial"]}},
        "token-acr",
    ),
    "stale auth_time": (lambda: {"claims": {"auth_time": now(-700)}}, "token-auth_time"),
    "no auth_time": (lambda: {"claims": {"auth_time": None}}, "token-auth_time"),
    "auth_time to come": (lambda: {"claims": {"auth_time": now(60)}}, "token-auth_time"),
    "auth_time before all time": (lambda: {"claims": {"auth_time": -(10**400)}}, "token-auth_time"),
    "auth_time that is no number": (lambda: {"claims": {"auth_time": float("nan")}}, "token-malformed"),
    "token of another access token": (lambda: {"claims": {"at_hash": "x" * 22}}, "token-at_hash"),
    "alg none": (lambda: {"sign": unsigned}, "token-alg"),
    "HS256 with the public key": (lambda: {"sign": with_the_public_key_as_secret}, "token-alg"),
    "an algorithm this issuer does not use": (
        lambda: {"sign": by(ECKey.generate_key("P-256"), alg="ES256")},
        "token-alg",
    ),
    "header jwk": (lambda: {"sign": by(OTHER, jwk=OTHER.as_dict(private=False))}, "token-header"),
    "header jku": (lambda: {"header": {"jku": f"{HTTP}/o/jwks"}}, "token-header"),
    "header x5u": (lambda: {"header": {"x5u": f"{HTTP}/o/x5u"}}, "token-header"),
    "header x5c": (lambda: {"header": {"x5c": ["MIIB"]}}, "token-header"),
    "header crit": (lambda: {"sign": lambda head, told: _with(head, told, crit=["b64"], b64=True)}, "token-header"),
    "signed by another with the same kid": (lambda: {"sign": by(OTHER)}, "token-signature"),
    "signed by another with another kid": (lambda: {"sign": by(OTHER, kid="unheard-of")}, "token-key"),
    "changed after signing": (lambda: {"sign": changed_after_signing}, "token-signature"),
    "an access token as ID token": (lambda: {"header": {"typ": "at+jwt"}, "claims": {"nonce": None}}, "token-type"),
    "a logout token as ID token": (lambda: {"token": {"id_token": provider().logout_token(sub="holm")}}, "token-type"),
    "a logout token in disguise": (lambda: {"claims": {"events": {}}}, "token-type"),
    "no ID token": (lambda: {"token": {"id_token": None}}, "token-malformed"),
    "no token at all": (lambda: {"token": {"id_token": "a.b"}}, "token-malformed"),
    "a token without end": (lambda: {"claims": {"padding": "x" * 20_000}}, "token-malformed"),
    "no access token": (lambda: {"token": {"access_token": None}}, "issuer-answer"),
    "callback of another issuer": (lambda: {"callback": {"iss": f"{HTTP}/evil"}}, "callback-iss"),
    "callback that names nobody": (lambda: {"callback": {"iss": None}}, "callback-iss"),
    "callback without code": (lambda: {"callback": {"code": None}}, "callback-code"),
    "the person said no": (lambda: {"callback": {"code": None, "error": "access_denied"}}, "issuer-access_denied"),
    "an error in words of its own": (lambda: {"callback": {"error": "2512489996 <b>"}}, "issuer-error"),
    "a code of nobody": (lambda: {"callback": {"code": "made-up"}}, "issuer-answer"),
    "no subject": (lambda: {"claims": {"sub": None}}, "token-sub"),
    "an empty subject": (lambda: {"claims": {"sub": ""}}, "claim-sub"),
    "a subject in control characters": (lambda: {"claims": {"sub": "ho\x00lm"}}, "claim-sub"),
    "a name without end": (lambda: {"claims": {"family_name": "x" * 151}}, "claim-family_name"),
    "an organisation of no register": (lambda: {"claims": {"organization": {"ean": "1"}}}, "claim-organization"),
    "the number of no person": (lambda: {"claims": {"cpr": "3113489996"}}, "claim-cpr"),
    "a role the issuer may not give": (lambda: {"claims": {"role": "log-controller"}}, "user-role"),
    "operator": (lambda: {"claims": {"role": "operator"}}, "user-role"),
    "citizen": (lambda: {"claims": {"role": "citizen", "cpr": NANCY}}, "user-role"),
    "no role": (lambda: {"claims": {"role": None}}, "user-role"),
    "metadata naming another issuer": (lambda: {"metadata": {"issuer": f"{HTTP}/evil"}}, "issuer-metadata"),
    "token endpoint in the clear elsewhere": (
        lambda: {"metadata": {"token_endpoint": "http://evil.invalid/token"}},
        "issuer-endpoint",
    ),
    "authorization endpoint elsewhere": (
        lambda: {"metadata": {"authorization_endpoint": "https://evil.invalid/authorize"}},
        "issuer-endpoint",
    ),
    "token endpoint at another host": (
        lambda: {"metadata": {"token_endpoint": "https://evil.invalid/token"}},
        "issuer-endpoint",
    ),
    "keys at another host": (lambda: {"metadata": {"jwks_uri": "https://evil.invalid/jwks"}}, "issuer-endpoint"),
    "keys at another host that begins alike": (
        lambda: {"metadata": {"jwks_uri": "https://127.0.0.1.evil.invalid/jwks"}},
        "issuer-endpoint",
    ),
    "keys at another host behind a name": (
        lambda: {"metadata": {"jwks_uri": "https://127.0.0.1@evil.invalid/jwks"}},
        "issuer-endpoint",
    ),
    "sign-out at another host": (
        lambda: {"metadata": {"end_session_endpoint": "https://evil.invalid/logout"}},
        "issuer-endpoint",
    ),
    "keys from a file": (lambda: {"metadata": {"jwks_uri": "file:///etc/passwd"}}, "issuer-endpoint"),
    "redirecting discovery": (lambda: {"discovery": "redirect"}, "issuer-answer"),
    "huge discovery": (lambda: {"discovery": "huge"}, "issuer-answer"),
    "discovery in HTML": (lambda: {"discovery": "html"}, "issuer-answer"),
}


def _with(header: Json, told: Json, **more: Any) -> str:
    _, body, signature = signed(told, rsa_key(), header).split(".")
    return f"{part({**header, **more})}.{body}.{signature}"


@pytest.fixture
def browser() -> Client:
    return CheckingClient()


@pytest.fixture
def path(browser: Client) -> str:
    """A launch of Nancy's record for Anna Holm that waits in that browser for her to sign in."""
    found = arrived(browser, ticket("holm", NANCY))
    issuers(algorithms=["RS256", "PS256"], max_age=600, roles=["clinician", "assistant", "municipal"])
    return found


def nobody_is_in(browser: Client, answer: Any, events: Rows, code: str) -> None:
    """A calm Danish page, one line, no data, no session."""
    assert answer.status_code == 403
    page = text(answer)
    assert "<h1>" in page
    assert not PATIENT.search(page)
    assert "Traceback" not in page
    assert events() == [(FAILED, 4, code)]
    assert "_auth_user_id" not in browser.session
    assert not PatientContext.objects.exists()
    row = AuditEvent.objects.get(action=FAILED)
    assert row.entity == f"Issuer/{Issuer.objects.get(door='k').pk}"


@pytest.mark.parametrize("rule", RULES)
def test_one_broken_rule_and_nobody_is_signed_in(browser: Client, path: str, events: Rows, rule: str) -> None:
    how, code = RULES[rule]
    events()
    with provider().breaking(**how()):
        away = browser.get(path)
        answer = came_back(browser, away, claims("holm")) if away.status_code == 303 else away
    nobody_is_in(browser, answer, events, code)
    assert not LoginTransaction.objects.filter(used_at=None).exists()
    # The same without the fault opens the record: it was this rule and nothing else.
    discovery.forget()
    assert came_back(browser, browser.get(path), claims("holm"))["Location"] == path
    assert browser.get(path)["Location"].startswith("/k/")


def test_keys_at_a_host_that_the_issuer_s_row_allows_are_fetched_there(
    browser: Client, path: str, events: Rows
) -> None:
    """The same machine by another name, which only the row makes as good as the issuer's own."""
    elsewhere = provider().staff.replace("127.0.0.1", "localhost")
    with provider().breaking(metadata={"jwks_uri": f"{elsewhere}/jwks"}):
        assert browser.get(path).status_code == 403
        assert events()[-1] == (FAILED, 4, "issuer-endpoint")
        issuers(hosts=["keys.invalid", "localhost"])
        assert came_back(browser, browser.get(path), claims("holm"))["Location"] == path
        issuers(hosts=[])
        assert signed_in_elsewhere().status_code == 403


def signed_in_elsewhere() -> Any:
    return CheckingClient().post("/log-ind/", {"issuer": Issuer.objects.get(door="k").pk})


@pytest.mark.parametrize("host", ["", "https://x.dk", "x.dk:443", "x.dk/y", "X.dk", ".dk"])
def test_a_host_is_a_name_and_nothing_else(db: None, host: str) -> None:
    with pytest.raises(ValueError, match="host"):
        issuers(hosts=[host])


@pytest.mark.parametrize(
    ("expires", "code"),
    [(10**400, "claim-powers"), (-1, "claim-powers"), (float("inf"), "token-malformed"), ("i morgen", "claim-powers")],
)
def test_a_fuldmagt_until_no_time_signs_nobody_in(browser: Client, events: Rows, expires: Any, code: str) -> None:
    _, citizens = issuers()
    away = browser.post("/borger/log-ind/", {"issuer": citizens.pk})
    told = citizen_claims("nancy", powers=[power(JENS, "Jens Mikkel Thorsen", "se_ekg") | {"expires": expires}])
    assert came_back(browser, away, told).status_code == 403
    assert events() == [(FAILED, 4, code)]
    assert "_auth_user_id" not in browser.session


def test_an_issuer_that_does_not_answer_is_said_and_left_alone_for_a_moment(
    browser: Client, path: str, events: Rows
) -> None:
    events()
    with provider().breaking(discovery="down"):
        first = browser.get(path)
        provider().asked.clear()
        second = browser.get(path)
        assert provider().asked == []
    assert (first.status_code, second.status_code) == (503, 503)
    assert "Dit login svarer ikke lige nu." in text(first)
    assert events() == [(FAILED, 4, "issuer-unreachable")] * 2
    assert not LoginTransaction.objects.exists()


def test_a_callback_works_once(browser: Client, path: str, events: Rows) -> None:
    back = provider().authorize(browser.get(path)["Location"], claims("holm"))
    (name,) = [name for name in browser.cookies if name.startswith("sj_login_")]
    secret = browser.cookies[name].value
    assert browser.get(back)["Location"] == path
    assert browser.cookies[name].value == ""
    again = CheckingClient()
    again.cookies[name] = secret
    events()
    for asking in (browser, again):
        answer = asking.get(back)
        assert answer.status_code == 410
        assert "kun én gang" in text(answer)
    assert events() == [(FAILED, 4, "login-replayed")] * 2
    assert "_auth_user_id" not in again.session


def test_a_code_works_once(browser: Client, path: str, events: Rows) -> None:
    """The code of a callback that was used up is brought with the state of another one: the issuer knows it no more."""
    first = provider().authorize(browser.get(path)["Location"], claims("holm"))
    code = re.search("code=([^&]+)", first).group(1)  # type: ignore[union-attr]
    assert browser.get(first)["Location"] == path
    other = CheckingClient()
    later = arrived(other, ticket("holm", JENS))
    events()
    with provider().breaking(callback={"code": code}):
        assert came_back(other, other.get(later), claims("holm")).status_code == 403
    assert events()[-1] == (FAILED, 4, "issuer-answer")
    assert "_auth_user_id" not in other.session


def test_a_code_of_another_tab_s_sign_in_is_worth_nothing(browser: Client, path: str, events: Rows) -> None:
    """Its challenge is of another verifier; and had the issuer not looked, the nonce would not fit."""
    other = arrived(browser, ticket("holm", JENS))
    one, two = browser.get(path)["Location"], browser.get(other)["Location"]
    swapped = re.search("code=([^&]+)", provider().authorize(two, claims("holm"))).group(1)  # type: ignore[union-attr]
    with provider().breaking(callback={"code": swapped}):
        back = provider().authorize(one, claims("holm"))
        events()
        assert browser.get(back).status_code == 403
    assert events() == [(FAILED, 4, "issuer-answer")]
    # An issuer that forgets PKCE:
    provider().codes["loose"] = {"path": "/o", "asked": _asked(two), "who": claims("holm"), "at": now()}
    one = browser.get(path)["Location"]
    provider().codes["loose"]["asked"] |= {"code_challenge": _asked(one)["code_challenge"]}
    with provider().breaking(callback={"code": "loose"}):
        assert browser.get(provider().authorize(one, claims("holm"))).status_code == 403
    assert events() == [(FAILED, 4, "token-nonce")]
    assert "_auth_user_id" not in browser.session


def _asked(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def test_a_state_belongs_to_the_browser_that_left_with_it(browser: Client, path: str, events: Rows) -> None:
    """Login CSRF: a stranger's callback in another browser signs nobody in, and is not used up by the attempt."""
    victim = CheckingClient()
    back = provider().authorize(browser.get(path)["Location"], claims("holm"))
    events()
    assert victim.get(back).status_code == 403
    assert events() == [(FAILED, 4, "login-of-another-browser")]
    assert "_auth_user_id" not in victim.session
    assert browser.get(back)["Location"] == path


def test_a_state_of_nobody_and_a_state_too_old(browser: Client, path: str, events: Rows) -> None:
    back = provider().authorize(browser.get(path)["Location"], claims("holm"))
    events()
    for made_up in ("/login/callback", "/login/callback?state=x&code=y", "/login/callback?state=%00", f"{back}x"):
        assert browser.get(made_up).status_code == 403
    assert [row[2] for row in events()] == ["login-unknown"] * 3 + ["callback-iss"]
    back = provider().authorize(browser.get(path)["Location"], claims("holm"))
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert browser.get(back).status_code == 410
    assert events() == [(FAILED, 4, "login-expired")]
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        (lambda: claims("kvist"), 403, "user-mismatch"),
        (lambda: claims("holm", sub="HOLM"), 403, "user-mismatch"),
        (lambda: claims("holm", organization={"sor": "999000000000111"}), 403, "organisation-mismatch"),
        (lambda: claims("holm", organization={"cvr": "12345678"}), 403, "organisation-mismatch"),
    ],
)
def test_another_user_or_unit_than_the_ticket_s_opens_nothing(
    browser: Client, path: str, events: Rows, who: Any, status: int, code: str
) -> None:
    away = browser.get(path)
    events()
    answer = came_back(browser, away, who())
    assert answer.status_code == status
    assert not PATIENT.search(text(answer))
    assert events() == [("launch.refused", 4, code)]
    row = AuditEvent.objects.get(reason=code)
    assert row.patient_ref == Patient.objects.get(cpr=NANCY).pk
    assert "_auth_user_id" not in browser.session
    assert not PatientContext.objects.exists()
    if code == "user-mismatch":
        switched = browser.post(f"{path}skift/")
        assert "prompt=login" in switched["Location"]
        assert came_back(browser, switched, claims("holm"))["Location"] == path


def test_the_same_subject_of_another_issuer_is_somebody_else(browser: Client, path: str, events: Rows) -> None:
    """The citizens' issuer says "holm" too; and its sign-in cannot be brought to a launch of the staff's."""
    _, citizens = issuers()
    left = browser.post("/borger/log-ind/", {"issuer": citizens.pk})
    events()
    answer = came_back(browser, left, citizen_claims("nancy", sub="holm"))
    assert answer["Location"].startswith("/borger/")
    assert User.objects.filter(subject="holm").count() == 2
    assert browser.get(path).status_code == 403
    assert events()[-1] == ("launch.refused", 4, "user-mismatch")


def test_an_issuer_makes_nobody_of_those_who_run_the_house(events: Rows) -> None:
    register_user(ISSUER, "drift", name="Dagny Rift", is_admin=True)
    browser = CheckingClient()
    assert signed_in(browser, "holm", sub="drift").status_code == 403
    assert events() == [(FAILED, 4, "user-role")]
    user = User.objects.get(subject="drift")
    assert (user.role, user.is_superuser, user.title) == ("operator", True, "")


def test_somebody_who_was_shut_out_stays_out(events: Rows) -> None:
    browser = CheckingClient()
    assert signed_in(browser, "holm")["Location"] == "/"
    User.objects.update(is_active=False)
    events()
    for asking in (browser, CheckingClient()):
        assert signed_in(asking, "holm").status_code == 403
        assert "_auth_user_id" not in asking.session or not User.objects.get().is_active
    assert events()[-1] == (FAILED, 4, "user-inactive")
    assert not User.objects.get().is_active


def test_an_issuer_that_is_switched_off_meanwhile_signs_nobody_in(browser: Client, path: str, events: Rows) -> None:
    back = provider().authorize(browser.get(path)["Location"], claims("holm"))
    Issuer.objects.update(active=False)
    events()
    assert browser.get(back).status_code == 403
    assert events() == [(FAILED, 4, "issuer-inactive")]


def test_keys_change_without_a_restart_and_an_old_key_is_believed_no_longer(events: Rows) -> None:
    assert signed_in(CheckingClient(), "holm")["Location"] == "/"
    new = ECKey.generate_key("P-256", {"kid": "issuer-2", "use": "sig", "alg": "ES256"})
    old = provider().keys
    try:
        # Published first, used after: as issuers do.
        provider().keys = [new, *old]
        with time_machine.travel(timezone.now() + timedelta(seconds=discovery.PATIENCE + 1)):
            assert signed_in(CheckingClient(), "holm")["Location"] == "/"
        provider().keys = [new]
        with time_machine.travel(timezone.now() + timedelta(seconds=discovery.FRESH + 10)):
            assert signed_in(CheckingClient(), "holm")["Location"] == "/"
            events()
            with provider().breaking(sign=by(old[0], kid="issuer-1", alg="RS256")):
                assert signed_in(CheckingClient(), "holm").status_code == 403
        assert events()[-1] == (FAILED, 4, "token-key")
        strong = RSAKey.generate_key(2048, {"kid": "issuer-3", "alg": "PS256"})
        provider().keys = [strong]
        discovery.forget()
        assert signed_in(CheckingClient(), "holm")["Location"] == "/"
    finally:
        provider().keys = old
        discovery.forget()


def test_a_flood_of_made_up_keys_does_not_become_a_flood_of_questions() -> None:
    assert signed_in(CheckingClient(), "holm")["Location"] == "/"
    provider().asked.clear()
    provider().wrong.header = {"kid": "unheard-of"}
    try:
        for _ in range(5):
            assert signed_in(CheckingClient(), "holm").status_code == 403
    finally:
        provider().wrong.header = {}
    assert provider().asked.count("/o/jwks") <= 1


def test_no_token_is_kept_anywhere(browser: Client, path: str) -> None:
    seen: list[str] = []
    original = provider().changed

    def overheard(path: str, form: Any) -> Any:
        status, told = original(path, form)
        seen.extend([told["id_token"], told["access_token"], form["code"], form["client_assertion"]])
        return status, told

    provider().changed = overheard  # type: ignore[method-assign]
    try:
        answer = came_back(browser, browser.get(path), claims("holm", cpr="0101909990"))
    finally:
        del provider().changed
    assert len(seen) == 4
    opened = browser.get(browser.get(path)["Location"])
    held = [
        *(morsel.value for morsel in browser.cookies.values()),
        json.dumps(dict(browser.session)),
        *Session.objects.values_list("session_data", flat=True),
        text(opened),
        str(answer.headers),
        *(str(row) for row in AuditEvent.objects.values_list("event", flat=True)),
        *(str(row) for row in LoginTransaction.objects.values()),
    ]
    assert not [secret for secret in seen if any(secret in one for one in held)]
    assert not [one for one in held if "0101909990" in one]
    assert browser.session["organization"] == {"sor": UNIT}
