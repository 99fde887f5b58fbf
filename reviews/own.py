"""One's own look-ups: the log's lines of one user, with the name that each record had on its banner."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from access import units
from access.models import PatientContext
from audit import lookups
from audit.lookups import LookUp
from audit.trail import Line
from reviews import wording
from reviews.wording import Thing

AT_ONCE = 25
"""Look-ups on one page."""


@dataclass(frozen=True)
class Own:
    """One of them."""

    lookup: LookUp
    name: str
    """As the banner had it; "" where names are not shown."""
    place: str

    @property
    def what(self) -> str:
        return wording.seen(Thing(*each) for each in self.lookup.seen)

    @property
    def why(self) -> str:
        return wording.why(self.lookup.ground, self.lookup.relation)

    @property
    def override(self) -> str:
        """Why a block was overridden; "" when none was."""
        if not self.lookup.override:
            return ""
        said = self.lookup.override_ground
        return wording.why(said, "") if said else _("Grunden fremgår ikke af loggen")


def page(user: UUID, since: datetime | None, after: str, *, names: bool) -> tuple[list[Own], bool]:
    """Those from `since` on, newest first, older than the look-up `after`; and whether there are more. Few queries."""
    before = _line(user, after) if after else None
    found = lookups.own(user, limit=AT_ONCE + 1, since=since, before=before)
    shown = found[:AT_ONCE]
    called = _names(user, (each.opening.context for each in shown)) if names else {}
    places = units.names(each.opening.actor_organisation for each in shown)
    rows = [
        Own(
            each,
            called.get(each.opening.context, _("Navnet er ikke gemt længere")) if names else "",
            places.get(each.opening.actor_organisation, ""),
        )
        for each in shown
    ]
    return rows, len(found) > AT_ONCE


def _names(user: UUID, contexts: Iterable[str]) -> dict[str, str]:
    """By the banner's own rule: the launch's name, else the documents'. A context is forgotten after ninety days."""
    known = PatientContext.objects.filter(pk__in=list(contexts), user=user)
    told = known.values_list("pk", "patient_name", "patient__name")
    return {key: launched or document or _("Navn ikke oplyst") for key, launched, document in told}


def _line(user: UUID, after: str) -> Line:
    try:
        found = lookups.own_line(user, UUID(after))
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found
