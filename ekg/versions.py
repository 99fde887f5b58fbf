"""Which recording has taken whose place. Only metadata says so (EKG.md §7); the caller holds the patient's lock."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q

from ekg import hiding
from ekg.models import Recording

LONGEST = 500
"""Bytes of an identifier that are kept as they are; an index of PostgreSQL cannot hold more than some 2,700."""


def key(identifier: str) -> str:
    """An identifier as the tables keep it: exactly as sent, or its sha256 when no honest source would send it."""
    raw = identifier.encode()
    return identifier if len(raw) <= LONGEST else f"sha256:{hashlib.sha256(raw).hexdigest()}"


@dataclass(frozen=True)
class Standing:
    """What a new document meets in its citizen's folder."""

    change: int
    """The folder's next version number."""
    held: bool
    """This very document is here already."""
    awaited: bool
    """A version that replaces it came first."""
    reused: bool
    """Its identifier has been used for other content, here or for another citizen."""


# One statement instead of four: storing is what every document waits for.
STANDING = """
    SELECT coalesce(max(change), 0) + 1,
        coalesce(bool_or(document_id = %(document)s AND content_sha256 = %(content)s), false),
        coalesce(bool_or(replaces && %(names)s::text[]), false),
        %(document)s <> '' AND EXISTS
            (SELECT FROM ekg_recording WHERE document_id = %(document)s AND content_sha256 <> %(content)s)
    FROM ekg_recording WHERE patient_id = %(patient)s"""


def standing(patient_id: UUID, document: Sequence[Recording]) -> Standing:
    """Look around before storing the recordings of a document, under the patient's lock."""
    told: dict[str, Any] = {
        "patient": patient_id,
        "document": document[0].document_id,
        "content": document[0].content_sha256,
        "names": [name for each in document for name in each.names],
    }
    with connection.cursor() as cursor:
        cursor.execute(STANDING, told)
        return Standing(*cursor.fetchone())


def next_change(patient_id: UUID) -> int:
    """The folder's next version number."""
    newest: int | None = Recording.objects.filter(patient=patient_id).aggregate(n=Max("change"))["n"]
    return (newest or 0) + 1


def names(recording: Recording, *identifiers: str) -> list[str]:
    """Every identifier that metadata may call the recording's document by, those given included.

    uniqueId, entryUUID, Bundle.id (MedCom recommends it as entryUUID) and our own ids, which our answers name.
    """
    called = {recording.document_id, recording.entry_uuid, *map(key, identifiers), *recording.names}
    ours = [recording.pk, *([recording.delivery_id] if recording.delivery.door == "document" else [])]
    for bare in (recording.bundle_id, *map(str, ours)):
        called |= {bare, f"urn:uuid:{bare}"}
    return sorted(called - {"", "urn:uuid:"})


def by(sender_id: UUID) -> Q:
    """The recordings whose document this sender has delivered: only those may it replace, change or withdraw."""
    return Q(sender=sender_id) | Q(also_sent_by__contains=[sender_id])


def replace(fresh: Sequence[Recording], sender_id: UUID, at: datetime, change: int) -> list[Recording]:
    """Let every `replaces` that touches these recordings of one document take effect; returns what was replaced.

    Both orders count: the new version may come before the old one. A document never replaces itself, and of documents
    that replace each other in a circle the last link is left out, so that one of them stays current.
    """
    mine = [recording.pk for recording in fresh]
    held = Recording.objects.filter(by(sender_id), patient=fresh[0].patient_id).exclude(pk__in=mine)
    replaced: list[Recording] = []
    newer = list(held.filter(replaces__overlap=[name for each in fresh for name in each.names]))
    if newer:
        replaced += [old for old in fresh if _put_in_place(old, newer, at, change)]
    if fresh[0].replaces:
        older = held.filter(names__overlap=fresh[0].replaces).order_by("position")
        replaced += [old for old in older if _put_in_place(old, fresh, at, change)]
    if replaced:
        hiding.spread(fresh[0].patient_id)
    return replaced


def _put_in_place(old: Recording, candidates: Sequence[Recording], at: datetime, change: int) -> bool:
    successor = _successor(old, candidates)
    if old.replaced_by_id or _leads_to(successor, old):
        return False
    old.replaced_by, old.replaced_at, old.change = successor, old.replaced_at or at, change
    if old.status == Recording.Status.CURRENT:
        old.status = Recording.Status.REPLACED
    old.save(update_fields=["replaced_by", "replaced_at", "change", "status"])
    return True


def _successor(old: Recording, candidates: Sequence[Recording]) -> Recording:
    """Of a new version's recordings the one of the same observation (EKG.md §7), otherwise of the same place."""
    same = [each for each in candidates if old.observation_identifier == each.observation_identifier != ""]
    place = [each for each in candidates if each.position == old.position]
    return (same or place or list(candidates))[0]


def _leads_to(start: Recording, goal: Recording) -> bool:
    seen: set[UUID] = set()
    at: Recording | None = start
    while at is not None and at.pk not in seen:
        if at.pk == goal.pk:
            return True
        seen.add(at.pk)
        at = at.replaced_by
    return False
