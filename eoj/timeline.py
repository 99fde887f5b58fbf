"""The timeline as numbers for an SVG: a bar for each entry, solid while it lasts, hatched when it has ended."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from eoj import drawing
from eoj.care import Column, Entry, day
from eoj.drawing import LINE, NAMES, RIGHT, Bar, Span, Year
from eoj.queries import Care
from eoj.wording import ended_briefly, named, words, written

LEAST, GAP = 4, 2
"""What a bar is wide at least, and what stays free between two on a line."""
YEARS, NUMBERS = 30, 15
"""How far back the picture reaches, and how many years have a line; what began before begins at its edge."""
TALLEST = 900
"""What one sheet of A4 on its side holds below the citizen's name, in the units of the drawing."""
Course = tuple[Entry, Span]
"""An entry, and where it stands on its line."""


class Timeline(NamedTuple):
    """The drawing, and the same as a table."""

    height: int
    drawing: SafeString
    table: SafeString

    @property
    def is_tall(self) -> bool:
        """Whether it is too high for a sheet of paper."""
        return self.height > TALLEST


def drawn(entries: Sequence[Entry], care: Care, today: date) -> Timeline:
    """The entries in their three groups, in the order of their beginning; one without a day is in the table alone."""
    dated = [(start, entry) for entry in entries if (start := day(entry.created)) is not None and start <= today]
    first = date(max(min((start.year for start, _entry in dated), default=today.year), today.year - YEARS), 1, 1)
    whole = max((today - first).days, 1)

    def x(when: date) -> float:
        return round(NAMES + (RIGHT - NAMES) * min(max((when - first).days, 0), whole) / whole, 1)

    headings, bars, y = [], [], LINE
    for column in Column:
        mine = sorted((each for each in dated if each[1].column is column), key=lambda each: each[0])
        if not mine:
            continue
        headings.append(Bar(y, words().columns[column][0]))
        for line in _lines(mine, x, today):
            y += LINE
            last = line[-1][0]
            new = any(entry.is_told_after(care.seen) for entry, _span in line)
            bars.append(Bar(y, named(last, words()), [span for _entry, span in line], _label(line), new))
        y += LINE
    step = 1 + (today.year - first.year) // NUMBERS
    years = [Year(number, x(date(number, 1, 1))) for number in range(first.year, today.year + 1, step)]
    told = _("i dag %(date)s") % {"date": f"{today:%d.%m.%Y}"}
    html = drawing.years(years, y, told) + drawing.headings(headings) + drawing.bars(bars)
    return Timeline(y, html, drawing.table(entries, care))


def _lines(found: Iterable[tuple[date, Entry]], x: Callable[[date], float], today: date) -> list[list[Course]]:
    """What is the same again, under the same law, stands on one line, where one bar does not hide another."""
    lines: list[list[Course]] = []
    latest: dict[tuple[object, ...], list[Course]] = {}
    for start, entry in found:
        end = None if entry.is_current else day(entry.ended) or start
        span = Span(x(start), round(max(x(end or today) - x(start), LEAST), 1), end is not None)
        same = entry.concept.key, entry.group, entry.sor, entry.local, entry.delivered
        line = latest.get(same)
        if line is None or line[-1][1].x + line[-1][1].width + GAP > span.x:
            line = latest[same] = []
            lines.append(line)
        line.append((entry, span))
    return lines


def _label(line: Sequence[Course]) -> str:
    entry, times = line[-1][0], len(line)
    if entry.delivered:
        return (_("leveret %(n)s gange, senest %(date)s") if times > 1 else _("leveret %(date)s")) % {
            "n": times,
            "date": written(entry.created),
        }
    if entry.is_current:
        said = _("aktiv siden %(date)s") % {"date": written(entry.created)}
    else:
        said = ended_briefly(entry, words())
        said = said[:1].lower() + said[1:]
    return _("%(n)s forløb, %(last)s") % {"n": times, "last": said} if times > 1 else said
