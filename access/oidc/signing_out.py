"""Signing out at the issuer as well (OpenID Connect RP-Initiated Logout 1.0)."""

from authlib.common.urls import add_params_to_uri
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from access.oidc import buttons, discovery
from access.oidc.failing import Failed


def at_issuer(request: HttpRequest) -> str:
    """Where the issuer of this session signs people out, with the way back; "" when it announces no such place.

    No ID token goes along as a hint: none is kept.
    """
    issuer = buttons.own(request)
    if issuer is None:
        return ""
    try:
        to = discovery.provider(issuer).end_session_endpoint
    except Failed:
        return ""
    back = f"{settings.SITE_URL}{reverse('access:signed-out')}"
    told = {"client_id": issuer.client_id, "post_logout_redirect_uri": back}
    return str(add_params_to_uri(to, list(told.items()))) if to else ""
