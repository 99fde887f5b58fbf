"""Who gets past the headers, and who does not."""

import base64
import hmac
import json
import logging
import time
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from joserfc.jwk import ECKey, RSAKey

from fhir.models import Delivery, Issuer, Sender
from fhir.registering import register_sender
from fhir.tests.conftest import call
from fhir.tests.letters import letter

NOW = int(time.time())
CLAIMS = [
    ("audience-wrong", {"aud": "https://elsewhere.test/fhir"}),
    ("audience-wrong", {"aud": None}),
    ("audience-wrong", {"aud": ["a", "b"]}),
    ("sender-unknown", {"iss": "https://issuer.test/"}),
    ("sender-unknown", {"iss": "HTTPS://ISSUER.TEST"}),
    ("issuer-unknown", {"iss": None}),
    ("issuer-unknown", {"iss": ["https://issuer.test"]}),
    ("sender-unknown", {"sub": "lab-2"}),
    ("issuer-unknown", {"sub": None}),
    ("issuer-unknown", {"sub": "lab-1\u0000"}),
    ("expired", {"exp": NOW - 120}),
    ("expiry-missing", {"exp": None}),
    ("expiry-missing", {"exp": "2100-01-01"}),
    ("expiry-missing", {"exp": True}),
    ("lifetime-too-long", {"exp": NOW + 10 * 365 * 86400}),
    ("lifetime-too-long", {"exp": 1e300}),
    ("not-yet-valid", {"nbf": NOW + 3600, "exp": NOW + 7200}),
    ("not-yet-valid", {"iat": NOW + 3600, "exp": NOW + 7200}),
]


@pytest.mark.parametrize(("reason", "claims"), CLAIMS)
def test_a_token_with_wrong_claims_is_refused(post, token, events, reason, claims):
    answer = post(letter(), bearer=token(**claims))
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="fhir", error="invalid_token"'
    assert answer.tree["issue"][0]["code"] == "login"
    assert events() == [("sender.refused", reason, 4)]
    assert Delivery.objects.count() == 0


def test_a_good_token_gets_in_also_with_several_audiences_and_a_small_clock_difference(post, token, settings):
    assert post(letter("a"), bearer=token(aud=["x", settings.FHIR_AUDIENCE])).status == 201
    now = int(time.time())
    assert post(letter("b"), bearer=token(exp=now + 5, iat=now + 20, nbf=now + 20)).status == 201


HEADERS = [
    ("key-unknown", {"kid": "k2"}),
    ("key-unknown", {"kid": None}),
    ("key-brought-along", {"jku": "https://evil.test/keys"}),
    ("key-brought-along", {"x5u": "https://evil.test/cert"}),
    ("key-brought-along", {"crit": ["exp"]}),
]


@pytest.mark.parametrize(("reason", "header"), HEADERS)
def test_a_token_with_a_wrong_header_is_refused(post, token, events, reason, header):
    head, body, signature = token().split(".")
    known = json.loads(base64.urlsafe_b64decode(head + "=="))
    changed = {name: value for name, value in (known | header).items() if value is not None}
    forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    assert post(letter(), bearer=f"{forged}.{body}.{signature}").status == 401
    assert events() == [("sender.refused", reason, 4)]


def test_a_key_that_comes_inside_the_token_is_not_used(post, token, events):
    own = ECKey.generate_key("P-256", {"kid": "k1"})
    forged = token(header={"jwk": own.as_dict(private=False)}, signed_by=own)
    assert post(letter(), bearer=forged).status == 401
    assert events() == [("sender.refused", "key-brought-along", 4)]


def test_another_key_with_the_right_name_is_refused(post, token, events):
    assert post(letter(), bearer=token(signed_by=ECKey.generate_key("P-256", {"kid": "k1"}))).status == 401
    assert events() == [("sender.refused", "signature-wrong", 4)]


def test_no_algorithm_at_all_is_refused(post, token, events):
    _, body, _ = token().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none","kid":"k1"}').decode().rstrip("=")
    assert post(letter(), bearer=f"{head}.{body}.").status == 401
    assert events() == [("sender.refused", "algorithm-refused", 4)]


def test_the_public_key_used_as_a_secret_is_refused(post, token, key, events):
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').decode().rstrip("=")
    signed = f"{head}.{token().split('.')[1]}"
    digest = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert post(letter(), bearer=f"{signed}.{signature}").status == 401
    assert events() == [("sender.refused", "algorithm-refused", 4)]


def test_an_algorithm_that_the_issuer_is_not_allowed_is_refused_though_the_key_is_known(post, token, sender, events):
    rsa = RSAKey.generate_key(2048, {"kid": "r1"})
    register_sender(sender.issuer.url, "lab-1", "Laboratoriet", ["letter"], rsa.as_dict(private=False))
    assert Issuer.objects.get().algorithms == ["ES256", "PS256"]
    assert post(letter("a"), bearer=token(header={"alg": "RS256", "kid": "r1"}, signed_by=rsa)).status == 401
    assert post(letter("b"), bearer=token(header={"alg": "PS256", "kid": "r1"}, signed_by=rsa)).status == 201


BROKEN = ["", "x", "a.b", "a.b.c", "....", "é.é.é", "bnVsbA.bnVsbA.x", "W10.W10.x", "A" * 9000]


@pytest.mark.parametrize("bearer", BROKEN)
def test_a_token_that_is_none_is_refused(post, events, bearer):
    answer = post(letter(), HTTP_AUTHORIZATION=f"Bearer {bearer}")
    assert answer.status == 401
    assert [action for action, _, _ in events()] == ["sender.refused"]


def test_no_token_is_refused_and_told_how(post, events):
    answer = post(letter(), HTTP_AUTHORIZATION=None)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="fhir"')
    assert events() == [("sender.refused", "token-missing", 4)]
    assert post(letter(), HTTP_AUTHORIZATION="Basic YTpi").status == 401


class Untouchable:
    def read(self, *_):
        raise AssertionError("the body was read before the sender was known")

    readline = readlines = __iter__ = read


def test_the_body_is_not_read_before_the_sender_is_known(sender):
    headers = {"wsgi.input": Untouchable(), "CONTENT_LENGTH": "5000000", "CONTENT_TYPE": "application/fhir+json"}
    assert call("POST", "/fhir/Bundle", **headers).status_code == 401
    assert call("POST", "/fhir", HTTP_AUTHORIZATION="Bearer a.b.c", **headers).status_code == 401


def test_a_closed_sender_or_issuer_gets_nowhere(post, token, sender, events):
    Sender.objects.update(active=False)
    assert post(letter()).status == 401
    Sender.objects.update(active=True)
    Issuer.objects.update(active=False)
    assert post(letter()).status == 401
    assert [reason for _, reason, _ in events()] == ["sender-inactive", "sender-unknown"]


def test_a_key_that_is_withdrawn_stops_working_at_once(post, sender):
    assert post(letter("a")).status == 201
    Issuer.objects.update(jwks={"keys": []}, version=7)
    assert post(letter("b")).status == 401


def test_a_sender_whose_name_the_audit_cannot_hold_still_gets_in(post, token, sender):
    Sender.objects.update(subject="Øre, næse & hals 1")
    assert post(letter(), bearer=token(sub="Øre, næse & hals 1")).status == 201


def test_the_token_stands_in_no_log_and_no_answer(post, token, caplog):
    bearer = token(aud="https://elsewhere.test/fhir")
    with caplog.at_level(logging.DEBUG):
        answer = post(letter(), bearer=bearer)
    parts = bearer.split(".")
    assert not any(part in caplog.text or part in answer.content.decode() for part in parts)


def test_only_public_keys_and_asymmetric_algorithms_can_be_registered(sender, key):
    with pytest.raises(ValueError, match="public"):
        register_sender("https://b.test", "x", "X", [], key.as_dict(private=True))
    with pytest.raises(ValueError, match="kid"):
        register_sender("https://b.test", "x", "X", [], {"kty": "EC"})
    secret = {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "s"}]}
    changes: tuple[dict[str, Any], ...] = (
        {"algorithms": ["HS256"]},
        {"algorithms": ["none"]},
        {"algorithms": []},
        {"jwks": secret},
        {"jwks": {"keys": [key.as_dict(private=True)]}},
    )
    for wrong in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            Issuer.objects.update(**wrong)


def test_registering_again_changes_nothing_but_what_is_new(sender, key):
    version = Issuer.objects.get().version
    again = register_sender("https://issuer.test", "lab-1", "Nyt navn", ["letter"], key.as_dict(private=False))
    assert (again.pk, again.name, Issuer.objects.get().version) == (sender.pk, "Nyt navn", version)


def test_a_sender_that_calls_too_often_is_told_when_to_come_back(post, sender):
    Sender.objects.update(rate="3/hour")
    answers = [post(letter(f"{number}")) for number in range(4)]
    assert [answer.status for answer in answers] == [201, 201, 201, 429]
    assert 1100 < int(answers[3].headers["Retry-After"]) <= 1201
    assert answers[3].tree["issue"][0]["code"] == "throttled"
    assert Delivery.objects.count() == 3
