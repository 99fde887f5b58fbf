"""What stands, as a reader thinks of it: conditions and interventions with their dates, levels and links. Pure.

Source: EOJ.md §5 (a condition carries no end: it is derived from the reports, and says so) and §7.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from eoj.policy import Stand
from terminology.fsiii import Catalogue, Concept, Kind

DENMARK = ZoneInfo("Europe/Copenhagen")
FOLLOW_UP = "9f03dfbb-7a97-45a5-94db-d4c3501714a9"
"""CareSocialCodes: opfølgning."""
NOT_RELEVANT = 9
SHOWN = ("Condition", "CarePlan", "Procedure")
Name = tuple[str, str]
"""Who reports a resource, and its `Type/id`."""


class Column(StrEnum):
    """The three lists of the page."""

    FUNCTION = "function"
    HEALTH = "health"
    INTERVENTION = "intervention"


class Status(StrEnum):
    """Where an entry stands today."""

    ACTIVE = "active"
    COMING = "coming"
    UNFOCUSED = "unfocused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Link:
    """The other end of a link between a condition and an intervention."""

    anchor: str
    name: str


class Entry(NamedTuple):
    """One condition or intervention, ready to be worded."""

    anchor: str
    """An id on this page, and short: its own could be 64 characters, and the same in two municipalities."""
    column: Column
    concept: Concept
    group: str
    heading: str
    status: Status
    created: str
    """As FHIR writes a date."""
    ended: str
    ended_derived: bool
    """From the reports, not said by the source."""
    planned_end: str
    level: int | None
    expected: int | None
    assessed: datetime | None
    """When the level was last set."""
    follow_up: str
    delivery: tuple[str, ...]
    local: tuple[str, ...]
    """Names of the municipality's own codes: beside the national name, never in its place."""
    links: tuple[Link, ...]
    sor: str
    arrived: datetime
    """When we were told what is new about it."""
    delivered: bool
    """A Procedure: delivered once, unplanned."""

    @property
    def is_current(self) -> bool:
        return self.status in (Status.ACTIVE, Status.COMING)

    def is_told_after(self, seen: datetime | None) -> bool:
        """Whether it is news to somebody who looked then; nothing is to somebody who has never looked."""
        return seen is not None and self.arrived > seen


def entries(stands: Iterable[Stand], catalogue: Catalogue, today: date) -> list[Entry]:
    """The conditions and interventions among what may be seen, newest first within each heading."""
    found = {(each.sor, f"{each.type}/{each.id}"): each for each in stands}
    around, shown = _around(found), _ordered(found, catalogue)
    # Numbered as they stand on the page, ids cost the least when it is packed.
    anchors = {name: f"r{number}" for number, (name, _each, _concept) in enumerate(shown)}
    made = []
    for name, each, concept in shown:
        names = around.get(name, ())
        near = [found[other] for other in names]
        ends = [(other, catalogue.find(found[other].code)) for other in _linked(each, names)]
        links = tuple([Link(anchors[other], end.name) for other, end in ends if end is not None])
        made.append(_entry(each, anchors[name], concept, catalogue, near, links, today))
    made.sort(key=lambda entry: (entry.group, not entry.is_current))
    return made


def _ordered(found: Mapping[Name, Stand], catalogue: Catalogue) -> list[tuple[Name, Stand, Concept]]:
    shown = [(name, each, catalogue.find(each.code)) for name, each in found.items() if each.type in SHOWN]
    told = [(name, each, concept) for name, each, concept in shown if concept is not None]
    told.sort(key=lambda row: row[2].name)
    told.sort(key=lambda row: _created(row[1]), reverse=True)
    told.sort(key=lambda row: _group(*row[1:]))
    return told


def _group(each: Stand, concept: Concept) -> str:
    """The key of what it stands under: the area of a condition, the law of an intervention."""
    return concept.parent if each.type == "Condition" else concept.law


def _created(each: Stand) -> str:
    """The oldest day that a condition was ever said to have; of an intervention the day that stands."""
    return (each.created if each.type == "Condition" else "") or each.recorded


@lru_cache(20_000)
def day(said: str) -> date | None:
    """The Danish calendar day of a FHIR date or dateTime; None when it names no day.

    The day as written, where the clock's second is one that Python does not know or the Danish day is in no calendar.
    """
    try:
        if len(said) > 10:
            with suppress(ValueError, OverflowError):
                return datetime.fromisoformat(said).astimezone(DENMARK).date()
        return date.fromisoformat(said[:10])
    except ValueError:
        return None


def _around(found: Mapping[Name, Stand]) -> Mapping[Name, list[Name]]:
    """Everything that refers to a resource, by that resource; the old follow-up link points the other way."""
    around: dict[Name, list[Name]] = defaultdict(list)
    for name, each in found.items():
        for ref in each.refs:
            other = (each.sor, ref)
            around[other].append(name)
            if ref.startswith("Encounter/") and other in found:
                around[name].append(other)
    return around


def _linked(each: Stand, near: Iterable[Name]) -> Iterable[Name]:
    """The conditions of an intervention, the interventions of a condition."""
    if each.type != "Condition":
        return [(each.sor, ref) for ref in each.refs if ref.startswith("Condition/")]
    return [other for other in near if other[1].startswith(("CarePlan/", "Procedure/"))]


def _entry(
    each: Stand,
    anchor: str,
    concept: Concept,
    catalogue: Catalogue,
    near: Sequence[Stand],
    links: tuple[Link, ...],
    today: date,
) -> Entry:
    status, ended, derived, planned = _course(each, today)
    intervention = each.type != "Condition"
    parent = None if intervention else catalogue.find(concept.parent)
    return Entry(
        anchor=anchor,
        column=_column(concept, intervention),
        concept=concept,
        group=_group(each, concept),
        heading=concept.law if intervention else (parent.name if parent else ""),
        status=status,
        created=_created(each),
        ended=ended,
        ended_derived=derived,
        planned_end=planned,
        level=None if intervention else each.level,
        expected=_expected(near) if near and not intervention else None,
        assessed=datetime.fromisoformat(each.levels[-1][1]) if each.levels and not intervention else None,
        follow_up=_follow_up(near, today) if near and status in (Status.ACTIVE, Status.COMING) else "",
        delivery=tuple(each.detail.get("delivery", ())),
        local=tuple(said["display"] for said in each.detail.get("local", ()) if said.get("display")),
        links=links,
        sor=each.sor,
        arrived=each.arrived,
        delivered=each.type == "Procedure",
    )


def _column(concept: Concept, intervention: bool) -> Column:
    if intervention:
        return Column.INTERVENTION
    return Column.HEALTH if concept.kind is Kind.HEALTH_CONDITION else Column.FUNCTION


def _course(each: Stand, today: date) -> tuple[Status, str, bool, str]:
    """Status, end, whether the end is derived, and a planned end."""
    since = each.since.isoformat() if each.since else ""
    if each.type == "Procedure":
        return Status.ENDED, each.recorded, False, ""
    if each.type == "Condition":
        if each.state == "active":
            return Status.ACTIVE, "", False, ""
        return (Status.UNFOCUSED if each.state == "unfocused" else Status.ENDED), since, True, ""
    start, end = day(each.recorded), day(each.ended)
    if each.state in ("completed", "revoked"):
        return Status.ENDED, each.ended or since, not each.ended, ""
    if end is not None and end < today:
        return Status.ENDED, each.ended, False, ""
    if start is not None and start > today:
        return Status.COMING, "", False, each.ended
    return Status.ACTIVE, "", False, each.ended


def _expected(near: Iterable[Stand]) -> int | None:
    """The goal that counts is the one with the newest start, then the one said last (old ones are left standing)."""
    goals = [each for each in near if each.type == "Goal" and each.level is not None]
    newest = max(goals, key=lambda goal: (goal.recorded, goal.changed), default=None)
    return newest.level if newest else None


def _follow_up(near: Iterable[Stand], today: date) -> str:
    """The follow-up that was said last, if it is planned and still to come: superseded ones stay planned for ever."""
    told = [each for each in near if each.type == "Encounter" and FOLLOW_UP in each.detail.get("types", ())]
    last = max(told, key=lambda each: (each.changed, each.recorded), default=None)
    when = day(last.recorded) if last and last.state == "planned" else None
    return last.recorded if last and when and when >= today else ""
