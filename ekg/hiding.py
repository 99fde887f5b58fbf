"""What is hidden from holders of custody: a document with all its versions, or nothing of it.

One version that stayed would show what another hides, or tell that there is one. The caller holds the patient's lock.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from ekg.models import Recording


def family(recording: Recording) -> list[Recording]:
    """The recording, those of the same document, and every version of any of them."""
    rows = list(Recording.objects.filter(patient=recording.patient_id))
    within = _grown({recording.pk}, rows)
    return [row for row in rows if row.pk in within]


def put(recording: Recording, hidden: bool) -> list[Recording]:
    """Hide the whole family, or show it again; returns what changed."""
    changed = [row for row in family(recording) if row.hidden_from_custody != hidden]
    Recording.objects.filter(pk__in=[row.pk for row in changed]).update(hidden_from_custody=hidden)
    return changed


def spread(patient_id: UUID) -> None:
    """After recordings of this patient have become versions of each other: what belongs to a hidden one is hidden."""
    rows = list(Recording.objects.filter(patient=patient_id))
    within = _grown({row.pk for row in rows if row.hidden_from_custody}, rows)
    Recording.objects.filter(pk__in=within, hidden_from_custody=False).update(hidden_from_custody=True)


def _grown(start: set[UUID], rows: Iterable[Recording]) -> set[UUID]:
    """All that leads to one of these by a shared document or by taking each other's place."""
    names: dict[UUID, set[Any]] = {}
    for row in rows:
        document = (row.document_id, row.content_sha256)
        names[row.pk] = {document, row.pk, *([row.replaced_by_id] if row.replaced_by_id else [])}
    found: set[UUID] = set()
    joined = set(start)
    known: set[Any] = set()
    while joined:
        found |= joined
        known = known.union(*(names[pk] for pk in joined))
        joined = {pk for pk, called in names.items() if pk not in found and not called.isdisjoint(known)}
    return found
