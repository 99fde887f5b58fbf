"""Two recordings beside each other, word for word: addresses, warnings, how far apart they are. Reads nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.banner import Banner
from ekg import lines, pages
from ekg.apart import apart, largest
from ekg.opened import Opened
from ekg.pages import View
from ekg.queries import Folder, Recording, Row

LISTED = 40
"""So many recordings are offered in place of one that is open; the rest on request."""


@dataclass(frozen=True, kw_only=True)
class Beside(View):
    """The folder as one side of a comparison sees it: choosing a recording puts it on this side."""

    letter: str
    other: UUID
    """What stands on the other side, and stays there."""
    from_list: bool

    def url(self, row: Row | None) -> str:
        if row is None:
            return ""
        first, second = (row.id, self.other) if self.letter == "A" else (self.other, row.id)
        filtered = f"kilde={self.kilde}&" if self.kilde else ""
        return f"{self.base}{first}/?{filtered}med={second}{'&fra=liste' if self.from_list else ''}"


@dataclass(frozen=True)
class Side:
    """One of the two, and what could stand in its place."""

    view: Beside
    opened: Opened | None
    """None for B where it would be A once more."""

    @property
    def letter(self) -> str:
        return self.view.letter

    @cached_property
    def among(self) -> tuple[Row, ...]:
        """What may be chosen: all but what stands on the other side."""
        return tuple(row for row in self.view.rows if row.id != self.view.other)

    @property
    def choices(self) -> SafeString:
        """The rows of the list, those around the open one when there are many."""
        here, at = (self.opened.row, self.opened.current) if self.opened else (None, None)
        start = max(0, min(pages.neighbours(self.among, at)[0] - LISTED // 2, len(self.among) - LISTED))
        return lines.choices(self.view, self.among[start : start + LISTED] if self.is_cut else self.among, here)

    @property
    def is_cut(self) -> bool:
        return not self.view.whole and len(self.among) > LISTED


@dataclass(frozen=True)
class Comparison:
    """A, which stays, and B, which pages through the folder."""

    view: View
    first: Recording
    second: Recording | None
    """None where B would be A once more."""
    a: Side
    b: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.a, self.b

    @property
    def newer(self) -> str:
        return self.b.view.url(self._among[1])

    @property
    def older(self) -> str:
        return self.b.view.url(self._among[2])

    @cached_property
    def _among(self) -> tuple[int, Row | None, Row | None]:
        """B's place in the list, and its neighbours; A is passed over."""
        rows, here = self.view.rows, self.b.opened.current if self.b.opened else None
        place = pages.neighbours(rows, here)[0]
        newer = (row for row in reversed(rows[: max(place - 1, 0)]) if row.id != self.first.row.id)
        older = (row for row in rows[place:] if place and row.id != self.first.row.id)
        return place, next(newer, None), next(older, None)

    @property
    def position(self) -> str:
        """What is said once B has changed."""
        told = {"i": self._among[0], "n": len(self.view.rows)}
        return _("B er optagelse %(i)s af %(n)s") % told if told["i"] else ""

    @property
    def swapped(self) -> str:
        """The address with A and B the other way round."""
        return self.a.view.url(self.second.row) if self.second else ""

    @property
    def url(self) -> str:
        return self.a.view.url(self.first.row)

    @property
    def everything(self) -> str:
        """The same with every recording to choose from."""
        return f"{self.url}&alle=1"

    @property
    def closed(self) -> str:
        """A alone, at what opened the comparison: its button, or its row in the list."""
        opener = f"r-{self.first.row.id}" if self.a.view.from_list else "sammenlign"
        return f"{self.view.url(self.first.row)}#{opener}"

    @property
    def warnings(self) -> tuple[tuple[str, str], ...]:
        """What keeps the curves from being compared directly, as far as both documents say their scale."""
        if self.second is None:
            return ()
        (speed, gain), (other_speed, other_gain) = scale(self.first), scale(self.second)
        found = []
        if speed and other_speed and speed != other_speed:
            found.append((_("De to optagelser har forskellig papirhastighed."), _("Kurverne kan ikke sammenlignes direkte.")))
        if gain and other_gain and gain != other_gain:
            found.append((_("De to optagelser har forskellig forstærkning."), _("Udslagene kan ikke sammenlignes direkte.")))
        return tuple(found)

    @property
    def distance(self) -> str:
        """2 år 8 måneder; "" where a document does not say when it was made."""
        first, second = self.first.row.started, self.second.row.started if self.second else None
        return written(timezone.localtime(first), timezone.localtime(second)) if first and second else ""


def comparison(
    found: Sequence[Recording], folder: Folder, base: str, asked: Mapping[str, str], banner: Banner
) -> Comparison:
    """A and B in their folder; one recording alone is A, to which B is still to be chosen."""
    first, second = found[0], found[1] if len(found) > 1 else None
    view = pages.seen_through(folder, base, asked, holding=first.row)
    if second and view.kilde and second.row.source not in pages.FILTERS[view.kilde]:
        view = pages.seen_through(folder, base, {}, holding=first.row)
    sides = (("A", first, second or first), ("B", second, first))
    a, b = (_side(view, letter, open_, other, banner, "fra" in asked) for letter, open_, other in sides)
    return Comparison(view, first, second, a, b)


def _side(
    view: View, letter: str, recording: Recording | None, other: Recording, banner: Banner, from_list: bool
) -> Side:
    seen = Beside(
        base=view.base, kilde=view.kilde, rows=view.rows, folder=view.folder, whole=view.whole,
        letter=letter, other=other.row.id, from_list=from_list,
    )  # fmt: skip
    return Side(seen, Opened(recording, seen, banner) if recording else None)


def asked_for(said: str) -> UUID:
    """The id in an address; what is none is looked for as long as what does not exist."""
    try:
        return UUID(said)
    except ValueError:
        raise Http404 from None


def scale(recording: Recording) -> tuple[Decimal | None, Decimal | None]:
    """Speed (mm/s) and gain (mm/mV) that the document itself prints; None where it does not."""
    return getattr(recording, "speed", None), getattr(recording, "gain", None)


def written(one: datetime, other: datetime) -> str:
    """2 år 8 måneder: a time as a person says it."""
    said = [_counted(unit, count) for unit, count in largest(apart(one, other))]
    return " ".join(said) or _("under 1 minut")


def _counted(unit: str, count: int) -> str:
    words = {
        "years": ngettext("%(n)s år", "%(n)s år", count),
        "months": ngettext("%(n)s måned", "%(n)s måneder", count),
        "days": ngettext("%(n)s dag", "%(n)s dage", count),
        "hours": ngettext("%(n)s time", "%(n)s timer", count),
        "minutes": ngettext("%(n)s minut", "%(n)s minutter", count),
    }
    return words[unit] % {"n": count}
