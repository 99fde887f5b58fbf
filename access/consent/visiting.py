"""The gate's one question about consent: what of this patient is hidden from the user of this request."""

from django.http import HttpRequest

from access import actors, signed
from access.consent import asking, overriding
from access.consent.decision import DENY, PERMIT, Decision, Person, Professional, Question
from access.doors import Door
from access.lookup import Opened
from access.models import User
from access.visit import Visit


def decided(visit: Visit, context: Opened, user: User, *, asks: bool, may_override: bool) -> Decision:
    """Blocks aim at staff alone: citizens, and who acts for them, see all. Raises Unknown.

    A view that shows nothing of the record, such as closing it, need not ask, and is then given nothing to show. Who
    may not override any more has none running.
    """
    if visit.door is Door.CITIZEN:
        return PERMIT
    visit.override = overriding.running(context, allowed=may_override, request_id=actors.request_id(visit.request))
    if not asks:
        return DENY
    visit.decision = asking.decide(question(visit.request, context, user, override=visit.override is not None))
    return visit.decision


def question(request: HttpRequest, context: Opened, user: User, *, override: bool) -> Question:
    """What a source of consent is told."""
    return Question(
        cpr=context.cpr,
        acting=Professional(
            Person(user.issuer, user.subject), user.professional_cpr, signed.authorisation(request, user)
        ),
        responsible=_responsible(request, user),
        organisation_system=context.organisation_system,
        organisation_id=context.organisation_id,
        override=override,
        held=context.blocks,
    )


def _responsible(request: HttpRequest, user: User) -> Professional | None:
    """The one whom somebody assists, as the same issuer names both."""
    named = signed.responsible(request, user)
    return Professional(Person(user.issuer, named.subject), named.cpr, named.authorisation) if named else None
