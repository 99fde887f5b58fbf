"""The three lists of the page: which areas and laws stand in them, in which order, and what is said of the others."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import ngettext

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
    """What stands in one line for all areas without anything; "" when there are none."""


def panels(entries: Sequence[Entry], care: Care, catalogue: Catalogue, *, only_ended: bool) -> tuple[Panel, ...]:
    """Health and interventions always; functional conditions when the looker may see any (else not even a heading)."""
    lines = Lines(care, entries)
    mine: dict[Column, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        mine[entry.column][entry.group].append(entry)
    held = {entry.column for entry in care.entries}
    shown = [column for column in Column if column is not Column.FUNCTION or column in held]
    silent = only_ended or care.blocked
    return tuple(_panel(column, mine[column], lines, catalogue, silent) for column in shown)


def _panel(column: Column, found: dict[str, list[Entry]], lines: Lines, catalogue: Catalogue, silent: bool) -> Panel:
    order: Iterable[Concept] = areas(catalogue, AREAS[column]) if column in AREAS else ()
    keys = [area.key for area in order] or [str(law) for law in words().laws]
    groups = tuple(
        Group(_heading(column, found[key][0]), len(found[key]), lines.rows(found[key])) for key in keys if key in found
    )
    empty = "" if column is Column.INTERVENTION or silent else _empty(order, set(found))
    return Panel(str(column), words().columns[column][0], sum(group.count for group in groups), groups, empty)


def _heading(column: Column, entry: Entry) -> str:
    return words().laws[Law(entry.group)][0] if column is Column.INTERVENTION else entry.heading


def _empty(order: Iterable[Concept], headings: set[str]) -> str:
    """One line for the areas that have nothing; what an audience may not see is no area of its page."""
    count = sum(not area.retiring and area.key not in headings for area in order)
    if not headings:
        return ngettext("Ingen registreringer i %(n)s område", "Ingen registreringer i %(n)s områder", count) % {
            "n": count
        }
    said = ngettext("Ingen registreringer i %(n)s andet område", "Ingen registreringer i %(n)s andre områder", count)
    return said % {"n": count} if count else ""
