"""The timeline as numbers for an SVG: a bar for each entry, solid while it lasts, hatched when it has ended."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from eoj import drawing
from eoj.care import Column, Entry, day
from eoj.drawing import LINE, NAMES, RIGHT, Bar, Year
from eoj.queries import Care
from eoj.wording import words, written

LEAST = 4
TALLEST = 900
"""What one sheet of A4 on its side holds below the citizen's name, in the units of the drawing."""


class Timeline(NamedTuple):
    """The drawing, and the same as a table."""

    height: int
    drawing: SafeString
    table: SafeString
    today: str

    @property
    def is_tall(self) -> bool:
        """Whether it is too high for a sheet of paper."""
        return self.height > TALLEST


def drawn(entries: Sequence[Entry], care: Care, today: date) -> Timeline:
    """The entries in their three groups, in the order of their beginning; one without a day is in the table alone."""
    dated = [(entry, start) for entry in entries if (start := day(entry.created)) is not None and start <= today]
    first = date(min((start.year for _entry, start in dated), default=today.year), 1, 1)
    whole = max((today - first).days, 1)

    def x(when: date) -> float:
        return round(NAMES + (RIGHT - NAMES) * min(max((when - first).days, 0), whole) / whole, 1)

    headings, bars, y = [], [], LINE
    for column in Column:
        mine = sorted(((start, entry) for entry, start in dated if entry.column is column), key=lambda each: each[0])
        if not mine:
            continue
        headings.append(Bar(y, words().columns[column][0], 0, 0, False, ""))
        y += LINE
        for start, entry in mine:
            end = None if entry.is_current else day(entry.ended) or start
            width = round(max(x(end or today) - x(start), LEAST), 1)
            bars.append(Bar(y, entry.concept.name, x(start), width, end is not None, _label(entry, end)))
            y += LINE
    years = [Year(number, x(date(number, 1, 1))) for number in range(first.year, today.year + 1)]
    html = drawing.years(years, y) + drawing.headings(headings) + drawing.bars(bars)
    return Timeline(y, html, drawing.table(entries, care), f"{today.day:02}.{today.month:02}.{today.year}")


def _label(entry: Entry, end: date | None) -> str:
    if end is None:
        return _("aktiv siden %(date)s") % {"date": written(entry.created)}
    if entry.delivered:
        return _("leveret %(date)s") % {"date": written(entry.created)}
    mark = words().marks[entry.status].lower()
    return f"{mark} {written(entry.ended)}" if entry.ended else mark
