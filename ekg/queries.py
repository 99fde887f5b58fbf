"""What a page may show of a citizen's EKGs: every function takes the grant that the gate made."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.http import Http404
from django.utils.crypto import salted_hmac

from access.gate import Grant, Unavailable
from audit.actions import Action
from audit.trail import last_look
from ekg import blocked
from ekg.kept import Original, Picture, original, page_image
from ekg.rows import FOLDER, LINKED, NEAR, ONE, PREVIEW, STATUS, VERSION, WIDTH, Row, Words
from ekg.selecting import select, standing
from ekg.shown import Folder, Near, PageImage, Recording
from terminology.facilities import NAMED, Source

__all__ = ["Folder", "Near", "Original", "PageImage", "Picture", "Recording", "Row", "Source", "Unavailable"]
__all__ += ["folder", "near", "original", "page_image", "preview", "recording", "recordings", "version"]

LOOKS = (Action.EKG_FOLDER_VIEWED, Action.EKG_RECORDING_VIEWED)
"""What puts the list of recordings on the screen. The overview does not: it tells of what is new, and leaves it so."""
MEANWHILE = timedelta(seconds=6)
"""What was being put in place while a page was made was not on it: the longest that a statement and a lock may take."""


def folder(grant: Grant) -> Folder:
    """Everything the list shows, in one query however many recordings there are, and one for the last look."""
    words, found = Words(), _seen(grant)
    seen = last_look(grant.patient_id, grant.user_id, LOOKS, grant.context_id)
    rows = [words.row(columns[:WIDTH]) for columns in found]
    current = tuple(row for row in rows if row.status == "current")
    older = tuple(row for row in rows if row.status == "replaced")
    counted = Counter(row.source for row in current)
    drawn = frozenset(columns[0] for columns in found if columns[-1])
    counts = {source: counted[source] for source in Source}
    return Folder(current, older, _version(grant, found), counts, seen, _come_since(found, seen), drawn)


def near(grant: Grant, here: Row | None, sources: Collection[Source]) -> Near:
    """What lies around a recording among those of some sources, in one query, and in one for the last look."""
    rest = Source.OTHER in sources
    codes = [code for code, source in NAMED.items() if (source in sources) != rest]
    found: list[tuple[Any, ...]] = []
    if here:
        unseen = list(blocked.hidden(grant))
        found = select(NEAR, grant, id=here.id, unseen=unseen, codes=codes, among=not rest)
    seen = last_look(grant.patient_id, grant.user_id, LOOKS, grant.context_id)
    words = Words()
    rows = tuple(words.row(columns[:WIDTH]) for columns in found)
    drawn = frozenset(columns[0] for columns in found if columns[-1])
    folder = Folder(rows, (), 0, {}, seen, _come_since(found, seen), drawn)
    place, total = next((columns[WIDTH : WIDTH + 2] for columns in found if here and columns[0] == here.id), (0, 0))
    return Near(folder, place, total)


def version(grant: Grant) -> int:
    """`folder(grant).version` alone, cheap enough to ask every 30 seconds."""
    if _withholds(grant):
        return _version(grant, _seen(grant))
    return int(select(VERSION, grant)[0][0])


def recording(grant: Grant, recording_id: UUID) -> Recording:
    """One recording in one query, two when it has other versions; Http404 unless it is this citizen's and stands."""
    return recordings(grant, [recording_id])[0]


def recordings(grant: Grant, ids: Sequence[UUID]) -> list[Recording]:
    """Each of these recordings, in this order, for as many queries as one; Http404 when one of them is not there."""
    unseen, found = blocked.hidden(grant), {row[0]: row for row in select(ONE, grant, ids=list(ids))}
    if grant.consent.hides_all or any(each not in found or each in unseen for each in ids):
        raise Http404
    linked = select(LINKED, grant) if any(found[each][-1] for each in ids) else []
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
    return str(standing(PREVIEW, grant, recording_id)[0][0])


def _decimal(said: str | None) -> Decimal | None:
    return Decimal(said) if said else None


def _seen(grant: Grant) -> list[tuple[Any, ...]]:
    """The rows of FOLDER that this user may see."""
    if grant.consent.hides_all:
        return []
    unseen, rows = blocked.hidden(grant), select(FOLDER, grant)
    return [row for row in rows if row[0] not in unseen] if unseen else rows


def _version(grant: Grant, rows: list[tuple[Any, ...]]) -> int:
    if not _withholds(grant):
        return max((row[WIDTH] for row in rows), default=0)
    listed = [row[:WIDTH] for row in rows if row[STATUS] != "withdrawn"]
    return int(salted_hmac("ekg.queries.version", repr(listed)).hexdigest()[:12], 16) if listed else 0


def _come_since(rows: list[tuple[Any, ...]], seen: datetime | None) -> frozenset[UUID]:
    """The current ones that could not be seen then; a version that has taken another's place came by itself."""
    if seen is None:
        return frozenset()
    after = seen - MEANWHILE
    current = (row for row in rows if row[STATUS] == "current")
    return frozenset(row[0] for row in current if datetime.fromisoformat(row[-2]) > after)


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
