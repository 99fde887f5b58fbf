"""What a system asks to have opened, until its user has come: issued, redeemed or arrived, and found again."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from access import actors, contexts, launched, matrix, purposes, units
from access.launching.issuers import staff_issuer
from access.launching.refused import Refused, entity
from access.models import Launch, LaunchClient, User
from access.ticket_request import TicketRequest
from audit.actions import Action
from audit.record import record
from patients.models import Patient
from patients.registry import patient_for

REDEEM = (
    "UPDATE access_launch SET redeemed_at = %s, secret_sha256 = %s, expires = %s"
    " WHERE ticket_sha256 = %s AND redeemed_at IS NULL AND expires > %s RETURNING id, patient_id, correlation_id"
)


@dataclass(frozen=True)
class Asked:
    """What a system asks to have opened, by whichever door it asks."""

    client: LaunchClient
    user_issuer: str
    user_subject: str
    patient: Patient
    patient_name: str
    organisation_system: str
    organisation_id: str
    correlation: str
    handle: str = ""
    """The EPJ's own word for a SMART launch; only its hash is kept."""
    landing: str = ""
    """What to open first, one of ticket_request.LANDINGS; "" for what the record opens with otherwise."""


def issue(client: LaunchClient, wish: TicketRequest, request: HttpRequest) -> str:
    """A ticket for one user and one patient; only its hash is kept. The user and the unit must be the client's own.

    Who has never signed in may have one: the sign-in says who comes.
    """
    if wish.user_issuer != client.user_issuer:
        raise Refused("user-unknown")
    if staff_issuer(wish.user_issuer) is None:
        raise Refused("issuer-unknown")
    user = User.objects.filter(issuer=wish.user_issuer, subject=wish.user_subject).first()
    if user is not None and not user.is_active:
        raise Refused("user-unknown")
    if user is not None and not matrix.launches(user.role):
        raise Refused("user-role")
    _may_launch(client, f"{wish.organisation_system}:{wish.organisation_id}")
    asked = Asked(
        client=client,
        user_issuer=wish.user_issuer,
        user_subject=wish.user_subject,
        patient=patient_for(wish.cpr),
        patient_name=wish.patient_name,
        organisation_system=wish.organisation_system,
        organisation_id=wish.organisation_id,
        correlation=wish.session_ref,
        landing=wish.landing,
    )
    ticket = secrets.token_urlsafe(32)
    launch = _made(asked, settings.TICKET_TTL)
    launch.ticket_sha256 = _sha256(ticket)
    with transaction.atomic():
        launch.save(force_insert=True)
        record(
            Action.LAUNCH_TICKET_ISSUED,
            actor=actors.of_client(client, request),
            patient=launch.patient_id,
            entity=entity(launch),
            correlation=launch.correlation_id,
            purpose=purposes.TREATMENT,
            request_id=actors.request_id(request),
        )
    return ticket


def redeem(ticket: str, request: HttpRequest) -> tuple[str, str]:
    """Spend the ticket; returns the launch's id and the secret that binds it to this browser. Raises Refused."""
    now, secret, sha256 = timezone.now(), secrets.token_urlsafe(32), _sha256(ticket)
    expires = now + timedelta(seconds=settings.LAUNCH_TTL)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(REDEEM, [now, _sha256(secret), expires, sha256, now])
        if spent := cursor.fetchone():
            launch_id, patient, correlation = spent
            _tell_spent(launch_id, patient, correlation, request)
            return launch_id, secret
    known = Launch.objects.filter(ticket_sha256=sha256).first()
    raise Refused("ticket-unknown" if known is None else "ticket-replayed" if known.redeemed_at else "ticket-expired")


def _tell_spent(launch_id: str, patient: UUID, correlation: str, request: HttpRequest) -> None:
    """No cookie of ours came along: who brought it is not known before the sign-in."""
    record(
        Action.LAUNCH_TICKET_SPENT,
        actor=actors.nobody(request),
        patient=patient,
        entity=f"Launch/{launch_id}",
        correlation=correlation,
        purpose=purposes.TREATMENT,
        request_id=actors.request_id(request),
    )


def arrive(asked: Asked) -> tuple[Launch, str]:
    """A launch that the browser brought itself (SMART), and the secret that binds it to this browser."""
    _may_launch(asked.client, f"{asked.organisation_system}:{asked.organisation_id}")
    secret, launch = secrets.token_urlsafe(32), _made(asked, settings.LAUNCH_TTL)
    launch.redeemed_at, launch.secret_sha256 = launch.created, _sha256(secret)
    launch.save(force_insert=True)
    return launch, secret


def find(launch_id: str, secret: str) -> Launch:
    """The launch of this browser, with its system; raises Refused, also when its user's issuer is believed no more."""
    found = launched.launched(launch_id) if contexts.ID.fullmatch(launch_id) else None
    if found is None:
        raise Refused("launch-unknown")
    launch = found.launch
    if not launch.secret_sha256 or not hmac.compare_digest(launch.secret_sha256, _sha256(secret)):
        raise Refused("launch-of-another-browser")
    if launch.context_id is None and launch.expires <= timezone.now():
        raise Refused("launch-expired", launch)
    if launch.context_id is None and not found.believed:
        raise Refused("issuer-unknown", launch)
    return launch


def _may_launch(client: LaunchClient, unit: str) -> None:
    if client.organisations and unit not in client.organisations:
        raise Refused("organisation-not-allowed")


def _made(asked: Asked, seconds: int) -> Launch:
    now = timezone.now()
    return Launch(
        id=contexts.new_id(),
        client=asked.client,
        user_issuer=asked.user_issuer,
        user_subject=asked.user_subject,
        patient=asked.patient,
        patient_name=asked.patient_name,
        organisation_system=asked.organisation_system,
        organisation_id=asked.organisation_id,
        organisation_name=units.name(asked.organisation_system, asked.organisation_id),
        correlation_id=asked.correlation,
        landing=asked.landing,
        handle_sha256=_sha256(asked.handle) if asked.handle else "",
        created=now,
        expires=now + timedelta(seconds=seconds),
    )


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
