"""A folder as its page sees it: filter, words, addresses, the way from one recording to the next. Reads nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ekg.queries import Folder, Near, Row
from terminology.facilities import Source

ICONS = {Source.HOSPITAL: "hospital", Source.PRACTICE: "practice", Source.OTHER: "place", Source.UNKNOWN: "unknown"}
FILTERS = {
    "hospital": (Source.HOSPITAL,),
    "praksis": (Source.PRACTICE,),
    "andre": (Source.OTHER, Source.UNKNOWN),
}
"""`?kilde=`: every recording is in exactly one of them."""
MOST = 100
"""So many rows are listed at once; the rest on request."""


def when(moment: datetime) -> str:
    """20.11.2026 kl. 14.32, in Danish local time."""
    return written(timezone.localtime(moment))


def written(local: datetime) -> str:
    """What DATETIME_FORMAT of sundhedsjournal.formats gives, at a tenth of the cost."""
    return f"{local.day:02}.{local.month:02}.{local.year} kl. {local.hour:02}.{local.minute:02}"


def clock(moment: datetime) -> str:
    """15.02, in Danish local time."""
    local = timezone.localtime(moment)
    return f"{local.hour:02}.{local.minute:02}"


def since(seen: datetime) -> str:
    """What follows "ny" (M18): siden dit seneste opslag 12.10.2026."""
    return _("siden dit seneste opslag %(date)s") % {"date": day(seen)}


def day(moment: datetime) -> str:
    """12.10.2026, in Danish local time."""
    local = timezone.localtime(moment)
    return f"{local.day:02}.{local.month:02}.{local.year}"


def file_name(started: datetime | None) -> str:
    """Of a recording's PDF: says nothing of the citizen."""
    return f"ekg-{timezone.localtime(started):%Y-%m-%d-%H%M}.pdf" if started else "ekg.pdf"


def taken(row: Row) -> str:
    """When a recording was made; a document that does not say so is named by its arrival."""
    return when(row.started) if row.started else _("Modtaget %(when)s") % {"when": when(row.received)}


def place(row: Row) -> str:
    """Hospital · Aarhus Universitetshospital. What the source does not state is said, never guessed."""
    words = _("Kilden oplyser ikke hvor") if row.source is Source.UNKNOWN else row.source_words
    return f"{words} · {row.organisation}"


class Choice(NamedTuple):
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
    whole: bool = False
    """Whether all rows are listed, however many."""
    picked: frozenset[UUID] = frozenset()
    """The recordings that have been ticked in the list."""
    placed: tuple[int, int] | None = None
    """The place of what is open, and of how many, where only the rows around it are here."""

    def place(self, row: Row | None) -> tuple[int, int]:
        """Which one of how many; 0 for one that is not in the list."""
        return self.placed or (neighbours(self.rows, row)[0], len(self.rows))

    @property
    def picks(self) -> bool:
        """Whether there are two to choose for a comparison."""
        return len(self.rows) > 1

    @property
    def picked_wrong(self) -> str:
        """What is said when other than two have been chosen."""
        return _("Vælg to optagelser. Du har valgt %(n)s.") % {"n": len(self.picked)} if self.picked else ""

    def url(self, row: Row | None) -> str:
        """The address of a recording, which keeps the filter; "" for none."""
        return f"{self.base}{row.id}/{self.query}" if row else ""

    def picture(self, row: Row | None) -> str:
        """Where the renditions of its first page lie, for fetching it ahead; "" when it has none."""
        return f"{self.base}{row.id}/side/1" if row and row.id in self.folder.drawn else ""

    @property
    def query(self) -> str:
        return query(self.kilde)

    @property
    def news(self) -> str:
        """The address that tells whether the folder is still as it is shown."""
        return f"{self.base}nyt/{self.folder.version}/"

    @property
    def title(self) -> str:
        """7 af 12 EKG-optagelser."""
        total = len(self.folder.rows)
        words = ngettext("%(n)s EKG-optagelse", "%(n)s EKG-optagelser", total) % {"n": total}
        return _("%(shown)s af %(all)s") % {"shown": len(self.rows), "all": words} if self.kilde else words

    @property
    def since(self) -> str:
        """Since when what is new is new; "" when nothing is."""
        return since(self.folder.seen) if self.folder.seen and self.folder.new else ""

    @property
    def choices(self) -> list[Choice]:
        """Alle, Hospital, Almen praksis, and Andre where there are such."""
        words = {"": _("Alle"), "hospital": _("Hospital"), "praksis": _("Almen praksis")}
        if any(self.folder.counts[source] for source in FILTERS["andre"]):
            words["andre"] = _("Andre")
        return [Choice(said, f"{self.base}{query(kilde)}", kilde == self.kilde) for kilde, said in words.items()]

    def listed(self, here: Row | None) -> tuple[Row, ...]:
        """The rows that are written: the newest ones, or all when the reader asks, or has gone further back."""
        among = {row.id for row in self.rows[MOST:]} if here else set()
        return self.rows if self.whole or (here and here.id in among) else self.rows[:MOST]

    @property
    def most(self) -> int:
        return MOST

    @property
    def all_rows(self) -> str:
        """The address of the list with every row."""
        return f"{self.base}?{f'kilde={self.kilde}&' if self.kilde else ''}alle=1"

    @property
    def nothing_open(self) -> str:
        """What stands in place of a recording: an empty filtered list may not look as if the citizen had none."""
        if not self.folder.rows:
            return _("De optagelser, der er delt, er erstattet af kilden. De står i listen.")
        words = {
            "hospital": _("Listen viser kun optagelser fra hospitaler."),
            "praksis": _("Listen viser kun optagelser fra almen praksis."),
            "andre": _("Listen viser kun optagelser fra andre steder."),
        }
        return words[self.kilde]


def compared(view: View, first: UUID, second: UUID) -> str:
    """The address of two recordings beside each other, which keeps the filter."""
    return f"{view.base}{first}/{f'{view.query}&' if view.query else '?'}med={second}"


def query(kilde: str) -> str:
    """The filter in an address; "" for all, and for a filter that does not exist."""
    return f"?kilde={kilde}" if kilde in FILTERS else ""


def seen_through(folder: Folder, base: str, asked: Mapping[str, str], *, holding: Sequence[Row] = ()) -> View:
    """The folder at `base` through `?kilde=`; a filter that would leave out what is open gives way to it."""
    kilde, whole = filtered(asked, holding), "alle" in asked
    rows = tuple(row for row in folder.rows if row.source in FILTERS[kilde]) if kilde else folder.rows
    return View(base, kilde, rows, folder, whole)


def filtered(asked: Mapping[str, str], holding: Sequence[Row]) -> str:
    """The filter that holds; "" for all."""
    kilde = asked.get("kilde", "")
    return kilde if kilde in FILTERS and all(row.source in FILTERS[kilde] for row in holding) else ""


def around(near: Near, base: str, kilde: str) -> View:
    """The folder through its filter, of which only the rows around the open one are here."""
    return View(base, kilde, near.folder.rows, near.folder, placed=(near.place, near.total))


def neighbours(rows: Sequence[Row], row: Row | None) -> tuple[int, Row | None, Row | None]:
    """The place of a recording in the list (1 is the newest, 0 is none), the next newer one and the next older one."""
    for i, each in enumerate(rows):
        if row and each.id == row.id:
            return i + 1, rows[i - 1] if i else None, rows[i + 1] if i + 1 < len(rows) else None
    return 0, None, None
