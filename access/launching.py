"""From a ticket to an open record: issued to an EPJ's server, redeemed by a browser, completed by the signed-in user.

The ticket is spent when the browser brings it: a second try is a replay. What it became (the launch) waits, bound to
that browser by a cookie, until its user has signed in, and becomes one context and never two (docs/adr/0010).
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from access import actors, contexts, matrix, opening, purposes, units
from access.contexts import Opening
from access.models import Launch, LaunchClient, LaunchTicket, PatientContext, User
from access.reasons import Reason
from access.ticket_request import TicketRequest
from audit.actions import Action
from audit.record import Actor, Outcome, record
from patients.registry import patient_for

REDEEM = (
    "UPDATE access_launchticket SET used_at = %s WHERE sha256 = %s AND used_at IS NULL AND expires > %s RETURNING *"
)


class Refused(Exception):
    """Nothing is opened; `code` goes into the audit, `launch` tells which one it was when that is certain."""

    def __init__(self, code: str, launch: Launch | None = None) -> None:
        super().__init__(code)
        self.code, self.launch = code, launch


def issue(client: LaunchClient, wish: TicketRequest, request: HttpRequest) -> str:
    """A ticket for one user and one patient; only its hash is kept. The user and the unit must be the client's own."""
    user = User.objects.filter(issuer=wish.user_issuer, subject=wish.user_subject, is_active=True).first()
    if user is None or wish.user_issuer != client.user_issuer:
        raise Refused("user-unknown")
    if not matrix.launches(user.role):
        raise Refused("user-role")
    unit = f"{wish.organisation_system}:{wish.organisation_id}"
    if client.organisations and unit not in client.organisations:
        raise Refused("organisation-not-allowed")
    ticket, now = secrets.token_urlsafe(32), timezone.now()
    with transaction.atomic():
        stored = LaunchTicket.objects.create(
            sha256=_sha256(ticket),
            client=client,
            user=user,
            patient=patient_for(wish.cpr),
            patient_name=wish.patient_name,
            organisation_system=wish.organisation_system,
            organisation_id=wish.organisation_id,
            organisation_name=units.name(wish.organisation_system, wish.organisation_id),
            correlation_id=wish.session_ref,
            created=now,
            expires=now + timedelta(seconds=settings.TICKET_TTL),
        )
        _tell(Action.LAUNCH_TICKET_ISSUED, stored, request, actors.of_client(client, request))
    return ticket


def redeem(ticket: str, request: HttpRequest) -> tuple[Launch, str]:
    """Spend the ticket; returns the launch and the secret that binds it to this browser. Raises Refused."""
    now, secret, sha256 = timezone.now(), secrets.token_urlsafe(32), _sha256(ticket)
    with transaction.atomic():
        spent = list(LaunchTicket.objects.raw(REDEEM, [now, sha256, now]))
        if spent:
            launch = Launch.objects.create(
                id=contexts.new_id(),
                secret_sha256=_sha256(secret),
                ticket=spent[0],
                created=now,
                expires=now + timedelta(seconds=settings.LAUNCH_TTL),
            )
            return launch, secret
    known = LaunchTicket.objects.filter(sha256=sha256).first()
    raise Refused("ticket-unknown" if known is None else "ticket-replayed" if known.used_at else "ticket-expired")


def find(launch_id: str, secret: str) -> Launch:
    """The launch of this browser, with its ticket's user, patient and system; raises Refused."""
    launches = Launch.objects.select_related("ticket__user", "ticket__patient", "ticket__client")
    launch = launches.filter(pk=launch_id).first() if contexts.ID.fullmatch(launch_id) else None
    if launch is None:
        raise Refused("launch-unknown")
    if not hmac.compare_digest(launch.secret_sha256, _sha256(secret)):
        raise Refused("launch-of-another-browser")
    if launch.context_id is None and launch.expires <= timezone.now():
        raise Refused("launch-expired", launch)
    return launch


def wanted(launch: Launch) -> Opening:
    """What the launch would open."""
    ticket = launch.ticket
    return Opening(
        user=ticket.user,
        audience=ticket.user.role,
        patient=ticket.patient_id,
        patient_name=ticket.patient_name,
        correlation=ticket.correlation_id,
        client=ticket.client,
        organisation_system=ticket.organisation_system,
        organisation_id=ticket.organisation_id,
        organisation_name=ticket.organisation_name,
    )


def what_to_ask(
    launch: Launch, request: HttpRequest, reason: Reason | None = None, *, other_open: bool = False
) -> opening.Ask | None:
    """What the person must say before `complete`; raises Refused when nothing that is said would help.

    The caller has seen that the ticket's user is the one who is signed in.
    """
    if not launch.ticket.client.active:
        raise Refused("client-inactive", launch)
    if not matrix.launches(launch.ticket.user.role):
        raise Refused("user-role", launch)
    try:
        return opening.what_to_ask(wanted(launch), request, reason, other_open=other_open)
    except opening.Denied as denied:
        raise Refused(denied.code, launch) from denied


def complete(launch: Launch, request: HttpRequest, reason: Reason | None = None) -> PatientContext:
    """Open the record: the launch, the context and the event in one transaction; raises Refused when it is spent."""
    entity = f"LaunchTicket/{launch.ticket_id}"
    with transaction.atomic():
        try:
            context = opening.for_staff(wanted(launch), request, entity=entity, reason=reason)
        except opening.Denied as denied:
            raise Refused(denied.code, launch) from denied
        if not Launch.objects.filter(pk=launch.pk, context=None).update(context=context):
            raise Refused("launch-completed", launch)
    return context


def refused(reason: Refused, request: HttpRequest) -> None:
    """Record that a launch opened nothing."""
    ticket = reason.launch.ticket if reason.launch else None
    record(
        Action.LAUNCH_REFUSED,
        actor=actors.of_user(request.user, request),
        patient=ticket.patient_id if ticket else None,
        outcome=Outcome.MINOR,
        reason=reason.code,
        entity=f"LaunchTicket/{ticket.pk}" if ticket else "",
        correlation=ticket.correlation_id if ticket else "",
        request_id=actors.request_id(request),
    )


def _tell(action: Action, ticket: LaunchTicket, request: HttpRequest, actor: Actor) -> None:
    record(
        action,
        actor=actor,
        patient=ticket.patient_id,
        entity=f"LaunchTicket/{ticket.pk}",
        correlation=ticket.correlation_id,
        purpose=purposes.TREATMENT,
        request_id=actors.request_id(request),
    )


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
