"""The timeline as numbers for an SVG: a bar for each row, solid while it lasts, hatched when it has ended."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from eoj.care import Column, day
from eoj.pages import COLUMNS, Row, written

WIDTH, NAMES, RIGHT, LINE = 1400, 330, 1090, 28
"""In the units of the viewBox: the whole, where the names end, where the bars end, the height of a line."""
LEAST = 4


class Bar(NamedTuple):
    """One line of the picture; a heading has no bar."""

    y: int
    name: str
    x: float
    width: float
    ended: bool
    label: str

    @property
    def middle(self) -> int:
        return self.y + LINE // 2

    @property
    def top(self) -> int:
        return self.middle - 6

    @property
    def text(self) -> int:
        """Where letters stand."""
        return self.middle + 5


class Year(NamedTuple):
    """A line down the picture where a year begins."""

    number: int
    x: float

    @property
    def text(self) -> float:
        return self.x + 6


class Timeline(NamedTuple):
    """All there is to draw."""

    height: int
    years: tuple[Year, ...]
    headings: tuple[Bar, ...]
    bars: tuple[Bar, ...]
    today: str


def drawn(rows: Sequence[Row], today: date) -> Timeline:
    """The rows in their three groups, in the order of their beginning; a row without a day is in the table alone."""
    dated = [(row, start) for row in rows if (start := day(row.entry.created)) is not None and start <= today]
    first = date(min((start.year for _row, start in dated), default=today.year), 1, 1)
    whole = max((today - first).days, 1)

    def x(when: date) -> float:
        return round(NAMES + (RIGHT - NAMES) * min(max((when - first).days, 0), whole) / whole, 1)

    headings, bars, y = [], [], LINE
    for column in Column:
        mine = sorted(((start, row) for row, start in dated if row.entry.column is column), key=lambda each: each[0])
        if not mine:
            continue
        headings.append(Bar(y, str(COLUMNS[column][0]), 0, 0, False, ""))
        y += LINE
        for start, row in mine:
            end = None if row.entry.is_current else day(row.entry.ended) or start
            width = round(max(x(end or today) - x(start), LEAST), 1)
            label = _label(row, end)
            bars.append(Bar(y, row.name, x(start), width, end is not None, label))
            y += LINE
    years = tuple(Year(number, x(date(number, 1, 1))) for number in range(first.year, today.year + 1))
    return Timeline(y, years, tuple(headings), tuple(bars), f"{today.day:02}.{today.month:02}.{today.year}")


def _label(row: Row, end: date | None) -> str:
    if end is None:
        return _("aktiv siden %(date)s") % {"date": row.created}
    if row.entry.delivered:
        return _("leveret %(date)s") % {"date": row.created}
    if not row.ended:
        return row.mark.lower()
    return f"{row.mark.lower()} {written(row.entry.ended)}"
