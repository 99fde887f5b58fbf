"""The timeline's bars and the rows of its table, as HTML: written here for the reason given in `eoj.lines`."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from eoj.care import Entry
from eoj.lines import fresh
from eoj.queries import Care
from eoj.wording import Words, ended, kind, words, written

WIDTH, NAMES, RIGHT, LINE = 1400, 400, 1050, 28
"""In the units of the viewBox: the whole, where the names end, where the bars end, the height of a line."""
AFTER = RIGHT + 14
LETTERS, ROOM = 46, NAMES - 40
"""How many letters of a name fit, and what a longer one is drawn together into."""

YEAR = '<line class="year" x1="%s" x2="%s" y1="0" y2="%s"/><text class="small" x="%s" y="18">%s</text>'
TODAY = (
    f'<line class="today" x1="{RIGHT}" x2="{RIGHT}" y1="0" y2="%s"/>'
    f'<text class="small strong" x="{AFTER}" y="18">%s</text>'
)
HEADING = '<text class="strong" x="12" y="%s">%s</text>'
BAR = f'<text x="28" y="%s"%s>%s</text>%s%s<text class="small" x="{AFTER}" y="%s">%s%s</text>'
SPAN = '<rect class="%s" x="%s" y="%s" width="%s" height="12"/>'
LASTING = f'<circle class="lasting" cx="{RIGHT}" cy="%s" r="5"/>'
CLOSE = f' textLength="{ROOM}" lengthAdjust="spacingAndGlyphs"'
NEW = '<tspan class="fresh"> · %s</tspan>'
ROW = (
    '<tr role="row"><th scope="row" role="rowheader">%s%s</th> <td role="cell" data-label="%s">%s</td> '
    '<td role="cell" data-label="%s">%s</td> <td role="cell" data-label="%s">%s</td> '
    '<td role="cell" data-label="%s">%s</td></tr>\n'
)


class Span(NamedTuple):
    """One bar; one that lasts ends today."""

    x: float
    width: float
    ended: bool


class Bar(NamedTuple):
    """One line of the picture; a heading has no bar, what came and ended more than once has several."""

    y: int
    name: str
    spans: Sequence[Span] = ()
    label: str = ""
    new: bool = False

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


def years(found: Iterable[Year], height: int, today: str) -> SafeString:
    lines = [YEAR % (each.x, each.x, height, each.x + 6, each.number) for each in found]
    return _safe([*lines, TODAY % (height, escape(today))])


def headings(found: Iterable[Bar]) -> SafeString:
    return _safe(HEADING % (each.text, escape(each.name)) for each in found)


def bars(found: Iterable[Bar]) -> SafeString:
    new = NEW % escape(words().new.lower())
    return _safe(_bar(each, new if each.new else "") for each in found)


def table(entries: Iterable[Entry], care: Care) -> SafeString:
    said = words()
    labels = [escape(label) for label in (said.type, said.created, said.ended, said.registered_by)]
    new = fresh(care)
    return _safe(_row(entry, care, said, labels, new if entry.is_told_after(care.seen) else "") for entry in entries)


def _bar(bar: Bar, new: str) -> str:
    top, text = bar.middle - 6, bar.text
    spans = "".join([SPAN % ("bar ended" if each.ended else "bar", each.x, top, each.width) for each in bar.spans])
    lasting = "" if bar.spans[-1].ended else LASTING % bar.middle
    close = CLOSE if len(bar.name) > LETTERS else ""
    return BAR % (text, close, escape(bar.name), spans, lasting, text, escape(bar.label), new)


def _row(entry: Entry, care: Care, said: Words, labels: list[str], new: str) -> str:
    end = _end(entry, said)
    cells = (kind(entry, said), written(entry.created), end, care.municipalities[entry.sor].name)
    told = (text for pair in zip(labels, map(escape, cells), strict=True) for text in pair)
    return ROW % (escape(entry.concept.name), new, *told)


def _end(entry: Entry, said: Words) -> str:
    """When it ended; why it is no longer active, where nobody knows when or the reason is another one."""
    label, when = ended(entry, said)
    if entry.is_current or (entry.ended and label == said.ended):
        return when
    return f"{label} {when}" if entry.ended else label


def _safe(html: Iterable[str]) -> SafeString:
    return mark_safe("".join(html))  # noqa: S308 every value in it has been escaped
