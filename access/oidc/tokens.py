"""ID tokens and logout tokens: what must be true of them before anything in them is believed. Pure.

Sources: OpenID Connect Core 1.0 §3.1.3.7, Back-Channel Logout 1.0 §2.6, RFC 8725. The claims are checked by Authlib's
CodeIDToken and joserfc's registry, with options of ours: their own ask for less (docs/adr/0021).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import ClaimError, JoseError
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import urlsafe_b64decode

from access.assertion import FORBIDDEN_HEADERS, PublicKey, allowed
from access.oidc.failing import Failed

LONGEST = 16_384
SKEW = 5
"""Seconds by which the issuer's clock may differ from ours."""
ID_TOKEN, LOGOUT_TOKEN = (None, "JWT"), (None, "JWT", "logout+jwt")
LONGEST_JTI = 255
LOGOUT_LASTS = 86_400
"""Seconds; the standard recommends two minutes."""
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class UnknownKey(Failed):
    """No key that we hold fits: the issuer may have a new one."""


@dataclass(frozen=True)
class Expected:
    """What a token of a registered issuer must say."""

    issuer: str
    client_id: str
    algorithms: Sequence[str]
    acr_values: Sequence[str] = ()
    max_age: int | None = None


@dataclass(frozen=True)
class Ended:
    """Whose sessions an issuer ends: one, by `sid`, or all of a subject."""

    subject: str
    sid: str
    jti: str
    expires: float
    """When nobody takes the token any more, seconds since 1970."""


def id_token(
    raw: object, expected: Expected, keys: Sequence[PublicKey], *, nonce: str, access_token: str, now: int
) -> dict[str, Any]:
    """The claims of a proven ID token that answers our own question; raises Failed with the first thing wrong."""
    header, told = _signed(raw, expected.algorithms, keys, ID_TOKEN)
    if "events" in told:
        raise Failed("token-type")
    options: dict[str, Any] = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "nonce": {"essential": True},
        "acr": {"essential": True, "values": list(expected.acr_values)},
    }
    asked = {"nonce": nonce, "client_id": expected.client_id, "access_token": access_token, "max_age": expected.max_age}
    _checked(lambda: CodeIDToken(told, header, options, asked).validate(now, SKEW))
    _for_us_alone(told, expected)
    if told["acr"] not in expected.acr_values:  # a list would have passed
        raise Failed("token-acr")
    at = told.get("auth_time")
    if at is not None and (type(at) not in (int, float) or not 0 <= at <= now + SKEW):
        raise Failed("token-auth_time")
    if expected.max_age is not None and (at is None or at + expected.max_age + SKEW < now):
        raise Failed("token-auth_time")
    return told


def logout_token(raw: object, expected: Expected, keys: Sequence[PublicKey], *, now: int) -> Ended:
    """Whom a proven logout token ends; raises Failed with the first thing wrong."""
    _, told = _signed(raw, expected.algorithms, keys, LOGOUT_TOKEN)
    must = JWTClaimsRegistry(
        now,
        SKEW,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )
    _checked(lambda: must.validate(told))
    _for_us_alone(told, expected)
    events = told.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT), dict) or "nonce" in told:
        raise Failed("token-type")
    subject, sid = told.get("sub", ""), told.get("sid", "")
    if not isinstance(subject, str) or not isinstance(sid, str) or not (subject or sid):
        raise Failed("token-sub")
    jti, expires = told["jti"], told["exp"]
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI or not jti.isprintable():
        raise Failed("token-jti")
    if expires > now + LOGOUT_LASTS:
        raise Failed("token-exp")  # each is remembered until its end
    return Ended(subject, sid, jti, expires + SKEW)


def claimed(raw: object) -> tuple[str, str]:
    """Which issuer and client a token says it is of: unproven, good for finding the keys and nothing else."""
    claims = _json_object(_parts(raw)[1])
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        (audience,) = audience
    issuer = claims.get("iss")
    if not all(isinstance(said, str) and said.isprintable() for said in (issuer, audience)):
        raise Failed("token-malformed")  # nor may the database be asked for NUL
    return str(issuer), str(audience)


def _checked(validate: Any) -> None:
    try:
        validate()
    except ClaimError as wrong:
        raise Failed(f"token-{wrong.claim.split(',')[0]}") from None
    except (JoseError, TypeError, ValueError, AttributeError):
        raise Failed("token-malformed") from None


def _for_us_alone(told: Mapping[str, Any], expected: Expected) -> None:
    """Other audiences are none that we trust (Core §3.1.3.7, 3); `azp` is ours, too, wherever it is said.

    Authlib looks at `azp` in an ID token, and takes an empty one for none; nobody else looks at that of a logout token.
    """
    if told["aud"] not in (expected.client_id, [expected.client_id]):
        raise Failed("token-aud")
    if told.get("azp", expected.client_id) != expected.client_id:
        raise Failed("token-azp")


def _signed(
    raw: object, algorithms: Sequence[str], keys: Sequence[PublicKey], types: Sequence[str | None]
) -> tuple[dict[str, Any], dict[str, Any]]:
    token = ".".join(_parts(raw))
    header = _json_object(token.split(".")[0])
    if any(name in header for name in FORBIDDEN_HEADERS):
        raise Failed("token-header")
    if header.get("typ") not in types:
        raise Failed("token-type")
    if header.get("alg") not in algorithms:
        raise Failed("token-alg")
    kid = header.get("kid")
    fitting = [key for key in keys if header["alg"] in allowed(key) and (kid is None or key.kid in (None, kid))]
    for key in fitting:
        try:
            proven = jws.deserialize_compact(token, key, [header["alg"]])
        except (JoseError, ValueError):
            continue
        return header, _object(proven.payload)
    if kid is None or not fitting:
        raise UnknownKey("token-key")
    raise Failed("token-signature")


def _parts(raw: object) -> list[str]:
    if not isinstance(raw, str) or len(raw) > LONGEST or not raw.isascii() or raw.count(".") != 2:
        raise Failed("token-malformed")
    return raw.split(".")


def _json_object(segment: str) -> dict[str, Any]:
    try:
        return _object(urlsafe_b64decode(segment.encode("ascii")))
    except ValueError:
        raise Failed("token-malformed") from None


def _object(raw: bytes | None) -> dict[str, Any]:
    try:
        value = json.loads(raw or b"", parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Failed("token-malformed") from None
    if not isinstance(value, dict):
        raise Failed("token-malformed")
    return value


def _no_number(constant: str) -> None:
    """NaN is no JSON, and neither before nor after anything."""
    raise ValueError(constant)
