"""The log as a log controller's system reads it: the stored FHIR events, newest first, a page at a time."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from audit.models import AuditEvent

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_ID = (1 << 128) - 1


class Place(NamedTuple):
    """Where a page ended: what comes after is older, so new events never move it."""

    recorded: datetime
    id: uuid.UUID


class Found(NamedTuple):
    """One event as it is stored."""

    recorded: datetime
    id: uuid.UUID
    patient: uuid.UUID | None
    event: dict[str, Any]

    @property
    def place(self) -> Place:
        return Place(self.recorded, self.id)


@dataclass(frozen=True)
class Wanted:
    """What is looked for; None is no condition. A time is [start, end)."""

    patient: uuid.UUID | None = None
    actor: uuid.UUID | None = None
    start: datetime | None = None
    end: datetime | None = None
    organisations: Collection[str] | None = None
    """Of the actors, as events write them; an empty one finds nothing."""


def found(wanted: Wanted, limit: int, after: Place | None = None) -> list[Found]:
    """The newest events, or those that come after a place; one query, and an index for every order it asks for."""
    events = _in_time(AuditEvent.objects.all(), wanted)
    if wanted.organisations is not None:
        events = events.filter(actor_organisation__in=wanted.organisations)
    if wanted.patient or wanted.actor:
        who = {"patient_ref": wanted.patient, "actor_ref": wanted.actor}
        events = events.filter(**{name: key for name, key in who.items() if key})
        if after:
            # The first condition leaves out whole partitions, the second tells events of one microsecond apart.
            events = events.filter(recorded__lte=after.recorded)
            events = events.filter(Q(recorded__lt=after.recorded) | Q(id__lt=after.id))
        events = events.order_by("-recorded", "-id")
    else:
        # No index is on the time alone; the ids begin with its millisecond and every partition is sorted by them.
        if after:
            # Ids of one millisecond are in no order of time, so the time only leaves out partitions.
            events = events.filter(id__lt=after.id, recorded__lt=after.recorded + timedelta(milliseconds=1))
        events = events.order_by("-id")
    return _read(events[:limit])


def one(key: uuid.UUID, organisations: Collection[str] | None = None) -> Found | None:
    """One event; one query."""
    events = AuditEvent.objects.filter(id=key)
    if organisations is not None:
        events = events.filter(actor_organisation__in=organisations)
    return next(iter(_read(events)), None)


def _in_time(events: QuerySet[AuditEvent], wanted: Wanted) -> QuerySet[AuditEvent]:
    """Times choose partitions and rows; ids let the primary key find where they begin and end."""
    if wanted.start:
        events = events.filter(recorded__gte=wanted.start, id__gte=_first_id(wanted.start))
    if wanted.end:
        events = events.filter(recorded__lt=wanted.end, id__lte=_first_id(wanted.end, 1))
    return events


def _first_id(moment: datetime, ahead: int = 0) -> uuid.UUID:
    """Below every id of the moment's millisecond, or of one `ahead` of it."""
    milliseconds = (moment - EPOCH) // timedelta(milliseconds=1) + ahead
    return uuid.UUID(int=min(max(milliseconds, 0) << 80, LAST_ID))


def _read(events: QuerySet[AuditEvent]) -> list[Found]:
    return [Found(*row) for row in events.values_list("recorded", "id", "patient_ref", "event")]
