"""The rows of the list, as HTML: the one place where Python writes it.

A folder may hold hundreds, and a row costs thirty times as much from a template (docs/adr/0013-pages.md). Every value
passes through `escape`, also those that need it not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import groupby
from operator import itemgetter

from django.templatetags.static import static
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ekg import pages
from ekg.pages import View
from ekg.queries import Row
from fhir.bundle import Handling
from terminology.facilities import Source

ICON = '<svg class="icon" aria-hidden="true"><use href="%s#%s"/></svg>'
ROW = f'<li>%s<a%s href="%s"%s><span class="when">%s%s</span> <span class="where">{ICON}%s</span>%s</a></li>'
PICK = '<input type="checkbox" name="valgt" value="%s" aria-labelledby="r-%s"%s>'
NEW = ' <span class="new">%s<span class="hidden-text"> %s</span></span>'
NOTE = f' <span class="mark note">{ICON}<span><span class="hidden-text">%s </span>%s</span></span>'
MARK = f' <span class="mark %s">{ICON}%s</span>'
NOTE_LENGTH = 160

Year = tuple[str, SafeString]


def filled(html: str, *values: str) -> str:
    return html % tuple(map(escape, values))


def years(view: View, here: Row | None, under: Row | None = None) -> list[Year]:
    """The list by year, newest first; an earlier version that is open (`here`) stands below its successor (`under`)."""
    line = _Line(view, here, picks=view.picks)
    rows: list[tuple[int, str]] = []
    for row in view.listed(here):
        year = (row.started or row.received).astimezone(line.zone).year
        rows.append((year, line.current(row)))
        if here and under and row.id == under.id != here.id:
            rows.append((year, line.earlier(here)))
    return [(str(year), _safe(html for __, html in group)) for year, group in groupby(rows, key=itemgetter(0))]


def stranded(view: View, here: Row | None) -> tuple[int, SafeString]:
    """How many replaced recordings no current one leads to, and their rows: nothing else would reach them."""
    if not view.folder.older:
        return 0, _safe(())
    led_to = {row.id for row in (*view.folder.rows, *view.folder.older)}
    rows = [row for row in view.folder.older if row.replaced_by not in led_to]
    line = _Line(view, here)
    return len(rows), _safe(line.earlier(row) for row in rows)


def choices(view: View, rows: Iterable[Row], here: Row | None) -> SafeString:
    """Rows that stand on a page a second time, to choose from."""
    line = _Line(view, here, named=False)
    return _safe(line.current(row) for row in rows)


def shortened(note: str) -> str:
    """A note on one line; the whole of it stands at the recording itself."""
    line = " ".join(note.split())
    return line if len(line) <= NOTE_LENGTH else line[: NOTE_LENGTH - 1].rstrip() + "…"


@dataclass(frozen=True)
class _Words:
    """What is the same in every row of every list, in one language."""

    arrived: str
    nowhere: str
    earlier: str
    replaced: str
    replaced_then: str
    new: str
    remark: str
    other_cpr: str
    marks: Mapping[Handling, str]


@cache
def _words(language: str, icons: str) -> _Words:
    doubt = filled(MARK, "doubt", icons, "info", _("Forbehold"))
    broken = filled(MARK, "error", icons, "broken", _("Kan ikke vises"))
    return _Words(
        arrived=_("Modtaget %(when)s"),
        nowhere=_("Kilden oplyser ikke hvor"),
        earlier=_("Tidligere version"),
        replaced=_("Erstattet"),
        replaced_then=_("Erstattet %(when)s"),
        new=_("Ny"),
        remark=_("Kommentar til tolkning:"),
        other_cpr=filled(MARK, "error", icons, "warn", _("Andet CPR-nummer på arket")),
        marks={Handling.SHOW: "", Handling.DISCLAIMER: doubt, Handling.ERROR: broken},
    )


class _Line:
    """Writes the rows of one list."""

    def __init__(self, view: View, here: Row | None, *, named: bool = True, picks: bool = False) -> None:
        self.view, self.here, self.named, self.picks = view, here.id if here else None, named, picks
        self.icons, self.zone = static("icons.svg"), timezone.get_current_timezone()
        self.words = _words(get_language() or "", self.icons)
        self.new = filled(NEW, self.words.new, view.since)

    def current(self, row: Row) -> str:
        taken = row.started or row.received
        when = pages.written(taken.astimezone(self.zone))
        if row.started is None:
            when = self.words.arrived % {"when": when}
        where = f"{self.words.nowhere if row.source is Source.UNKNOWN else row.source_words} · {row.organisation}"
        note = filled(NOTE, self.icons, "warn", self.words.remark, shortened(row.note)) if row.note else ""
        marks = note + self.words.marks[row.handling] + self._other_cpr(row)
        return self._row(row, when, pages.ICONS[row.source], where, marks, self._pick(row) if self.picks else "")

    def earlier(self, row: Row) -> str:
        told = {"when": pages.when(row.replaced_at)} if row.replaced_at else None
        where = self.words.replaced_then % told if told else self.words.replaced
        return self._row(row, self.words.earlier, "replaced", where, self._other_cpr(row))

    def _other_cpr(self, row: Row) -> str:
        return self.words.other_cpr if row.printed_cpr_differs else ""

    def _pick(self, row: Row) -> str:
        return PICK % (row.id, row.id, " checked" if row.id in self.view.picked else "")

    def _row(self, row: Row, when: str, icon: str, where: str, marks: str, pick: str = "") -> str:
        name = f' id="r-{row.id}"' if self.named else ""
        current = ' aria-current="true"' if row.id == self.here else ""
        new = self.new if row.id in self.view.folder.new else ""
        told = (escape(self.view.url(row)), current, escape(when), new, self.icons, icon, escape(where), marks)
        return ROW % (pick, name, *told)


def _safe(rows: Iterable[str]) -> SafeString:
    return mark_safe("".join(rows))  # noqa: S308 every value in a row has been escaped
