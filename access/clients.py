"""Which launching system calls: its assertion (private_key_jwt), proven and used up."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from access import assertion
from access.models import LaunchClient, UsedAssertion


def calling(request: HttpRequest) -> LaunchClient:
    """The client whose assertion stands in the Authorization header; raises assertion.Rejected. It works once."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or not token.isascii():
        raise assertion.Rejected("assertion-missing")
    client = LaunchClient.objects.filter(client_id=assertion.claimed_client(token), active=True).first()
    if client is None:
        raise assertion.Rejected("client-unknown")
    audience, now = f"{settings.SITE_URL}{request.path}", timezone.now().timestamp()
    proven = assertion.verified(token, client.jwks, audience=audience, now=now)
    if proven.client_id != client.client_id:
        raise assertion.Rejected("assertion-iss")
    _use_up(client, proven)
    return client


def _use_up(client: LaunchClient, proven: assertion.Assertion) -> None:
    """Committed at once, whatever becomes of the request; two at the same time: one of them is too late."""
    expires = datetime.fromtimestamp(proven.expires, UTC)
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(client=client, jti=proven.jti, expires=expires)
    except IntegrityError as error:
        raise assertion.Rejected("assertion-replayed") from error
