"""What the queries give the pages: a folder, a recording opened for reading, and its pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ekg.rows import Row
from terminology.facilities import Source


@dataclass(frozen=True)
class Folder:
    """A citizen's recordings, newest first by start time (by arrival when the document gives none)."""

    rows: tuple[Row, ...]
    """The current ones."""
    older: tuple[Row, ...]
    """The replaced ones."""
    version: int
    """Another one whenever a recording comes, changes its metadata or its status; 0 for a folder that never held any.

    Where something is withheld it is made of what is seen alone: the count of changes would tell of the rest.
    """
    counts: Mapping[Source, int]
    """Current recordings per source; every source is a key."""
    seen: datetime | None = None
    """When the reader last saw this folder, before this visit; None for never."""
    new: frozenset[UUID] = frozenset()
    """The current recordings that have come since; nothing is new to somebody who has never looked."""
    drawn: frozenset[UUID] = frozenset()
    """Those whose pages have been drawn."""


@dataclass(frozen=True)
class Near:
    """One recording in its folder, for what shows no list."""

    folder: Folder
    """Of which only the newest, the next newer one, itself, the next older one and the oldest are here."""
    place: int = 0
    """1 is the newest; 0 for one that is not in the list."""
    total: int = 0


@dataclass(frozen=True)
class PageImage:
    """One page as the worker drew it: pixels, and millimetres of paper."""

    number: int
    width: int
    height: int
    width_mm: float
    height_mm: float
    dpi: int
    """150, or 0 for a scan that is shown as the source sent it."""
    coarse: int | None
    """How wide it is at 75 dots per inch, where that is drawn."""


@dataclass(frozen=True)
class Recording:
    """One recording opened for reading."""

    row: Row
    author_name: str
    author_role: str
    speed: Decimal | None
    """The paper's, in mm/s, as it says itself; None when it says nothing, or this and that."""
    gain: Decimal | None
    """In mm/mV, likewise."""
    findings: tuple[str, ...]
    """Danish sentences of what is wrong with the document, each once, worst first; mere remarks are left out."""
    pages: tuple[PageImage, ...]
    preview: str
    """pending | ready | failed | none (the document holds no readable PDF)."""
    versions: tuple[Row, ...]
    """The earlier versions that this one replaced, newest first; chains are followed."""
    successor: Row | None
    """The newest version of a replaced recording; None when it is current, or when nothing came in its place."""
    narrative: str
    """Plain text from the document, only when there is no PDF."""
    patient_name: str
    """As this document says, which the page shows when it differs from the banner's."""
    has_pdf: bool

    @property
    def current(self) -> Row | None:
        """Where it stands in the list: itself, or the version that took its place."""
        return self.successor if self.row.status == "replaced" else self.row
