"""From a system's wish to an open record: issued to an EPJ's server, redeemed by a browser, completed by its user.

A ticket is spent when the browser brings it: a second try is a replay. The launch waits, bound to that browser by a
cookie, until its user has signed in, and becomes one context and never two (docs/adr/0010). What an EPJ launches by
SMART arrives here with its user, and goes on in the same way (docs/adr/0021).
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from access import actors, contexts, entitlement, matrix, opening, purposes, refusals, sessions, units
from access.contexts import Opening
from access.doors import Door
from access.models import Issuer, Launch, LaunchClient, PatientContext, User
from access.reasons import Reason
from access.ticket_request import TicketRequest
from audit.actions import Action
from audit.record import Outcome, record
from patients.models import Patient
from patients.registry import patient_for

REDEEM = (
    "UPDATE access_launch SET redeemed_at = %s, secret_sha256 = %s, expires = %s"
    " WHERE ticket_sha256 = %s AND redeemed_at IS NULL AND expires > %s RETURNING *"
)
WRONG_USER = "user-mismatch"


class Refused(Exception):
    """Nothing is opened; `code` goes into the audit, `launch` tells which one it was when that is certain."""

    def __init__(self, code: str, launch: Launch | None = None) -> None:
        super().__init__(code)
        self.code, self.launch = code, launch


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
            entity=_entity(launch),
            correlation=launch.correlation_id,
            purpose=purposes.TREATMENT,
            request_id=actors.request_id(request),
        )
    return ticket


def redeem(ticket: str, request: HttpRequest) -> tuple[Launch, str]:
    """Spend the ticket; returns the launch and the secret that binds it to this browser. Raises Refused."""
    now, secret, sha256 = timezone.now(), secrets.token_urlsafe(32), _sha256(ticket)
    expires = now + timedelta(seconds=settings.LAUNCH_TTL)
    if spent := list(Launch.objects.raw(REDEEM, [now, _sha256(secret), expires, sha256, now])):
        return spent[0], secret
    known = Launch.objects.filter(ticket_sha256=sha256).first()
    raise Refused("ticket-unknown" if known is None else "ticket-replayed" if known.redeemed_at else "ticket-expired")


def arrive(asked: Asked) -> tuple[Launch, str]:
    """A launch that the browser brought itself (SMART), and the secret that binds it to this browser."""
    _may_launch(asked.client, f"{asked.organisation_system}:{asked.organisation_id}")
    secret, launch = secrets.token_urlsafe(32), _made(asked, settings.LAUNCH_TTL)
    launch.redeemed_at, launch.secret_sha256 = launch.created, _sha256(secret)
    launch.save(force_insert=True)
    return launch, secret


def find(launch_id: str, secret: str) -> Launch:
    """The launch of this browser, with its patient and system; raises Refused."""
    launches = Launch.objects.select_related("patient", "client", "context")
    launch = launches.filter(pk=launch_id).first() if contexts.ID.fullmatch(launch_id) else None
    if launch is None:
        raise Refused("launch-unknown")
    if not launch.secret_sha256 or not hmac.compare_digest(launch.secret_sha256, _sha256(secret)):
        raise Refused("launch-of-another-browser")
    if launch.context_id is None and launch.expires <= timezone.now():
        raise Refused("launch-expired", launch)
    return launch


def wanted(launch: Launch, user: User) -> Opening:
    """What the launch would open for this user."""
    return Opening(
        user=user,
        audience=user.role,
        patient=launch.patient_id,
        patient_name=launch.patient_name,
        correlation=launch.correlation_id,
        client=launch.client,
        organisation_system=launch.organisation_system,
        organisation_id=launch.organisation_id,
        organisation_name=launch.organisation_name,
    )


def what_to_ask(
    launch: Launch, user: User, request: HttpRequest, reason: Reason | None = None, *, other_open: bool = False
) -> opening.Ask | None:
    """What the person must say before `complete`; raises Refused when nothing that is said would help."""
    _must_be_allowed(launch, user, request)
    try:
        return opening.what_to_ask(wanted(launch, user), request, reason, other_open=other_open)
    except opening.Denied as denied:
        raise Refused(denied.code, launch) from denied


def complete(launch: Launch, user: User, request: HttpRequest, reason: Reason | None = None) -> PatientContext:
    """Open the record: the launch, the context and the event in one transaction; raises Refused when it is spent."""
    _must_be_allowed(launch, user, request)
    with transaction.atomic():
        try:
            context = opening.for_staff(wanted(launch, user), request, entity=_entity(launch), reason=reason)
        except opening.Denied as denied:
            raise Refused(denied.code, launch) from denied
        if not Launch.objects.filter(pk=launch.pk, context=None).update(context=context):
            raise Refused("launch-completed", launch)
    if launch.client.shared_workstation:
        sessions.share(request)
    return context


def _must_be_allowed(launch: Launch, user: User, request: HttpRequest) -> None:
    """All that can have changed since the launch was asked for."""
    if not is_for(launch, user.issuer, user.subject):
        raise Refused(WRONG_USER, launch)
    if not launch.client.active:
        raise Refused("client-inactive", launch)
    if staff_issuer(launch.user_issuer) is None:
        raise Refused("issuer-unknown", launch)
    if not matrix.launches(user.role):
        raise Refused("user-role", launch)
    if not entitlement.may_launch(request, user):
        raise Refused(refusals.NO_RESPONSIBLE.code, launch)


def is_for(launch: Launch, issuer: str, subject: str) -> bool:
    """A ticket is not a login (design: L3): only whom it names may have what it opens."""
    return (launch.user_issuer, launch.user_subject) == (issuer, subject)


def staff_issuer(issuer: str) -> Issuer | None:
    """The issuer that a launch's user signs in at."""
    return Issuer.objects.filter(issuer=issuer, door=Door.STAFF, active=True).first()


def smart_issuer(iss: str) -> Issuer | None:
    """The issuer that a SMART launch names by its FHIR server, or by itself: matched whole, or not at all."""
    named = Q(fhir_base=iss) | Q(issuer=iss)
    return Issuer.objects.filter(named, launches=True, active=True).select_related("launch_client").first()


def refused(reason: Refused, request: HttpRequest) -> None:
    """Record that a launch opened nothing."""
    launch = reason.launch
    record(
        Action.LAUNCH_REFUSED,
        actor=actors.of_user(request.user, request),
        patient=launch.patient_id if launch else None,
        outcome=Outcome.MINOR,
        reason=reason.code,
        entity=_entity(launch) if launch else "",
        correlation=launch.correlation_id if launch else "",
        request_id=actors.request_id(request),
    )


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
        created=now,
        expires=now + timedelta(seconds=seconds),
    )


def _entity(launch: Launch) -> str:
    return f"Launch/{launch.pk}"


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
