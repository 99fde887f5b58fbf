"""What a page may show of a citizen's EKGs: every function takes the grant that the gate made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from fhir.bundle import Handling
from terminology.facilities import Source


class Grant(Protocol):
    """The part of `access.gate.Grant` that a query needs; only the gate makes the real one."""

    @property
    def patient_id(self) -> UUID: ...


class Unavailable(Exception):
    """The bytes are held but cannot be trusted or read; the page says so (M38), and nothing of them is sent."""


@dataclass(frozen=True)
class Row:
    """One recording in a list, ready to print: times are aware datetimes, all words are Danish."""

    id: UUID
    started: datetime | None
    ended: datetime | None
    received: datetime
    source: Source
    source_words: str
    """Hospital | Almen praksis | the facility's own words | Ukendt sted."""
    organisation: str
    """The name in the document, otherwise the register's, "SOR <number>" or "navn ikke oplyst"."""
    note: str
    handling: Handling
    status: str
    """current | replaced (a withdrawn recording is in no list)."""
    replaced_at: datetime | None
    replaced_by: UUID | None


@dataclass(frozen=True)
class Folder:
    """A citizen's recordings, newest first by start time (by arrival when the document gives none)."""

    rows: tuple[Row, ...]
    """The current ones."""
    older: tuple[Row, ...]
    """The replaced ones."""
    version: int
    """Grows whenever anything in the folder changes; 0 for a folder that never held anything."""
    counts: Mapping[Source, int]
    """Current recordings per source; every source is a key."""


@dataclass(frozen=True)
class PageImage:
    """One page as the worker drew it: pixels, and millimetres of paper."""

    number: int
    width: int
    height: int
    width_mm: float
    height_mm: float


@dataclass(frozen=True)
class Recording:
    """One recording opened for reading."""

    row: Row
    author_name: str
    author_role: str
    findings: tuple[str, ...]
    """Danish sentences, each once, worst first."""
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


def folder(grant: Grant) -> Folder:
    """Everything the list shows, in one query however many recordings there are."""
    raise NotImplementedError


def version(grant: Grant) -> int:
    """`folder(grant).version` alone, cheap enough to ask every 30 seconds."""
    raise NotImplementedError


def recording(grant: Grant, recording_id: UUID) -> Recording:
    """One recording in two queries; raises Http404 for another citizen's, a withdrawn one, or none."""
    raise NotImplementedError


def page_image(grant: Grant, recording_id: UUID, number: int) -> bytes:
    """The PNG of a page; raises Http404 when there is none and Unavailable when its bytes are damaged or gone."""
    raise NotImplementedError


def original(grant: Grant, recording_id: UUID) -> bytes:
    """The PDF exactly as the source sent it; raises Http404 when there is none and Unavailable when it is damaged."""
    raise NotImplementedError
