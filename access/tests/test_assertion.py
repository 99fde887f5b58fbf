"""Client assertions: every way to make one that proves nothing."""

import base64
import hmac
import json
import time
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from access.assertion import MAX_SECONDS, Rejected, public_key, verified
from access.tests.cast import key

AUDIENCE = "https://sj.test.invalid/api/launch-tickets"
NOW = int(time.time())
PUBLIC = key().as_dict(private=False)


def claims(**changed: Any) -> dict[str, Any]:
    told = {"iss": "epj", "sub": "epj", "aud": AUDIENCE, "exp": NOW + 30, "iat": NOW, "jti": "0123456789"} | changed
    return {name: value for name, value in told.items() if value is not None}


def signed(told: dict[str, Any], header: dict[str, Any] | None = None, by: Any = None, alg: str = "ES256") -> str:
    return jwt.encode({"alg": alg, **(header or {})}, told, by or key(), algorithms=[alg])


def why(token: str, *keys: dict[str, Any]) -> str:
    try:
        verified(token, keys or [PUBLIC], audience=AUDIENCE, now=NOW)
    except Rejected as rejected:
        return rejected.code
    return ""


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, ""),
        ({"aud": [AUDIENCE]}, ""),
        ({"exp": NOW + MAX_SECONDS}, ""),
        ({"iat": None}, ""),
        ({"sub": "other"}, "assertion-sub"),
        ({"sub": None}, "assertion-sub"),
        ({"iss": 7}, "assertion-sub"),
        ({"aud": "https://sj.test.invalid/api/contexts/x/close"}, "assertion-aud"),
        ({"aud": [AUDIENCE, "https://elsewhere.invalid"]}, "assertion-aud"),
        ({"aud": None}, "assertion-aud"),
        ({"exp": None}, "assertion-exp"),
        ({"exp": NOW}, "assertion-exp"),
        ({"exp": NOW - 1}, "assertion-exp"),
        ({"exp": NOW + MAX_SECONDS + 1}, "assertion-exp"),
        ({"exp": str(NOW + 30)}, "assertion-exp"),
        ({"exp": True}, "assertion-exp"),
        ({"iat": NOW + 6}, "assertion-iat"),
        ({"nbf": NOW + 6}, "assertion-nbf"),
        ({"nbf": "soon"}, "assertion-nbf"),
        ({"jti": None}, "assertion-jti"),
        ({"jti": "short"}, "assertion-jti"),
        ({"jti": "x" * 129}, "assertion-jti"),
        ({"jti": "line\nbreak-in-it"}, "assertion-jti"),
    ],
)
def test_each_claim_is_needed_and_checked(changed: dict[str, Any], code: str) -> None:
    assert why(signed(claims(**changed))) == code


def test_a_token_without_a_signature_is_refused() -> None:
    for alg in ("none", "None", "NONE"):
        assert why(f"{part({'alg': alg})}.{part(claims())}.") == "assertion-signature"


def test_a_public_key_used_as_a_shared_secret_is_refused() -> None:
    signing_input = f"{part({'alg': 'HS256'})}.{part(claims())}"
    mac = hmac.digest(key().as_pem(private=False), signing_input.encode(), "sha256")
    assert why(f"{signing_input}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}") == "assertion-signature"


def test_a_signature_by_somebody_else_is_refused() -> None:
    assert why(signed(claims(), by=ECKey.generate_key("P-256"))) == "assertion-signature"


def test_changed_claims_are_refused() -> None:
    header, _, signature = signed(claims()).split(".")
    assert why(f"{header}.{part(claims(sub='epj', iss='epj', jti='another-one'))}.{signature}") == "assertion-signature"


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"])
def test_a_token_does_not_bring_its_own_key_or_rules(name: str) -> None:
    stranger = ECKey.generate_key("P-256")
    told = {"jwk": stranger.as_dict(private=False), "x5c": ["MII"], "crit": ["exp"], "b64": True}.get(
        name, "https://evil.invalid"
    )
    header, payload = part({"alg": "ES256", name: told}), part(claims())
    signature = jws.serialize_compact({"alg": "ES256"}, b"x", stranger).split(".")[2]
    assert why(f"{header}.{payload}.{signature}") == "assertion-header"


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "id_token", ""])
def test_a_token_of_another_type_is_refused(typ: str) -> None:
    assert why(signed(claims(), {"typ": typ})) == "assertion-header"


def test_the_algorithm_must_be_the_key_s_own() -> None:
    rsa = RSAKey.generate_key(2048)
    public = rsa.as_dict(private=False)
    for alg in ("RS256", "PS256"):
        assert why(signed(claims(), by=rsa, alg=alg), public) == ""
        other = "PS256" if alg == "RS256" else "RS256"
        assert why(signed(claims(), by=rsa, alg=alg), {**public, "alg": other}) == "assertion-signature"
    assert why(signed(claims(), by=rsa, alg="RS512"), public) == "assertion-signature"
    p384 = ECKey.generate_key("P-384")
    assert why(signed(claims(), by=p384, alg="ES384"), p384.as_dict(private=False)) == ""


def test_a_key_id_chooses_among_keys_and_a_wrong_one_finds_none() -> None:
    other = ECKey.generate_key("P-256", {"kid": "other"}).as_dict(private=False)
    assert why(signed(claims(), {"kid": key().kid}), other, PUBLIC) == ""
    assert why(signed(claims()), other, PUBLIC) == ""
    assert why(signed(claims(), {"kid": "other"}), other, PUBLIC) == "assertion-signature"
    assert why(signed(claims(), {"kid": "unknown"}), other, PUBLIC) == "assertion-signature"


@pytest.mark.parametrize(
    "token", [f"{part([])}.{part({})}.x", "a.b.c", f"{part({'alg': 'ES256'})}.{'!' * 9}.x", f"{part({})}.{part({})}.x"]
)
def test_a_token_that_is_none_is_refused(token: str) -> None:
    assert why(token).startswith("assertion-")


def test_a_signed_payload_that_is_no_object_is_refused() -> None:
    token = jws.serialize_compact({"alg": "ES256"}, b"[1]", key())
    assert why(token) == "assertion-malformed"


@pytest.mark.parametrize(
    "jwk",
    [
        key().as_dict(private=True),
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        {"kty": "EC", "crv": "P-256", "x": "no"},
        {},
        ECKey.generate_key("P-521").as_dict(private=False),
    ],
)
def test_only_public_keys_of_the_allowed_kinds_are_registered(jwk: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="key"):
        public_key(jwk)


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_a_short_rsa_key_is_not_registered() -> None:
    with pytest.raises(ValueError, match="2048"):
        public_key(RSAKey.generate_key(1024).as_dict(private=False))
