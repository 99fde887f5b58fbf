"""A recording on paper, word for word: its cover, and the line that runs along each of its sheets. Reads nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from ekg import fitting, pages
from ekg.opened import Fact, Opened, Sheet
from ekg.queries import PageImage

LETTER = 1.55
"""Millimetres that a letter of the running line takes, rather too much than too little."""
EDGES = 24
"""Millimetres that it leaves free at both ends together."""


class OnPaper(NamedTuple):
    """One page of the recording on its own sheet of A4."""

    sheet: Sheet
    fit: fitting.Fit
    number: int
    """Among the pages of the whole print."""
    marks: tuple[str, ...]
    """What of the recording must be known beside the curve."""
    note: str


@dataclass(frozen=True)
class Copy:
    """One recording as it is printed, or put into a file."""

    opened: Opened
    made: datetime
    full_cpr: bool = False
    cover: int = 1
    """The page number of its cover."""
    total: int = 1
    beside: str = ""
    """When the recording was made that it is printed together with."""

    @property
    def cpr(self) -> str:
        banner = self.opened.banner
        return banner.cpr_written if self.full_cpr else banner.cpr_masked

    @property
    def last(self) -> int:
        return self.cover + len(self.opened.recording.pages)

    @property
    def written(self) -> str:
        return pages.when(self.made)

    @property
    def clock(self) -> str:
        return pages.clock(self.made)

    @property
    def scale(self) -> str:
        """25 mm/s · 10 mm/mV, and what of it the source does not say (M28)."""
        said = (self.opened.scale, self.opened.scale_missing)
        return ". ".join(each for each in said if each)

    @property
    def facts(self) -> list[Fact]:
        """Those beside the paper on the screen, without ways to go, and those of the print itself."""
        banner, opened = self.opened.banner, self.opened
        facts = [Fact(_("Skala i kilden"), self.scale)] if opened.recording.pages else []
        facts += [Fact(fact.name, fact.value) for fact in opened.facts[:-1]]
        facts += [Fact(_("Kilde"), _("EKG-deling, hentet kl. %(clock)s") % {"clock": self.clock})]
        if self.beside:
            facts.append(Fact(_("Sammenlignet med"), self.beside))
        if banner.own:
            return facts
        return [*facts, Fact(_("Åbnet fra"), banner.opened_from), Fact(_("Formål"), banner.purpose_words)]

    @property
    def by(self) -> str:
        """Who makes the copy, and where."""
        banner = self.opened.banner
        return " · ".join(each for each in (banner.user_name, banner.organisation_name) if each)

    @cached_property
    def sheets(self) -> list[OnPaper]:
        told = zip(self.opened.recording.pages, self.opened.sheets, strict=True)
        return [self._on_paper(page, sheet, self.cover + i) for i, (page, sheet) in enumerate(told, 1)]

    def _on_paper(self, page: PageImage, sheet: Sheet, number: int) -> OnPaper:
        fit = fitting.fit(page.width_mm, page.height_mm)
        return OnPaper(sheet, fit, number, self.marks, self._note(fit))

    @property
    def marks(self) -> tuple[str, ...]:
        """What stands in the bands of the cover, as short as a line needs it."""
        row, opened = self.opened.row, self.opened
        told = (
            (row.printed_cpr_differs, _("Andet CPR-nummer på arket")),
            (opened.is_replaced, _("Erstattet version")),
            (opened.is_doubtful or opened.is_broken, _("Forbehold")),
        )
        return tuple(words for said, words in told if said)

    def _note(self, fit: fitting.Fit) -> str:
        """The comment, where it fits on the line; "" where the cover has it."""
        note, width = self.opened.row.note, fitting.A4[1] if fit.lying else fitting.A4[0]
        name = self.opened.banner.name
        others = (name, self.cpr, self.opened.when, *self.marks, _("Kommentar"), "side 10 af 10", "99 %")
        room = (width - EDGES) / LETTER - sum(len(words) + 3 for words in others)
        return note if len(note) <= room and not set(note) & set("\n\t\r") else ""


def numbered(opened: Sequence[Opened], made: datetime, full_cpr: bool) -> list[Copy]:
    """Copies of these recordings, one after the other, their pages counted through."""
    total = sum(1 + len(each.recording.pages) for each in opened)
    copies: list[Copy] = []
    for each in opened:
        others = ", ".join(other.when for other in opened if other is not each)
        copies.append(Copy(each, made, full_cpr, copies[-1].last + 1 if copies else 1, total, others))
    return copies


def alone(opened: Opened, made: datetime, full_cpr: bool) -> Copy:
    """For a file, which has pages of its own behind the cover."""
    return Copy(opened, made, full_cpr)
