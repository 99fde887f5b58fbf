"""The gate's one question about consent: what of this patient is hidden from the user of this request."""

from access.consent import asking, overriding
from access.consent.decision import DENY, PERMIT, Decision, Person, Question
from access.doors import Door
from access.lookup import Opened
from access.models import User
from access.visit import Visit


def decided(visit: Visit, context: Opened, user: User, *, asks: bool) -> Decision:
    """Blocks aim at staff alone: citizens, and who acts for them, see all. Raises Unknown.

    A view that shows nothing of the record, such as closing it, need not ask, and is then given nothing to show.
    """
    if visit.door is Door.CITIZEN:
        return PERMIT
    visit.override = overriding.running(context)
    if not asks:
        return DENY
    visit.decision = asking.decide(question(context, user, override=visit.override is not None))
    return visit.decision


def question(context: Opened, user: User, *, override: bool) -> Question:
    """What a source of consent is told."""
    return Question(
        cpr=context.cpr,
        acting=Person(user.issuer, user.subject),
        responsible=_responsible(context),
        organisation_system=context.organisation_system,
        organisation_id=context.organisation_id,
        override=override,
        held=context.blocks,
    )


def _responsible(context: Opened) -> Person | None:
    """Only those who assist somebody cost this query."""
    if context.on_behalf_of_id is None:
        return None
    return Person(*User.objects.values_list("issuer", "subject").get(pk=context.on_behalf_of_id))
