"""From the issuer's callback to a proven login: the code is changed for tokens, and the tokens are forgotten."""

from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc7523 import private_key_jwt_sign
from django.http import HttpRequest
from django.utils import timezone

from access.doors import Door
from access.models import Issuer, LoginTransaction
from access.oidc import claims, discovery, fetching, leaving, own_key, tokens
from access.oidc.claims import Login
from access.oidc.discovery import Provider
from access.oidc.failing import Failed
from access.oidc.transactions import Kind

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ERRORS = frozenset({
    "access_denied", "account_selection_required", "consent_required", "interaction_required", "invalid_request",
    "invalid_scope", "login_required", "server_error", "temporarily_unavailable", "unauthorized_client",
    "unsupported_response_type", "unmet_authentication_requirements",
})  # fmt: skip
"""What an issuer may answer instead of a code, in words that may stand in the audit."""


@dataclass(frozen=True)
class Proven:
    """Who has signed in, and what the token endpoint said beside; never kept beyond the request."""

    login: Login
    access_token: str = field(repr=False)
    told: dict[str, Any] = field(repr=False)


def proven(request: HttpRequest, transaction: LoginTransaction) -> Proven:
    """The login that this callback brings; raises Failed."""
    issuer = transaction.issuer
    if not issuer.active:
        raise Failed("issuer-inactive")
    provider = discovery.provider(issuer)
    named = request.GET.get("iss")
    if named != issuer.issuer and (named is not None or provider.names_itself):
        raise Failed("callback-iss")  # RFC 9207
    if (error := request.GET.get("error")) is not None:
        raise Failed(f"issuer-{error}" if error in ERRORS else "issuer-error")
    told = _changed(provider, transaction, request.GET.get("code", ""))
    access_token = told.get("access_token")
    if not isinstance(access_token, str):
        raise Failed("issuer-answer")
    found = _claims(transaction, told.get("id_token"), access_token)
    read = claims.of_citizen if issuer.door == Door.CITIZEN else claims.of_staff
    return Proven(read(found), access_token, told)


def expected(issuer: Issuer, max_age: int | None = None) -> tokens.Expected:
    """What tokens of this issuer must say."""
    return tokens.Expected(issuer.issuer, issuer.client_id, issuer.algorithms, issuer.acr_values, max_age)


def _changed(provider: Provider, transaction: LoginTransaction, code: str) -> dict[str, Any]:
    if not code or len(code) > 2000:
        raise Failed("callback-code")
    client_id, key = transaction.issuer.client_id, own_key.signing_key()
    assertion = private_key_jwt_sign(
        key,
        client_id,
        provider.token_endpoint,
        alg=own_key.ALGORITHM,
        header={"kid": key.kid},
        issued_at=int(timezone.now().timestamp()),
        expires_in=60,
    )
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": leaving.redirect_uri(),
        "client_id": client_id,
        "code_verifier": transaction.verifier,
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion,
    }
    return fetching.post(provider.token_endpoint, form)


def _claims(transaction: LoginTransaction, raw: object, access_token: str) -> dict[str, Any]:
    """Checked with the keys we hold, and once more when the issuer may have new ones."""
    issuer, now = transaction.issuer, timezone.now()
    # Who proves it once more must have done so since the question was asked.
    again = transaction.door == Kind.AGAIN
    must = expected(issuer, int((now - transaction.created).total_seconds()) if again else issuer.max_age)
    asked: dict[str, Any] = {
        "nonce": transaction.nonce,
        "access_token": access_token,
        "now": int(now.timestamp()),
    }
    try:
        return tokens.id_token(raw, must, discovery.keys(issuer), **asked)
    except tokens.UnknownKey:
        return tokens.id_token(raw, must, discovery.keys(issuer, unknown=True), **asked)
