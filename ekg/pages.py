"""What the list prints, word for word: rows by year, the filter, the way from one recording to the next. Reads nothing.

It exists because a template that formats dates and builds addresses row by row costs more than everything else on the
page; here each is made once (docs/adr/0013-pages.md).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ekg.queries import Folder, Row
from fhir.bundle import Handling
from terminology.facilities import Source

ICONS = {Source.HOSPITAL: "hospital", Source.PRACTICE: "practice", Source.OTHER: "place", Source.UNKNOWN: "unknown"}
FILTERS = {
    "hospital": (Source.HOSPITAL,),
    "praksis": (Source.PRACTICE,),
    "andre": (Source.OTHER, Source.UNKNOWN),
}
"""`?kilde=`: every recording is in exactly one of them."""
NOTE_IN_LIST = 160


def when(moment: datetime) -> str:
    """20.11.2026 kl. 14.32, in Danish local time: what DATETIME_FORMAT gives, at a fraction of the cost."""
    local = timezone.localtime(moment)
    return f"{local:%d.%m.%Y} kl. {local:%H.%M}"


def taken(row: Row) -> str:
    """When a recording was made; a document that does not say so is named by its arrival."""
    return when(row.started) if row.started else _("Modtaget %(when)s") % {"when": when(row.received)}


def place(row: Row) -> str:
    """Hospital · Aarhus Universitetshospital. What the source does not state is said, never guessed."""
    words = _("Kilden oplyser ikke hvor") if row.source is Source.UNKNOWN else row.source_words
    return f"{words} · {row.organisation}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list."""

    url: str
    when: str
    icon: str
    where: str
    note: str
    mark: str
    """"" | doubt | broken: the document has faults, or cannot be shown."""
    here: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the links above the list."""

    words: str
    url: str
    chosen: bool


@dataclass(frozen=True)
class View:
    """A folder seen through a filter: the rows, and the addresses of everything in them."""

    base: str
    kilde: str
    rows: tuple[Row, ...]
    folder: Folder

    def url(self, row: Row | None) -> str:
        """The address of a recording, which keeps the filter; "" for none."""
        return f"{self.base}{row.id}/{self.query}" if row else ""

    @property
    def query(self) -> str:
        return query(self.kilde)

    @property
    def title(self) -> str:
        """7 af 12 EKG-optagelser."""
        total = len(self.folder.rows)
        words = ngettext("%(n)s EKG-optagelse", "%(n)s EKG-optagelser", total) % {"n": total}
        return _("%(shown)s af %(all)s") % {"shown": len(self.rows), "all": words} if self.kilde else words

    @property
    def choices(self) -> list[Choice]:
        """Alle, Hospital, Almen praksis, and Andre where there are such."""
        words = {"": _("Alle"), "hospital": _("Hospital"), "praksis": _("Almen praksis")}
        if any(self.folder.counts[source] for source in FILTERS["andre"]):
            words["andre"] = _("Andre")
        return [Choice(said, f"{self.base}{query(kilde)}", kilde == self.kilde) for kilde, said in words.items()]

    @property
    def nothing_open(self) -> str:
        """What stands in place of a recording: an empty filtered list may not look as if the citizen had none."""
        if not self.folder.rows:
            return _("De optagelser, der er delt, er erstattet af kilden. De står i listen.")
        words = {
            "hospital": _("Listen viser kun optagelser fra hospital."),
            "praksis": _("Listen viser kun optagelser fra almen praksis."),
            "andre": _("Listen viser kun optagelser fra andre steder."),
        }
        return words[self.kilde]


def query(kilde: str) -> str:
    """The filter in an address; "" for all, and for a filter that does not exist."""
    return f"?kilde={kilde}" if kilde in FILTERS else ""


def seen_through(folder: Folder, context: str, kilde: str, *, holding: Row | None = None) -> View:
    """The folder through `?kilde=`; a filter that would leave out the recording that is open gives way to it."""
    base = reverse("ekg:folder", kwargs={"context": context})
    if kilde in FILTERS and (holding is None or holding.source in FILTERS[kilde]):
        return View(base, kilde, tuple(row for row in folder.rows if row.source in FILTERS[kilde]), folder)
    return View(base, "", folder.rows, folder)


def years(view: View, here: Row | None, under: Row | None = None) -> list[tuple[str, list[Line]]]:
    """The list by year, newest first; an earlier version that is open (`here`) stands below its successor (`under`)."""
    line = _liner(view, here)
    shown: list[tuple[str, Line]] = []
    for row in view.rows:
        shown.append((_year(row), line(row)))
        if here and under and row.id == under.id and here.id != under.id:
            shown.append((_year(row), earlier(view, here, here)))
    return [(year, [each for __, each in group]) for year, group in groupby(shown, key=itemgetter(0))]


def stranded(view: View, here: Row | None) -> list[Line]:
    """Replaced recordings that no current one leads to: nothing else on the page would reach them."""
    led_to = {row.id for row in (*view.folder.rows, *view.folder.older)}
    return [earlier(view, row, here) for row in view.folder.older if row.replaced_by not in led_to]


def earlier(view: View, row: Row, here: Row | None) -> Line:
    """A replaced recording in the list."""
    told = when(row.replaced_at) if row.replaced_at else ""
    is_here = here is not None and here.id == row.id
    where = _("Erstattet %(when)s") % {"when": told} if told else _("Erstattet")
    return Line(view.url(row), _("Tidligere version"), "replaced", where, "", "", is_here)


def _liner(view: View, here: Row | None) -> Callable[[Row], Line]:
    """Makes lines; what is the same for all of them is looked up once."""
    opened = here.id if here else None
    arrived, nowhere = _("Modtaget %(when)s"), _("Kilden oplyser ikke hvor")
    marks = {Handling.DISCLAIMER: "doubt", Handling.ERROR: "broken"}

    def line(row: Row) -> Line:
        return Line(
            url=f"{view.base}{row.id}/{view.query}",
            when=when(row.started) if row.started else arrived % {"when": when(row.received)},
            icon=ICONS[row.source],
            where=f"{nowhere if row.source is Source.UNKNOWN else row.source_words} · {row.organisation}",
            note=shortened(row.note) if row.note else "",
            mark=marks.get(row.handling, ""),
            here=row.id == opened,
        )

    return line


def shortened(note: str) -> str:
    """A note on one line; the whole of it stands at the recording itself."""
    line = " ".join(note.split())
    return line if len(line) <= NOTE_IN_LIST else Truncator(line).chars(NOTE_IN_LIST)


def _year(row: Row) -> str:
    return str(timezone.localtime(row.started or row.received).year)


def neighbours(rows: Sequence[Row], row: Row | None) -> tuple[int, Row | None, Row | None]:
    """The place of a recording in the list (1 is the newest, 0 is none), the next newer one and the next older one."""
    for i, each in enumerate(rows):
        if row and each.id == row.id:
            return i + 1, rows[i - 1] if i else None, rows[i + 1] if i + 1 < len(rows) else None
    return 0, None, None
