"""Whom a citizen may choose to see: oneself, children below fifteen, wards, and those who gave a fuldmagt."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from access import relatives, signed
from access.models import Audience, User
from patients.registry import names

KNOWN = "others"
"""In the session: whether there was anybody but oneself when last asked. A sign that says nothing of whom."""


@dataclass(frozen=True)
class Person:
    """Somebody whose record this citizen may open, and as what."""

    audience: Audience
    patient: UUID
    name: str
    decides: bool = False
    """A child who has turned fifteen while the register still names the parents: not offered any more."""

    @property
    def key(self) -> str:
        """How the page names the choice: by the pseudonym, which is no secret and no CPR number."""
        return f"{self.audience}.{self.patient}"


def of(request: HttpRequest, user: User) -> list[Person]:
    """Oneself first; asked anew each time."""
    assert user.patient_id is not None
    found = [Person(Audience.CITIZEN, user.patient_id, user.get_full_name()), *_others(request, user)]
    others = any(not person.decides for person in found[1:])
    if others != are_known(request):
        request.session[KNOWN] = others
    return found


def are_known(request: HttpRequest) -> bool:
    """Whether there was anybody else when last asked."""
    return bool(request.session.get(KNOWN))


def _others(request: HttpRequest, user: User) -> Iterator[Person]:
    assert user.patient_id is not None
    today = timezone.localdate()
    held = relatives.relations(user.patient_id, today)
    unnamed = names(each.patient for each in held if not each.name)
    for each in held:
        if each.kind == Audience.GUARDIAN and not relatives.is_grown(each.cpr, today):
            continue
        grown = each.kind == Audience.CUSTODY and relatives.decides(each.cpr, today)
        yield Person(each.kind, each.patient, each.name or unnamed.get(each.patient, ""), grown)
    for power in signed.powers(request, user):
        if power.parts:
            yield Person(Audience.PROXY, power.giver, power.giver_name)
