"""Lets a registered sender in by its bearer token, before anything of the body is read."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from audit.actions import Action
from audit.record import Actor, Outcome, record, safe
from fhir import tokens
from fhir.models import Sender


class SenderAuthentication(BaseAuthentication):
    """OAuth 2.0 bearer tokens (RFC 6750); every refusal leaves one row in the audit, never the token."""

    def authenticate(self, request: Request) -> tuple[Any, Sender]:
        """The sender as both user and auth; raises AuthenticationFailed."""
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        try:
            if scheme.lower() != "bearer" or not token:
                raise tokens.Refused("token-missing", "Adgangsbevis (bearer token) mangler.")
            sender = tokens.sender_of(token.strip())
        except tokens.Refused as refusal:
            actor = Actor("anonymous", network=network(request))
            request_id = getattr(request, "request_id", "")
            record(
                Action.SENDER_REFUSED, actor=actor, outcome=Outcome.MINOR, reason=refusal.reason, request_id=request_id
            )
            raise AuthenticationFailed(refusal.sentence, refusal.reason) from None
        return sender, sender

    def authenticate_header(self, request: Request) -> str:
        """What WWW-Authenticate says; an error code only when there was a token (RFC 6750 §3.1)."""
        told = ', error="invalid_token"' if "HTTP_AUTHORIZATION" in request.META else ""
        return f'Bearer realm="fhir"{told}'


def actor_of(sender: Sender, request: Request | None = None) -> Actor:
    """The sender as the audit names it."""
    issuer, subject = safe(sender.issuer.url, "issuer"), safe(sender.subject, "subject")
    return Actor("sender", issuer, subject, sender.pk, network=network(request) if request else "")


def network(request: Request) -> str:
    """The address the request came from."""
    return safe(request.META.get("REMOTE_ADDR", ""), "network")
