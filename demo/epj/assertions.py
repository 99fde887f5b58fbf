"""Client authentication at the token endpoint: private_key_jwt with ES384, each assertion once.

RFC 7523 §3, OpenID Connect Core §9. django-oauth-toolkit knows client secrets only. The client's public keys are
fetched from the address that it publishes them at, and again when a token names one that is not among them.
"""

import json
import time
import urllib.request
from typing import Protocol

from django.db import IntegrityError, transaction
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry
from joserfc.registry import Header

from demo.epj import settings
from demo.epj.issuers import Issuer
from demo.epj.models import UsedAssertion

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
JWKS = f"{settings.JOURNAL}/login/jwks.json"
MAX_SECONDS = 300
PATIENCE = 5
ASK_AGAIN = 1
"""Seconds between two fetches, however many tokens name a key that is not there."""

_held: dict[str, tuple[float, KeySet]] = {}


class Headed(Protocol):
    """What joserfc hands over before it has checked anything."""

    def headers(self) -> Header: ...
    def set_kid(self, kid: str) -> None: ...


class Rejected(Exception):
    """The assertion proves nothing; why is for the log."""


def proven(assertion_type: str, assertion: str, issuer: Issuer) -> str:
    """The client id that the assertion proves; raises Rejected. It works once."""
    if assertion_type != TYPE:
        raise Rejected("client_assertion_type")
    try:
        claims = jwt.decode(assertion, _key, algorithms=["ES384"]).claims
        _registry(issuer).validate(claims)
    except (JoseError, ValueError, OSError) as error:
        raise Rejected(f"{type(error).__name__}: {error}") from error
    jti, expires = claims["jti"], int(claims["exp"])
    if not 8 <= len(jti) <= 128 or expires > time.time() + MAX_SECONDS:
        raise Rejected("jti or exp")
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(client_id=issuer.client_id, jti=jti, expires=expires)
    except IntegrityError as error:
        raise Rejected("used before") from error
    UsedAssertion.objects.filter(expires__lt=time.time()).delete()
    return issuer.client_id


def _registry(issuer: Issuer) -> JWTClaimsRegistry:
    client: ClaimsOption = {"essential": True, "value": issuer.client_id}
    audience: ClaimsOption = {"essential": True, "values": [f"{issuer.url}/token/", issuer.url]}
    return JWTClaimsRegistry(iss=client, sub=client, aud=audience, exp={"essential": True}, jti={"essential": True})


def _key(token: Headed) -> Key:
    """The published key that the token names; raises ValueError when there is none."""
    kid = token.headers().get("kid")
    fetched, keys = _held.get(JWKS, (-ASK_AGAIN, KeySet([])))
    if kid not in {key.kid for key in keys.keys} and time.monotonic() - fetched >= ASK_AGAIN:
        with urllib.request.urlopen(JWKS, timeout=PATIENCE) as answer:  # noqa: S310 the address is a setting
            keys = KeySet.import_key_set(json.load(answer))
        _held[JWKS] = (time.monotonic(), keys)
    return keys.get_by_kid(kid)
