"""The timeline's bars and the rows of its table, as HTML: written here for the reason given in `eoj.lines`."""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from eoj.care import Entry
from eoj.queries import Care
from eoj.wording import Words, ended, kind, words, written

WIDTH, NAMES, RIGHT, LINE = 1400, 330, 1090, 28
"""In the units of the viewBox: the whole, where the names end, where the bars end, the height of a line."""
AFTER = RIGHT + 14

YEAR = '<line class="year" x1="%s" x2="%s" y1="0" y2="%s"/><text class="small" x="%s" y="18">%s</text>'
HEADING = '<text class="strong" x="12" y="%s">%s</text>'
BAR = (
    '<text x="28" y="%s">%s</text><rect class="%s" x="%s" y="%s" width="%s" height="12"/>%s'
    f'<text class="small" x="{AFTER}" y="%s">%s</text>'
)
LASTING = f'<circle class="lasting" cx="{RIGHT}" cy="%s" r="5"/>'
ROW = (
    '<tr role="row"><th scope="row" role="rowheader">%s</th> <td role="cell" data-label="%s">%s</td> '
    '<td role="cell" data-label="%s">%s</td> <td role="cell" data-label="%s">%s</td> '
    '<td role="cell" data-label="%s">%s</td></tr>\n'
)


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
    def text(self) -> int:
        """Where letters stand."""
        return self.middle + 5


class Year(NamedTuple):
    """A line down the picture where a year begins."""

    number: int
    x: float


def years(found: Iterable[Year], height: int) -> SafeString:
    return _safe(YEAR % (each.x, each.x, height, each.x + 6, each.number) for each in found)


def headings(found: Iterable[Bar]) -> SafeString:
    return _safe(HEADING % (each.text, escape(each.name)) for each in found)


def bars(found: Iterable[Bar]) -> SafeString:
    return _safe(map(_bar, found))


def table(entries: Iterable[Entry], care: Care) -> SafeString:
    said = words()
    labels = [escape(label) for label in (said.type, said.created, said.ended, said.registered_by)]
    return _safe(_row(entry, care, said, labels) for entry in entries)


def _bar(bar: Bar) -> str:
    kind, lasting = ("bar ended", "") if bar.ended else ("bar", LASTING % bar.middle)
    top, text = bar.middle - 6, bar.text
    return BAR % (text, escape(bar.name), kind, bar.x, top, bar.width, lasting, text, escape(bar.label))


def _row(entry: Entry, care: Care, said: Words, labels: list[str]) -> str:
    end = _end(entry, said)
    cells = (kind(entry, said), written(entry.created), end, care.municipalities[entry.sor].name)
    told = (text for pair in zip(labels, map(escape, cells), strict=True) for text in pair)
    return ROW % (escape(entry.concept.name), *told)


def _end(entry: Entry, said: Words) -> str:
    """When it ended; why it is no longer active, where nobody knows when or the reason is another one."""
    label, when = ended(entry, said)
    if entry.is_current or (entry.ended and label == said.ended):
        return when
    return f"{label} {when}" if entry.ended else label


def _safe(html: Iterable[str]) -> SafeString:
    return mark_safe("".join(html))  # noqa: S308 every value in it has been escaped
