"""The three lists of the page: which areas and laws stand in them, in which order, and what is said of the others."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from eoj.absence import Absence, Asked
from eoj.care import Column, Entry
from eoj.lines import Lines
from eoj.queries import Care
from eoj.wording import words
from terminology.fsiii import Catalogue, Concept, Kind, Law
from terminology.order import areas

AREAS = {Column.FUNCTION: Kind.FUNCTION_AREA, Column.HEALTH: Kind.HEALTH_AREA}


@dataclass(frozen=True)
class Group:
    """An area of conditions, or a law."""

    heading: str
    count: int
    rows: SafeString


@dataclass(frozen=True)
class Panel:
    """One of the three lists."""

    column: str
    heading: str
    count: int
    groups: tuple[Group, ...]
    empty: str
    """One line for all areas or laws without anything; "" when there are none."""


@dataclass(frozen=True)
class Tally:
    """One of the lists without its rows: how many stand in it, and in each area or under each law of it."""

    column: str
    heading: str
    count: int
    groups: tuple[tuple[str, int], ...]


def tallies(entries: Sequence[Entry], catalogue: Catalogue) -> tuple[Tally, ...]:
    """The lists in which something stands, in the order of the page."""
    counted = Counter((entry.column, entry.group) for entry in entries)
    first = {(entry.column, entry.group): entry for entry in entries}
    made = []
    for column in Column:
        held = [(column, key) for key in _keys(column, catalogue) if (column, key) in first]
        groups = [(_heading(column, first[each]), counted[each]) for each in held]
        if groups:
            total = sum(count for _said, count in groups)
            made.append(Tally(str(column), words().columns[column][0], total, tuple(groups)))
    return tuple(made)


def panels(entries: Sequence[Entry], care: Care, catalogue: Catalogue, asked: Asked) -> tuple[Panel, ...]:
    """Health and interventions always; functional conditions when the looker may see any (else not even a heading)."""
    lines, absence = Lines(care, entries), Absence(care, asked)
    mine: dict[Column, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        mine[entry.column][entry.group].append(entry)
    held = {entry.column for entry in care.entries}
    shown = [column for column in Column if column is not Column.FUNCTION or column in held]
    return tuple(_panel(column, mine[column], lines, catalogue, absence) for column in shown)


def _panel(
    column: Column, found: dict[str, list[Entry]], lines: Lines, catalogue: Catalogue, absence: Absence
) -> Panel:
    order: Sequence[Concept] = areas(catalogue, AREAS[column]) if column in AREAS else ()
    keys = _keys(column, catalogue)
    groups = tuple(
        Group(_heading(column, found[key][0]), len(found[key]), lines.rows(found[key])) for key in keys if key in found
    )
    count = sum(group.count for group in groups)
    return Panel(str(column), words().columns[column][0], count, groups, absence.line(column, order, set(found)))


def _keys(column: Column, catalogue: Catalogue) -> list[str]:
    """What the groups of a list are called by, in the order of the page."""
    areas_of = AREAS.get(column)
    return [area.key for area in areas(catalogue, areas_of)] if areas_of else [str(law) for law in words().laws]


def _heading(column: Column, entry: Entry) -> str:
    return words().laws[Law(entry.group)][0] if column is Column.INTERVENTION else entry.heading
