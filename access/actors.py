"""Who acts, in the words of the audit."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from access import matrix, signed
from access.contexts import Opening
from access.lookup import Opened
from access.models import Launch, LaunchClient, OrganisationSystem, PatientContext, User
from access.relation.question import Level
from audit.record import Actor, safe


def nobody(request: HttpRequest) -> Actor:
    """Whoever it was."""
    return Actor("anonymous", network=network(request))


def of_user(user: User | AnonymousUser, request: HttpRequest, organisation: str = "", *, audience: str = "") -> Actor:
    """The person at the keyboard, at the unit the launch told of; nobody in particular before signing in.

    `audience` is what a citizen is to the record, once that is known: what the event calls the role.
    """
    if not isinstance(user, User):
        return nobody(request)
    responsible = signed.responsible(request, user)
    return Actor(
        "user",
        issuer=user.issuer,
        subject=safe(user.subject, "subject") or str(user.pk),
        ref=user.pk,
        role=audience if audience and matrix.role(audience) == user.role else user.role,
        organisation=organisation,
        network=network(request),
        responsible=safe(responsible.subject, "subject") if responsible else "",
    )


def ref_of(issuer: str, subject: str) -> UUID | None:
    """The id that the audit has of the user whom this issuer calls so; None when there is none."""
    return User.objects.filter(issuer=issuer, subject=subject).values_list("pk", flat=True).first() if subject else None


def of_client(client: LaunchClient | None, request: HttpRequest) -> Actor:
    """The system that calls; nobody in particular until its assertion is proven."""
    if client is None:
        return nobody(request)
    return Actor("client", subject=safe(client.client_id, "subject"), network=network(request))


def unverified(context: Opened | PatientContext) -> dict[str, str] | None:
    """What every event of a record says that was opened while nobody could be asked about the treatment relation."""
    return {"relation": Level.UNVERIFIED.value} if context.relation == Level.UNVERIFIED else None


def unit(at: Opened | Launch | Opening | PatientContext) -> str:
    """The unit of a launch as the event holds it: a SOR number as it is, any other with the name of its register.

    "" for a citizen, who is at none.
    """
    is_plain = at.organisation_system in ("", OrganisationSystem.SOR)
    return at.organisation_id if is_plain else f"{at.organisation_system}:{at.organisation_id}"


def network(request: HttpRequest) -> str:
    """The address the request came from, as the web server saw it."""
    return safe(str(request.META.get("REMOTE_ADDR", "")), "network")


def request_id(request: HttpRequest) -> str:
    """The id of the request in the access log, so that log and audit can be joined."""
    return str(getattr(request, "request_id", ""))
