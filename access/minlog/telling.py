"""A look at a record as the gate knows it, for `audit.record` to put beside the event: nothing is asked for it anew."""

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.translation import gettext as _

from access import reasons, signed
from access.models import Audience, User
from audit.actions import Action
from audit.minlog.payload import ACTIVITIES, PRODUCT, Look, Person

if TYPE_CHECKING:
    from access.visit import Visit


def look(visit: "Visit", action: Action) -> Look | None:
    """Who looks at whom, and why; None where nothing of a record is seen. Whether it is told, audit.minlog decides."""
    context = visit.context
    if context is None or action not in ACTIVITIES:
        return None
    user, request = context.user, visit.request
    return Look(
        cpr=context.cpr,
        user=_acting(user, request),
        role=str(Audience(context.audience).label),
        responsible=_responsible(user, request),
        organisation_name=context.organisation_name,
        reason=_reason(visit, context.ground, action),
    )


def _acting(user: User, request: HttpRequest) -> Person:
    return _person(user, user.professional_cpr, signed.authorisation(request, user), user.subject, user.display_name)


def _responsible(user: User, request: HttpRequest) -> Person | None:
    named = signed.responsible(request, user)
    return _person(user, named.cpr, named.authorisation, named.subject, named.name) if named else None


def _person(user: User, cpr: str, authorisation: str, subject: str, name: str) -> Person:
    """By the best that is known of her: both are named by the issuer of the user."""
    if cpr:
        return Person("cpr", cpr, name)
    if authorisation:
        return Person("authorisation", authorisation, name)
    return Person(user.issuer, subject, name) if subject else Person(PRODUCT, str(user.pk), name)


def _reason(visit: "Visit", ground: str, action: Action) -> str:
    """Aktuel behandling; Værdispring: Borgeren har givet samtykke."""
    if visit.override is not None:
        overridden = visit.override.ground
    elif action is Action.OVERRIDE_STARTED:
        overridden = getattr(visit.request, "audit_extra", {}).get("ground", "")
    else:
        return reasons.words(ground)
    return _("Værdispring: %(ground)s") % {"ground": reasons.words(overridden)}
