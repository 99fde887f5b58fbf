"""What the reading pane prints of the opened recording, word for word. Reads nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.banner import Banner
from ekg import lines, pages, scale
from ekg.queries import PageImage, Recording, Row
from fhir.bundle import Handling
from terminology.facilities import Source

FEW = 3
"""So many faults of a document are listed at once; the rest opens on request."""


@dataclass(frozen=True)
class Sheet:
    """One page of paper: where its picture is, how large, and what is said in its place."""

    url: str
    srcset: str
    """The same at other resolutions; "" for a scan, which has its own."""
    mm: str
    """The paper's size as 297x210, for what zooms and compares in millimetres."""
    width: str
    height: str
    shape: str
    """"" for A4 lying, upright for A4 standing, odd for anything else (style sheets know the first two)."""
    alt: str
    caption: str
    id: str
    """Of its element: links lead to each page."""


class Fact(NamedTuple):
    """A line beside the paper."""

    name: str
    value: str
    url: str = ""
    link: str = ""


@dataclass(frozen=True)
class Opened:
    """A recording in its folder. What the page prints more than once is made once."""

    recording: Recording
    view: pages.View
    banner: Banner

    @property
    def row(self) -> Row:
        return self.recording.row

    @property
    def current(self) -> Row | None:
        return self.recording.current

    @property
    def is_replaced(self) -> bool:
        return self.row.status == "replaced"

    @property
    def since(self) -> str:
        """Since when it is new to the reader; "" when it is not."""
        return self.view.since if self.row.id in self.view.folder.new else ""

    @cached_property
    def when(self) -> str:
        return pages.taken(self.row)

    @cached_property
    def place(self) -> str:
        return pages.place(self.row)

    @property
    def icon(self) -> str:
        return pages.ICONS[self.row.source]

    @cached_property
    def _among(self) -> tuple[int, Row | None, Row | None]:
        return pages.neighbours(self.view.rows, self.current)

    @cached_property
    def position(self) -> str:
        """Viser optagelse 1 af 12; "" for one that no list holds."""
        (place, total), told = self.view.place(self.current), _("Viser optagelse %(i)s af %(n)s")
        if self.is_replaced:
            told = _("Tidligere version af optagelse %(i)s af %(n)s")
        return told % {"i": place, "n": total} if place else ""

    @property
    def newer(self) -> str:
        return self.view.url(self._among[1])

    @property
    def older(self) -> str:
        return self.view.url(self._among[2])

    @property
    def partner(self) -> Row | None:
        """What it is compared with unasked: the previous one, for the oldest one the next."""
        return self._among[2] or self._among[1]

    @property
    def compared(self) -> str:
        """The address of this recording beside its partner; "" when there is none."""
        return pages.compared(self.view, self.row.id, self.partner.id) if self.partner else ""

    @property
    def partner_when(self) -> str:
        return pages.taken(self.partner) if self.partner else ""

    @property
    def newest(self) -> str:
        """ "" at the newest itself, as `oldest` is at the oldest."""
        return self.view.url(self.view.rows[0]) if self.newer else ""

    @property
    def oldest(self) -> str:
        return self.view.url(self.view.rows[-1]) if self.older else ""

    @property
    def newer_picture(self) -> str:
        return self.view.picture(self._among[1])

    @property
    def older_picture(self) -> str:
        return self.view.picture(self._among[2])

    @property
    def url(self) -> str:
        return self.view.url(self.row)

    @cached_property
    def address(self) -> str:
        """The recording's own address without the filter; pictures and the PDF lie below it."""
        return f"{self.view.base}{self.row.id}/"

    @cached_property
    def original(self) -> str:
        return f"{self.address}original.pdf" if self.recording.has_pdf else ""

    @property
    def is_broken(self) -> bool:
        return self.row.handling is Handling.ERROR

    @property
    def is_doubtful(self) -> bool:
        return self.row.handling is Handling.DISCLAIMER

    @property
    def note_shape(self) -> str:
        """long: more than a remark, so on lines of its own; columns: set with tabs, so in letters of one width."""
        note = self.row.note
        if "\t" in note:
            return "long columns"
        return "long" if "\n" in note or len(note) > lines.NOTE_LENGTH else ""

    @property
    def faults(self) -> tuple[str, ...]:
        return self.recording.findings[:FEW] if len(self.recording.findings) > FEW + 1 else self.recording.findings

    @property
    def more_faults(self) -> tuple[str, ...]:
        return self.recording.findings[len(self.faults) :]

    @property
    def replaced_when(self) -> str:
        return pages.when(self.row.replaced_at) if self.row.replaced_at else ""

    @property
    def is_successor_current(self) -> bool:
        return self.recording.successor is not None and self.recording.successor.status == "current"

    @property
    def successor_url(self) -> str:
        return self.view.url(self.recording.successor)

    @cached_property
    def sheets(self) -> list[Sheet]:
        return [self._sheet(page) for page in self.recording.pages]

    def _sheet(self, page: PageImage) -> Sheet:
        count = len(self.recording.pages)
        caption = _("Side %(i)s af %(n)s") % {"i": page.number, "n": count}
        told = {"when": self.when, "place": self.place, "page": caption.lower()}
        alt = _("EKG, %(when)s, %(place)s, %(page)s. Kurven kan ikke gengives som tekst; åbn den originale PDF.") % told
        url = f"{self.address}side/{page.number}/"
        srcset = f"{url}75 {page.coarse}w, {url}150 {page.width}w" if page.coarse and page.dpi else ""
        mm = f"{page.width_mm:g}x{page.height_mm:g}"
        name = caption if count > 1 else ""
        id_ = f"side-{page.number}-{self.row.id}"
        return Sheet(f"{url}150", srcset, mm, str(page.width), str(page.height), shape(page), alt, name, id_)

    @property
    def scale(self) -> str:
        """Of the paper, as it says itself."""
        return scale.words(self.recording.speed, self.recording.gain)

    @property
    def scale_missing(self) -> str:
        return scale.missing(self.recording.speed, self.recording.gain)

    @cached_property
    def extent(self) -> str:
        """Side 1 af 1, or 3 sider."""
        count = len(self.recording.pages)
        return ngettext("Side 1 af 1.", "%(n)s sider.", count) % {"n": count} if count else ""

    @property
    def facts(self) -> list[Fact]:
        """Beside the paper: where and by whom, when it came, which version this is, when it was fetched."""
        author = " · ".join(each for each in (self.recording.author_name, self.recording.author_role) if each)
        facts = [Fact(made_at(self.row), self.row.organisation)]
        facts += [Fact(_("Udfærdiget af"), author)] if author else []
        if self.row.started and self.row.ended:
            facts.append(Fact(_("Optaget"), span(self.row.started, self.row.ended)))
        facts += [Fact(_("Navn i dokumentet"), self.recording.patient_name)] if self.is_named_otherwise else []
        facts += [Fact(_("Modtaget"), pages.when(self.row.received)), self._version()]
        return [*facts, Fact(_("Hentet"), pages.when(timezone.now()))]

    @property
    def is_named_otherwise(self) -> bool:
        """Whether the document calls the citizen by another name; beside a protected one no other is written."""
        if self.banner.protected_name:
            return False
        return _same(self.recording.patient_name) not in ("", _same(self.banner.name))

    def _version(self) -> Fact:
        number = len(self.recording.versions) + 1
        told = _("%(n)s – erstattet") if self.is_replaced else _("%(n)s – gældende")
        before = self.view.url(self.recording.versions[0]) if self.recording.versions else ""
        return Fact(_("Version"), told % {"n": number}, before, _("Vis tidligere version"))


def title(opened: Opened | None) -> str:
    """Of the page: says the kind, never the person."""
    if opened and opened.is_replaced:
        return _("Erstattet EKG")
    return _("EKG med forbehold") if opened and opened.is_doubtful else _("EKG")


def listing(view: pages.View, opened: Opened | None) -> dict[str, object]:
    """The list beside it, for the template."""
    here, under = (opened.row, opened.current) if opened else (None, None)
    stranded, rows = lines.stranded(view, here)
    cut = len(view.listed(here)) < len(view.rows)
    return {"years": lines.years(view, here, under), "stranded": stranded, "stranded_rows": rows, "cut": cut}


def made_at(row: Row) -> str:
    """M12, M13, M12b or M14 of the interface's wording."""
    if row.source is Source.HOSPITAL:
        return _("Optaget på hospital")
    if row.source is Source.PRACTICE:
        return _("Optaget i almen praksis")
    if row.source is Source.UNKNOWN:
        return _("Kilden oplyser ikke, hvor EKG'et er optaget")
    words = row.source_words
    inside = words[:1].lower() + words[1:] if words[1:2].islower() else words  # COVID-19-testenhed stays as it is
    return _("Optaget hos %(type)s") % {"type": inside}


def span(started: datetime, ended: datetime) -> str:
    """20.11.2026 kl. 14.32.05 til 14.32.15: an EKG lasts seconds."""
    first, last = timezone.localtime(started), timezone.localtime(ended)
    end = f"{last:%H.%M.%S}" if first.date() == last.date() else f"{last:%d.%m.%Y} kl. {last:%H.%M.%S}"
    return _("%(first)s til %(last)s") % {"first": f"{first:%d.%m.%Y} kl. {first:%H.%M.%S}", "last": end}


def shape(page: PageImage) -> str:
    """Which of the style sheet's shapes a page has, within 1 %."""
    ratio = page.width / page.height
    if abs(ratio * 210 / 297 - 1) < 0.01:
        return ""
    return "upright" if abs(ratio * 297 / 210 - 1) < 0.01 else "odd"


def _same(name: str) -> str:
    return " ".join(name.split()).casefold()
