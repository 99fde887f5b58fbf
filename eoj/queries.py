"""What the municipal tab shows: one query for all that stands, filtered by the law policy before anything else."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from access.gate import Grant
from audit.actions import Action
from audit.trail import last_look
from eoj import blocked, policy
from eoj.care import SHOWN, Entry, entries
from eoj.item import Area
from eoj.policies import policy_for
from eoj.policy import Audience, Leave, Stand
from eoj.stands import stands as everything
from organisations import register
from organisations.models import Organisation
from terminology.fsiii import Catalogue
from terminology.registry import current, descriptions

AUDIENCES: Mapping[str, Audience] = {audience.value: audience for audience in Audience}
TIMED = (*SHOWN, "Goal", "Encounter")
"""What a page shows, in rows or in what it says of them."""


@dataclass(frozen=True)
class Municipality:
    """One municipality that has told something that is shown."""

    sor: str
    name: str
    reported: datetime
    """The newest report that changed something that is shown: one that only carried it along would tell of more."""


@dataclass(frozen=True)
class Care:
    """Everything that the tab may show."""

    entries: tuple[Entry, ...]
    municipalities: Mapping[str, Municipality]
    descriptions: Mapping[str, str]
    """By concept key; a concept without one is not in it."""
    withheld: tuple[Area, ...]
    """The law areas that the policy keeps from this looker, whether there is anything in them or not."""
    seen: datetime | None
    """When the looker last saw this tab of this patient, before this visit."""
    blocked: bool
    """Whether the citizen has blocked something from this looker: then no list says that there is nothing."""


def care(grant: Grant, today: date) -> Care:
    """What this looker may see of the patient's municipal data."""
    catalogue = current()
    stands = _open(grant, catalogue)
    audience = AUDIENCES.get(grant.audience)
    law = policy_for(audience, today) if audience else {}
    codes = {grant.organisation_sor, *(each.sor for each in stands)} - {""}
    known = register.lookup_many(codes)
    seen = policy.visible(stands, law, _own(grant, known, codes))
    shown = tuple(entries(seen, catalogue, today))
    seen_at = last_look(grant.patient_id, grant.user_id, [Action.EOJ_VIEWED], grant.context_id)
    told = {
        sor: Municipality(sor, known[sor].name if sor in known else f"SOR {sor}", when)
        for sor, when in sorted(_newest(seen, {entry.sor for entry in shown}).items())
    }
    withheld = tuple(area for area in Area if area is not Area.NONE and law.get(area, Leave.NONE) is Leave.NONE)
    said = descriptions({entry.concept.key for entry in shown})
    return Care(shown, told, said, withheld, seen_at, grant.consent.hides_something)


def _own(grant: Grant, known: Mapping[str, Organisation], codes: set[str]) -> frozenset[str]:
    """The reporting organisations of the looker's own municipality."""
    mine = known.get(grant.organisation_sor)
    if mine is None or not mine.municipality_code:
        return frozenset({grant.organisation_sor} & codes)
    return frozenset(sor for sor in codes if sor in known and known[sor].municipality_code == mine.municipality_code)


def _open(grant: Grant, catalogue: Catalogue) -> list[Stand]:
    """Everything that stands and that the citizen has not blocked from this looker."""
    if grant.consent.hides_all:
        return []
    stands = everything(grant.patient_id, catalogue)
    return blocked.seen(stands, grant.consent) if grant.consent.hides_something else stands


def _newest(seen: Iterable[Stand], shown: Container[str]) -> dict[str, datetime]:
    """By organisation of which something is shown, when the newest of it changed; what no page shows tells no time."""
    newest: dict[str, datetime] = {}
    for each in seen:
        if each.sor in shown and each.type in TIMED:
            newest[each.sor] = max(each.changed, newest.get(each.sor, each.changed))
    return newest
