"""What an issuer says of itself: its endpoints and its keys, kept in this process for a few minutes.

Only of registered issuers. A key that is not known is looked for again at once, but at most every few seconds, so that
keys change without a restart and a flood of made-up key ids changes nothing, not even where the keys cannot be had.
"""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from access import assertion
from access.assertion import PublicKey
from access.models import Issuer
from access.oidc import fetching
from access.oidc.failing import Failed

FRESH = 300
"""Seconds that endpoints and keys are believed; a key that was withdrawn is believed no longer either."""
PATIENCE = 3
"""Seconds between two looks for an unknown key, and before an issuer that did not answer is asked again."""
MOST_KEYS = 50


@dataclass(frozen=True)
class Provider:
    """An issuer's endpoints."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    """"" when it announces none."""
    names_itself: bool
    """Whether its callbacks carry `iss` (RFC 9207)."""


_providers: dict[tuple[str, ...], tuple[float, Provider | Failed]] = {}
"""By issuer, and the hosts that its row allows: to change them counts at once."""
_keys: dict[str, tuple[float, list[PublicKey]]] = {}
_looked: dict[str, tuple[float, str]] = {}
"""When keys were last asked for, and why that failed, "" when it did not."""


def provider(issuer: Issuer) -> Provider:
    """The endpoints of an issuer; raises Failed. After a failure it is left alone for a moment."""
    key = (issuer.issuer, *issuer.hosts)
    at, known = _providers.get(key, (0.0, None))
    age = _now() - at
    if isinstance(known, Provider) and 0 <= age < FRESH:
        return known
    if isinstance(known, Failed) and 0 <= age < PATIENCE:
        raise Failed(known.code)
    try:
        found = _read(issuer, fetching.get(f"{issuer.issuer.rstrip('/')}/.well-known/openid-configuration"))
    except Failed as failure:
        _providers[key] = _now(), failure
        raise
    _providers[key] = _now(), found
    return found


def keys(issuer: Issuer, *, unknown: bool = False) -> list[PublicKey]:
    """The issuer's public keys; `unknown` when a token names one that is not among those we hold. Raises Failed."""
    uri = provider(issuer).jwks_uri
    at, known = _keys.get(uri, (0.0, []))
    looked, failure = _looked.get(uri, (0.0, ""))
    a_moment_ago = 0 <= _now() - looked < PATIENCE
    if known and 0 <= _now() - at < FRESH and (a_moment_ago or not unknown):
        return known
    if failure and a_moment_ago:
        raise Failed(failure)
    _looked[uri] = _now(), ""
    try:
        found = _usable(fetching.get(uri).get("keys"))
    except Failed as again:
        _looked[uri] = _now(), again.code
        raise
    _keys[uri] = _now(), found
    return found


def forget() -> None:
    """Ask anew next time."""
    _providers.clear()
    _keys.clear()
    _looked.clear()


def _read(issuer: Issuer, told: dict[str, Any]) -> Provider:
    """The browser is sent to no other origin than the issuer's own: a page names it before anything is fetched.

    Whoever could change these metadata alone could place keys and tokens anywhere: so at no other hosts either, but
    for those in the issuer's row.
    """
    if told.get("issuer") != issuer.issuer:
        raise Failed("issuer-metadata")
    authorization, token, jwks = (
        told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    )  # fmt: skip
    end = told.get("end_session_endpoint", "")
    hosts = {fetching.host(issuer.issuer), *issuer.hosts}
    for url in (authorization, token, jwks, *([end] if end else [])):
        if not fetching.is_safe(url) or fetching.host(str(url)) not in hosts:
            raise Failed("issuer-endpoint")
    if fetching.origin(str(authorization)) != fetching.origin(issuer.issuer):
        raise Failed("issuer-endpoint")
    named = told.get("authorization_response_iss_parameter_supported") is True
    return Provider(str(authorization), str(token), str(jwks), str(end), named)


def _usable(jwks: Any) -> list[PublicKey]:
    """The keys that can check a signature; another kind of key beside them does no harm."""
    found = []
    for jwk in jwks[:MOST_KEYS] if isinstance(jwks, list) else []:
        if isinstance(jwk, dict) and jwk.get("use", "sig") == "sig":
            try:
                found.append(assertion.public_key(jwk))
            except (ValueError, TypeError):
                continue
    if not found:
        raise Failed("issuer-keys")
    return found


def _now() -> float:
    return timezone.now().timestamp()
