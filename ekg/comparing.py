"""Two recordings beside each other, word for word: addresses, warnings, how far apart they are. Reads nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from uuid import UUID

from django.http import Http404
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from access.banner import Banner
from ekg import distance, lines, mismatch, pages
from ekg.opened import Opened
from ekg.pages import View
from ekg.queries import Folder, Recording, Row

EMPTY = Folder((), (), 0, {})
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
        return self.holding(row.id) if row else ""

    def holding(self, recording_id: UUID) -> str:
        first, second = (recording_id, self.other) if self.letter == "A" else (self.other, recording_id)
        return f"{self.base}{first}/{self._asking('med', second)}"

    @property
    def query(self) -> str:
        """With what a check in the background says on which page it stands; `beside` reads it."""
        return self._asking("med" if self.letter == "A" else "ved", self.other)

    def _asking(self, name: str, recording_id: UUID) -> str:
        filtered = f"kilde={self.kilde}&" if self.kilde else ""
        return f"?{filtered}{name}={recording_id}{'&fra=liste' if self.from_list else ''}"


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

    @property
    def newer_picture(self) -> str:
        return self.view.picture(self._among[1])

    @property
    def older_picture(self) -> str:
        return self.view.picture(self._among[2])

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
        return replace(self.a.view, other=self.first.row.id).url(self.second.row) if self.second else ""

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
    def warnings(self) -> list[mismatch.Warning]:
        return mismatch.warnings(self.first, self.second) if self.second else []

    @property
    def distance(self) -> str:
        """2 år 8 måneder; "" where a document does not say when it was made."""
        first, second = self.first.row.started, self.second.row.started if self.second else None
        return distance.between(first, second) if first and second else ""


def comparison(
    found: Sequence[Recording], folder: Folder, base: str, asked: Mapping[str, str], banner: Banner
) -> Comparison:
    """A and B in their folder; one recording alone is A, to which B is still to be chosen."""
    first, second = found[0], found[1] if len(found) > 1 else None
    view = pages.seen_through(folder, base, asked, holding=[each.row for each in found])
    a = _beside(view, "A", (second or first).row.id, asked)
    b = _beside(view, "B", first.row.id, asked)
    opened = Opened(second, b, banner) if second else None
    return Comparison(view, first, second, Side(a, Opened(first, a, banner)), Side(b, opened))


def beside(base: str, recording_id: UUID, asked: Mapping[str, str]) -> str:
    """The address of the page on which a check in the background stands: a comparison, or the recording alone."""
    view = pages.seen_through(EMPTY, base, asked)
    for letter, name in (("A", "med"), ("B", "ved")):
        if name in asked:
            return _beside(view, letter, asked_for(asked[name]), asked).holding(recording_id)
    return f"{base}{recording_id}/{view.query}"


def _beside(view: View, letter: str, other: UUID, asked: Mapping[str, str]) -> Beside:
    of = {field.name: getattr(view, field.name) for field in fields(view)}
    return Beside(**of, letter=letter, other=other, from_list="fra" in asked or "valgt" in asked)


def newest_first(found: Sequence[Recording]) -> list[Recording]:
    """As the list has them."""
    return sorted(found, key=lambda each: each.row.started or each.row.received, reverse=True)


def picked(said: Sequence[str]) -> list[UUID]:
    """The recordings ticked in the list, each once."""
    return list(dict.fromkeys(asked_for(each) for each in said))


def asked_for(said: str) -> UUID:
    """The id in an address; what is none is looked for as long as what does not exist."""
    try:
        found = UUID(said)
    except ValueError:
        raise Http404 from None
    if str(found) != said:
        raise Http404
    return found
