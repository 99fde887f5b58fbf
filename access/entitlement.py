"""What a user may open of one patient's record at this moment: the table, and what it asks for, asked each time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from access import matrix, refusals, relatives, signed
from access.matrix import Log, Part, Rights, Whose
from access.models import User
from access.refusals import Refusal


@dataclass(frozen=True)
class Claim:
    """Who wants to open whose record, as what."""

    request: HttpRequest
    user: User
    audience: str
    patient: UUID
    cpr: str


def of(claim: Claim) -> Rights | Refusal:
    """What the user may open; the audience of the record and the user's present role decide both."""
    rights = matrix.rights(claim.audience)
    if claim.user.role != matrix.role(claim.audience) or not rights.parts:
        return refusals.NO_ROLE
    return CONDITIONS[rights.whose](claim, rights)


def landing_of_staff(request: HttpRequest, audience: str, asked: str) -> str:
    """The page that a launched record opens with for whoever is signed in: as `asked`, where it may be."""
    rights, user = matrix.rights(audience), request.user
    left: Rights | Refusal = rights
    if rights.whose is Whose.LAUNCHED_FOR and isinstance(user, User):
        left = of_assistant(request, user, rights)
    return (rights if isinstance(left, Refusal) else left).landing(asked)


def may_launch(request: HttpRequest, user: User) -> bool:
    """Whether a launched record may be opened for this user, who is signed in."""
    rights = matrix.rights(user.role)
    if rights.whose is Whose.LAUNCHED_FOR:
        return not isinstance(of_assistant(request, user, rights), Refusal)
    return matrix.launches(user.role)


def _launched(claim: Claim, rights: Rights) -> Rights | Refusal:
    return rights


def _launched_for(claim: Claim, rights: Rights) -> Rights | Refusal:
    return of_assistant(claim.request, claim.user, rights)


def of_assistant(request: HttpRequest, user: User, rights: Rights) -> Rights | Refusal:
    """All of it on behalf of a responsible person; by a national role of one's own what the list says of that role."""
    if signed.responsible(request, user):
        return rights
    listed = settings.ASSISTANT_ROLES.get(signed.national_role(request, user), ())
    parts = rights.parts & {Part(each) for each in listed}
    return replace(rights, parts=parts) if parts else refusals.NO_RESPONSIBLE


def _self(claim: Claim, rights: Rights) -> Rights | Refusal:
    if claim.patient != claim.user.patient_id:
        return refusals.NOT_OWN
    return rights if relatives.decides(claim.cpr, timezone.localdate()) else refusals.TOO_YOUNG


def _child(claim: Claim, rights: Rights) -> Rights | Refusal:
    if relatives.decides(claim.cpr, timezone.localdate()):
        return refusals.CHILD_DECIDES
    return _related(claim, rights)


def _ward(claim: Claim, rights: Rights) -> Rights | Refusal:
    return _related(claim, rights) if relatives.is_grown(claim.cpr, timezone.localdate()) else refusals.RELATION_ENDED


def _related(claim: Claim, rights: Rights) -> Rights | Refusal:
    holder = claim.user.patient_id
    held = relatives.relations(holder, timezone.localdate()) if holder else ()
    related = any((each.kind, each.patient) == (claim.audience, claim.patient) for each in held)
    return rights if related else refusals.RELATION_ENDED


def _power(claim: Claim, rights: Rights) -> Rights | Refusal:
    held = (each for each in signed.powers(claim.request, claim.user) if each.giver == claim.patient)
    power = next(held, None)
    if power is None:
        return refusals.POWER_ENDED
    if not relatives.may_give(claim.cpr, timezone.localdate()):
        return refusals.GIVER_TOO_YOUNG
    parts = rights.parts & power.parts
    return replace(rights, parts=parts, log=rights.log if Part.LOG in parts else Log.NONE)


def _nobody(claim: Claim, rights: Rights) -> Rights | Refusal:
    return refusals.NO_ROLE


CONDITIONS: dict[Whose, Callable[[Claim, Rights], Rights | Refusal]] = {
    Whose.LAUNCHED: _launched,
    Whose.LAUNCHED_FOR: _launched_for,
    Whose.SELF: _self,
    Whose.CHILD: _child,
    Whose.WARD: _ward,
    Whose.GIVER: _power,
    Whose.NOBODY: _nobody,
}
