"""Sends the browser to an issuer to have somebody signed in there."""

from collections.abc import Iterable

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from access.models import Issuer, Launch
from access.oidc import discovery, fetching, transactions
from access.oidc.failing import Failed
from access.oidc.transactions import Kind

SCOPE, SMART_SCOPE = "openid", "openid fhirUser launch patient/Patient.r"


def leave(
    issuer: Issuer,
    kind: Kind,
    *,
    launch: Launch | None = None,
    smart_launch: str = "",
    next_path: str = "",
    anew: bool = False,
) -> HttpResponse:
    """303 to the issuer, with a cookie of this sign-in alone; `anew` asks it to ask the person again. Raises Failed."""
    if not issuer.active:
        raise Failed("issuer-inactive")
    to = discovery.provider(issuer).authorization_endpoint
    begun = transactions.begin(issuer, kind, launch=launch, smart_launch=smart_launch, next_path=next_path)
    max_age = 0 if anew else issuer.max_age
    url = prepare_grant_uri(
        to,
        issuer.client_id,
        "code",
        redirect_uri=redirect_uri(),
        scope=SMART_SCOPE if kind == Kind.SMART else SCOPE,
        state=begun.state,
        nonce=begun.row.nonce,
        code_challenge=create_s256_code_challenge(begun.row.verifier),
        code_challenge_method="S256",
        acr_values=" ".join(issuer.acr_values),
        max_age=None if max_age is None else str(max_age),
        prompt="login" if anew else None,
        launch=smart_launch or None,
        aud=issuer.fhir_base if kind == Kind.SMART else None,
    )
    response = HttpResponse(status=303, headers={"Location": url})
    transactions.remember(response, begun)
    return response


def redirect_uri() -> str:
    """Where issuers send the browser back to."""
    return f"{settings.SITE_URL}{reverse('access:callback')}"


def let_forms_leave(response: HttpResponse, issuers: Iterable[Issuer]) -> HttpResponse:
    """Browsers hold a form's redirects to the page's form-action too: name the issuers that its buttons lead to."""
    response._csp_update = {"form-action": sorted({fetching.origin(one.issuer) for one in issuers})}  # type: ignore[attr-defined]
    return response
