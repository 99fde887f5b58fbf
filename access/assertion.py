"""Client assertions (private_key_jwt) of launching systems. Pure.

Sources: RFC 7523 §3, RFC 8725 §3, OpenID Connect Core §9.

An assertion is a JWT that the client signs with its registered key: `iss` = `sub` = its client id, `aud` = the URL it
calls and nothing else, `exp` at most 60 seconds ahead, `jti` used once (the caller keeps count).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64decode

MAX_SECONDS = 60
MAX_CLOCK_SKEW = 5
"""How far ahead of ours the client's clock may be in `iat` and `nbf`; `exp` gets no such patience."""
MAX_LENGTH = 4096
MIN_RSA_BITS = 2048
ALGORITHMS = {"P-256": ("ES256",), "P-384": ("ES384",), "RSA": ("PS256", "RS256")}
"""What each kind of registered key may sign with; anything else, "none" and HS256 included, is no signature."""
FORBIDDEN_HEADERS = ("jwk", "jku", "x5u", "x5c", "crit", "b64", "zip")
"""A token never says where its own key is, nor changes how it is read."""
TYPES = (None, "JWT", "client-authentication+jwt")
JTI = re.compile(r"[\x21-\x7e]{8,128}")
PublicKey = ECKey | RSAKey


class Rejected(Exception):
    """The assertion proves nothing; `code` says why, for the log and the answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Assertion:
    """A proven assertion: who signed it, its one-time id, and when it ends (seconds since 1970)."""

    client_id: str
    jti: str
    expires: int


def public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """A registered key; ValueError unless it is public, EC P-256 or P-384 or RSA of 2048 bits or more."""
    if {"d", "p", "q", "dp", "dq", "qi", "k"} & set(jwk):
        raise ValueError("Only the public half of a key is registered.")
    try:
        key: PublicKey = {"EC": ECKey, "RSA": RSAKey}[jwk["kty"]].import_key(dict(jwk))  # type: ignore[attr-defined]
    except (KeyError, JoseError) as error:
        raise ValueError("The key must be an EC or RSA key.") from error
    if not allowed(key):
        raise ValueError("The key must be EC P-256, EC P-384 or RSA of 2048 bits or more.")
    return key


def allowed(key: PublicKey) -> tuple[str, ...]:
    """The algorithms this key may sign with: by its kind, narrowed by the `alg` it was registered with."""
    if isinstance(key, RSAKey):
        kind = "RSA" if key.raw_value.key_size >= MIN_RSA_BITS else ""
    else:
        kind = key.curve_name
    return tuple(alg for alg in ALGORITHMS.get(kind, ()) if key.get("alg") in (None, alg))


def claimed_client(token: str) -> str:
    """Who the token says it is from: unproven, good for finding the keys and nothing else."""
    if len(token) > MAX_LENGTH or token.count(".") != 2:
        raise Rejected("assertion-malformed")
    claims = _json_object(token.split(".")[1])
    client_id = claims.get("iss")
    if not isinstance(client_id, str) or not client_id or not client_id.isprintable():
        raise Rejected("assertion-iss")
    return client_id


def verified(token: str, jwks: Sequence[Mapping[str, Any]], *, audience: str, now: float) -> Assertion:
    """The assertion, proven by one of the client's keys; raises Rejected with the first thing that is wrong."""
    header = _json_object(token.split(".")[0])
    if any(name in header for name in FORBIDDEN_HEADERS) or header.get("typ") not in TYPES:
        raise Rejected("assertion-header")
    claims = _signed_claims(token, header, [public_key(jwk) for jwk in jwks])
    client_id, jti, expires = claims.get("iss"), claims.get("jti"), claims.get("exp")
    if not isinstance(client_id, str) or claims.get("sub") != client_id:
        raise Rejected("assertion-sub")
    if claims.get("aud") not in (audience, [audience]):
        raise Rejected("assertion-aud")
    if type(expires) is not int or not now < expires <= now + MAX_SECONDS:
        raise Rejected("assertion-exp")
    for name in ("iat", "nbf"):
        if name in claims and (type(claims[name]) not in (int, float) or claims[name] > now + MAX_CLOCK_SKEW):
            raise Rejected(f"assertion-{name}")
    if not isinstance(jti, str) or not JTI.fullmatch(jti):
        raise Rejected("assertion-jti")
    return Assertion(client_id, jti, expires)


def _signed_claims(token: str, header: Mapping[str, Any], keys: Sequence[PublicKey]) -> dict[str, Any]:
    kid = header.get("kid")
    for key in keys:
        algorithms = allowed(key)
        if header.get("alg") not in algorithms or (kid is not None and key.kid is not None and kid != key.kid):
            continue
        try:
            proven = jws.deserialize_compact(token, key, list(algorithms))
        except (JoseError, ValueError):
            continue
        return _object(proven.payload)
    raise Rejected("assertion-signature")


def _json_object(segment: str) -> dict[str, Any]:
    try:
        return _object(urlsafe_b64decode(segment.encode("ascii")))
    except ValueError as error:
        raise Rejected("assertion-malformed") from error


def _object(raw: bytes | None) -> dict[str, Any]:
    try:
        value = json.loads(raw or b"")
    except (ValueError, RecursionError) as error:
        raise Rejected("assertion-malformed") from error
    if not isinstance(value, dict):
        raise Rejected("assertion-malformed")
    return value
