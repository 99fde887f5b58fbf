"""What a page may show of a citizen's EKGs: every function takes the grant that the gate made."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Max
from django.http import Http404
from django.utils.crypto import salted_hmac

from access.gate import Grant, Unavailable
from ekg import blocked
from ekg.kept import Original, Picture, original, page_image, standing
from ekg.models import Recording as Stored
from ekg.rows import FOLDER, LINKED, ONE, STATUS, WIDTH, Row, Words
from terminology.facilities import Source

__all__ = ["Folder", "Original", "PageImage", "Picture", "Recording", "Row", "Source", "Unavailable"]
__all__ += ["folder", "original", "page_image", "preview", "recording", "recordings", "version"]


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
    drawn: frozenset[UUID] = frozenset()
    """Those whose pages have been drawn."""


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


def folder(grant: Grant) -> Folder:
    """Everything the list shows, in one query however many recordings there are."""
    words, found = Words(), _seen(grant)
    rows = [words.row(columns[:WIDTH]) for columns in found]
    current = tuple(row for row in rows if row.status == "current")
    older = tuple(row for row in rows if row.status == "replaced")
    counted = Counter(row.source for row in current)
    drawn = frozenset(columns[0] for columns in found if columns[-1])
    return Folder(current, older, _version(grant, found), {source: counted[source] for source in Source}, drawn)


def version(grant: Grant) -> int:
    """`folder(grant).version` alone, cheap enough to ask every 30 seconds."""
    if _withholds(grant):
        return _version(grant, _seen(grant))
    newest: int | None = Stored.objects.filter(patient_id=grant.patient_id).aggregate(n=Max("change"))["n"]
    return newest or 0


def recording(grant: Grant, recording_id: UUID) -> Recording:
    """One recording in one query, two when it has other versions; Http404 unless it is this citizen's and stands."""
    return recordings(grant, [recording_id])[0]


def recordings(grant: Grant, ids: Sequence[UUID]) -> list[Recording]:
    """Each of these recordings, in this order, for as many queries as one; Http404 when one of them is not there."""
    unseen, found = blocked.hidden(grant), {row[0]: row for row in _select(ONE, grant, ids=list(ids))}
    if grant.consent.hides_all or any(each not in found or each in unseen for each in ids):
        raise Http404
    linked = _select(LINKED, grant) if any(found[each][-1] for each in ids) else []
    return [_opened(found[each], linked, unseen) for each in ids]


def _opened(columns: Sequence[Any], linked: Sequence[tuple[Any, ...]], unseen: frozenset[UUID]) -> Recording:
    row = Words().row(columns[:WIDTH])
    (author_name, author_role, findings, preview, narrative, patient_name, has_pdf, speed, gain, pages, is_linked) = (
        columns[WIDTH:]
    )
    texts = (finding["text"] for finding in orjson.loads(findings) if finding["severity"] != "information")
    versions, successor = _family(linked, row.id, unseen) if is_linked else ((), None)
    return Recording(
        row=row,
        author_name=author_name,
        author_role=author_role,
        speed=_decimal(speed),
        gain=_decimal(gain),
        findings=tuple(dict.fromkeys(texts)),
        pages=tuple(PageImage(*page) for page in orjson.loads(pages or "[]")),
        preview=preview,
        versions=versions,
        successor=successor,
        narrative=narrative,
        patient_name=patient_name,
        has_pdf=has_pdf,
    )


def preview(grant: Grant, recording_id: UUID) -> str:
    """`recording(…).preview` alone, for a page that waits for its images (M33); raises Http404 like it."""
    state = standing(grant, recording_id).values_list("preview", flat=True).first()
    if state is None:
        raise Http404
    return state


def _decimal(said: str | None) -> Decimal | None:
    return Decimal(said) if said else None


def _seen(grant: Grant) -> list[tuple[Any, ...]]:
    """The rows of FOLDER that this user may see."""
    if grant.consent.hides_all:
        return []
    unseen, rows = blocked.hidden(grant), _select(FOLDER, grant)
    return [row for row in rows if row[0] not in unseen] if unseen else rows


def _version(grant: Grant, rows: list[tuple[Any, ...]]) -> int:
    if not _withholds(grant):
        return max((row[WIDTH] for row in rows), default=0)
    listed = [row[:WIDTH] for row in rows if row[STATUS] != "withdrawn"]
    return int(salted_hmac("ekg.queries.version", repr(listed)).hexdigest()[:12], 16) if listed else 0


def _withholds(grant: Grant) -> bool:
    """Whether there may be recordings that this reader does not know of."""
    return grant.rights.withholds_from_custody or grant.consent.hides_something


def _family(
    linked: Sequence[tuple[Any, ...]], recording_id: UUID, unseen: frozenset[UUID]
) -> tuple[tuple[Row, ...], Row | None]:
    """The other versions of a recording: those it replaced, and the newest one that replaced it."""
    words = Words()
    rows = [words.row(columns) for columns in linked]
    newer = {row.id: row.replaced_by for row in rows}
    shown = {row.id: row for row in rows if row.status != "withdrawn" and row.id not in unseen}
    after = _after(newer, recording_id)
    versions = tuple(row for row in shown.values() if recording_id in _after(newer, row.id))
    return versions, next((shown[each] for each in reversed(after) if each in shown), None)


def _after(newer: Mapping[UUID, UUID | None], start: UUID) -> list[UUID]:
    """The ids that came in the place of this one, oldest first; a circle (which storing never makes) ends itself."""
    chain: list[UUID] = []
    at = newer.get(start)
    while at is not None and at != start and at not in chain:
        chain.append(at)
        at = newer.get(at)
    return chain


def _select(sql: str, grant: Grant, **parameters: list[UUID]) -> list[tuple[Any, ...]]:
    """The rows of one of our statements, as far as they exist for this reader."""
    whose: dict[str, Any] = {"patient": grant.patient_id, "custody": grant.rights.withholds_from_custody}
    with connection.cursor() as cursor:
        cursor.execute(sql, {**whose, **parameters})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
