"""Who saw what: the questions that may be asked of the log."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from audit.actions import Action, words
from audit.event import BESIDE
from audit.models import AuditEvent


@dataclass(frozen=True)
class Line:
    """One event as a person reads it: codes and ids, and the action in Danish."""

    id: uuid.UUID
    recorded: datetime
    action: str
    outcome: int
    reason: str
    actor_kind: str
    actor_ref: uuid.UUID | None
    actor_role: str
    actor_organisation: str
    entity: str
    context: str
    correlation: str
    purpose: str
    beside: str = ""
    """What was shown in the same answer, beside `entity`."""

    @property
    def words(self) -> str:
        """Fik vist EKG."""
        return words(self.action)


NAMES = tuple(name for name in Line.__dataclass_fields__ if name != BESIDE)
LOOKS = (
    Action.EKG_FOLDER_VIEWED, Action.EKG_RECORDING_VIEWED, Action.EKG_ORIGINAL_OPENED, Action.EOJ_VIEWED,
    Action.EKG_PRINTED, Action.EKG_PDF_FETCHED, Action.OVERVIEW_VIEWED, Action.CPR_REVEALED, Action.LOG_VIEWED,
    Action.OVERRIDE_STARTED,
)  # fmt: skip
"""What a citizen is told of: what somebody had on the screen, and that blocks were overridden. A picture that was
fetched ahead is seen when its page is, and what was refused is not seen."""
OF_ONE = (Action.EKG_RECORDING_VIEWED, Action.EKG_ORIGINAL_OPENED, Action.EKG_PRINTED, Action.EKG_PDF_FETCHED)
LAST_LOOK = """
SELECT recorded FROM audit_event WHERE patient_ref = %s AND actor_ref = %s AND action = ANY(%s) AND outcome = 0
AND context <> %s ORDER BY recorded DESC LIMIT 1"""
"""Raw on purpose: every page of a folder asks it, and the ORM takes five times as long to say it."""
OPENINGS = (Action.LAUNCH_OPENED, Action.LOOKUP_OPENED, Action.OVERRIDE_STARTED)


@dataclass(frozen=True)
class Look:
    """Somebody saw something of a patient."""

    line: Line
    override: bool
    """Whether it was seen, or was begun to be seen, in spite of a block."""
    ground: str
    """What the user chose: of the override, otherwise of the opening; "" when nothing was asked."""


def looks(
    patient: uuid.UUID,
    *,
    limit: int,
    since: datetime | None = None,
    before: Line | None = None,
    reader: uuid.UUID | None = None,
    without: Collection[str] = (),
) -> list[Look]:
    """Who saw what of a patient, newest first; two queries.

    Looks at one of the things in `without` are left out, and so are the reader's own looks at this very list.
    """
    found = AuditEvent.objects.filter(patient_ref=patient, action__in=LOOKS, outcome=0)
    found = found.exclude(action=Action.LOG_VIEWED, actor_ref=reader)
    if without:
        found = found.exclude(action__in=OF_ONE, entity__in=without)
    if since:
        found = found.filter(recorded__gte=since)
    rows = list(ordered(found, before).values_list(*NAMES, "event")[:limit])
    lines = [read(row) for row in rows]
    grounds = _grounds(patient, {line.context for line, _details in lines})
    return [_look(line, details, grounds) for line, details in lines]


def line(patient: uuid.UUID, key: uuid.UUID) -> Line | None:
    """One event about a patient, to go on from."""
    row = AuditEvent.objects.filter(patient_ref=patient, id=key).values_list(*NAMES, "event").first()
    return read(row)[0] if row else None


def for_patient(patient: uuid.UUID, limit: int = 50, before: Line | None = None) -> list[Line]:
    """The newest events about a patient, or those before a line already read; one query."""
    return _newest(AuditEvent.objects.filter(patient_ref=patient), limit, before)


def last_look(patient: uuid.UUID, user: uuid.UUID, actions: Iterable[Action], but: str) -> datetime | None:
    """When this user last saw this of the patient, in another context than `but`; None when never. One query."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_LOOK, [patient, user, [str(action) for action in actions], but])
        row = cursor.fetchone()
        return row[0] if row else None


def for_context(context: str, limit: int = 50, before: Line | None = None) -> list[Line]:
    """The newest events of one opened record, or those before a line already read; one query."""
    return _newest(AuditEvent.objects.filter(context=context), limit, before)


def between(events: QuerySet[AuditEvent], start: datetime, end: datetime) -> QuerySet[AuditEvent]:
    """The events of a time, [start, end). Times choose partitions; ids, which begin with the time, rows."""
    first, last = (uuid.UUID(int=int(moment.timestamp() * 1000) << 80) for moment in (start, end))
    return events.filter(recorded__gte=start, recorded__lt=end, id__gte=first, id__lt=last)


def _look(line: Line, details: Mapping[str, str], grounds: Mapping[str, str]) -> Look:
    if line.action == Action.OVERRIDE_STARTED:
        return Look(line, override=True, ground=details.get("ground", ""))
    if override := details.get("override"):
        return Look(line, override=True, ground=grounds.get(f"Override/{override}", ""))
    return Look(line, override=False, ground=grounds.get(line.context, ""))


def _grounds(patient: uuid.UUID, contexts: Iterable[str]) -> dict[str, str]:
    """What was chosen when these records were opened, by context, and at each override in them, by its name."""
    told = AuditEvent.objects.filter(patient_ref=patient, context__in=contexts, action__in=OPENINGS, outcome=0)
    rows = told.values_list("action", "context", "entity", "event")
    by = {(entity if action == Action.OVERRIDE_STARTED else context): event for action, context, entity, event in rows}
    return {name: ground for name, event in by.items() if (ground := _details(event).get("ground"))}


def _details(event: Mapping[str, Any]) -> dict[str, str]:
    """The extra of an event, as `audit.resource` has written it."""
    details = (detail for entity in event.get("entity", ()) for detail in entity.get("detail", ()))
    return {detail["type"]: detail["valueString"] for detail in details}


def _newest(events: QuerySet[AuditEvent], limit: int, before: Line | None) -> list[Line]:
    return [read(row)[0] for row in ordered(events, before).values_list(*NAMES, "event")[:limit]]


def read(row: Sequence[Any]) -> tuple[Line, dict[str, str]]:
    """The line of a row, and the extra of its event."""
    details = _details(row[-1])
    columns: list[Any] = [*row[:-1], details.get(BESIDE, "")]
    return Line(*columns), details


def ordered(events: QuerySet[AuditEvent], before: Line | None) -> QuerySet[AuditEvent]:
    """Newest first, or what came before a line already read."""
    if before:
        # The first condition leaves out whole partitions; the second tells apart events of the same microsecond.
        events = events.filter(recorded__lte=before.recorded)
        events = events.filter(Q(recorded__lt=before.recorded) | Q(id__lt=before.id))
    return events.order_by("-recorded", "-id")
