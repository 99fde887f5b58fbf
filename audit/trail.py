"""Who saw what: the questions that may be asked of the log."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce

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
    beside: str
    """What was shown in the same answer, beside `entity`."""
    context: str
    correlation: str
    purpose: str

    @property
    def words(self) -> str:
        """Fik vist EKG."""
        return words(self.action)


def for_patient(patient: uuid.UUID, limit: int = 50, before: Line | None = None) -> list[Line]:
    """The newest events about a patient, or those before a line already read; one query."""
    return _newest(AuditEvent.objects.filter(patient_ref=patient), limit, before)


def last_look(patient: uuid.UUID, user: uuid.UUID, action: Action, but: str) -> datetime | None:
    """When this user last saw this of the patient, in another context than `but`; None when never. One query."""
    looks = AuditEvent.objects.filter(patient_ref=patient, actor_ref=user, action=action, outcome=0)
    return looks.exclude(context=but).order_by("-recorded").values_list("recorded", flat=True).first()


def for_context(context: str, limit: int = 50, before: Line | None = None) -> list[Line]:
    """The newest events of one opened record, or those before a line already read; one query."""
    return _newest(AuditEvent.objects.filter(context=context), limit, before)


def between(events: QuerySet[AuditEvent], start: datetime, end: datetime) -> QuerySet[AuditEvent]:
    """The events of a time, [start, end). Times choose partitions; ids, which begin with the time, rows."""
    first, last = (uuid.UUID(int=int(moment.timestamp() * 1000) << 80) for moment in (start, end))
    return events.filter(recorded__gte=start, recorded__lt=end, id__gte=first, id__lt=last)


def _newest(events: QuerySet[AuditEvent], limit: int, before: Line | None) -> list[Line]:
    if before:
        # The first condition leaves out whole partitions; the second tells apart events of the same microsecond.
        events = events.filter(recorded__lte=before.recorded)
        events = events.filter(Q(recorded__lt=before.recorded) | Q(id__lt=before.id))
    names = list(Line.__dataclass_fields__)
    events = events.annotate(beside=Coalesce(_detail(BESIDE), Value(""), output_field=TextField()))
    return [Line(*values) for values in events.order_by("-recorded", "-id").values_list(*names)[:limit]]


def _detail(name: str) -> Func:
    """A detail of an event; NULL when it has none of this name."""
    path = f'$.entity[*].detail[*] ? (@.type == "{name}").valueString'
    found = Func(F("event"), Value(path), function="jsonb_path_query_first")
    return Func(found, template="(%(expressions)s #>> '{}')", output_field=TextField())
