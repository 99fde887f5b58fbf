"""Patient contexts: one patient, opened by one user, in one browser session, which itself knows of no patient."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from access.consent import overriding
from access.lookup import Opened, opened
from access.models import MANUAL, Launch, LaunchClient, PatientContext, User
from access.ticket_request import HANDLE

ID = re.compile(r"[A-Za-z0-9_-]{22}")
COLUMNS = tuple(field.attname for field in PatientContext._meta.concrete_fields)
INSERT = f"INSERT INTO access_patientcontext ({', '.join(COLUMNS)}) VALUES ({', '.join('%s' for _ in COLUMNS)})"  # noqa: S608
"""Raw, since every launch waits for it, and the ORM takes four times its CPU."""
TOUCH_EVERY = timedelta(seconds=60)
MANY_DIGITS = re.compile(r"\d{6}-?\d{4}")


class State(Enum):
    """What a context is worth at this moment."""

    OPEN = "open"
    EXPIRED = "context-expired"
    CLOSED = "context-closed"
    SUPERSEDED = "context-superseded"


ENDED_AS: dict[str, State] = {
    PatientContext.Closed.SUPERSEDED: State.SUPERSEDED,
    PatientContext.Closed.EXPIRED: State.EXPIRED,
}
"""What a reason for closing is told as, when it is not simply closed."""


def new_id() -> str:
    """128 random bits as 22 characters that fit in a path; never any that a log filter takes for a CPR number."""
    while MANY_DIGITS.search(made := secrets.token_urlsafe(16)):
        continue
    return made


@dataclass(frozen=True)
class Opening:
    """Everything a patient context is made of, whichever door it came in by (design: OpenContext)."""

    user: User
    audience: str
    """What the user is to this record."""
    patient: UUID
    patient_name: str
    correlation: str
    """The launching system's own name of its session, at most 40 characters; one of ours for a citizen."""
    client: LaunchClient | None = None
    organisation_system: str = ""
    organisation_id: str = ""
    organisation_name: str = ""
    relation: str = ""
    """The level of the treatment relation; "" for a citizen."""
    relation_reference: UUID | None = None
    ground: str = ""
    """What the person said when asked why; "" when nothing was asked."""


def open_context(opening: Opening, session_key_hash: str, request_id: str = "") -> PatientContext:
    """Open a patient in this session for staff; with CONTEXT_POLICY=single every other patient in it is closed."""
    if settings.CONTEXT_POLICY == "single":
        close_session(session_key_hash, PatientContext.Closed.SUPERSEDED, request_id)
    made = _made(opening, session_key_hash)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [getattr(made, name) for name in COLUMNS])
    return made


def open_own(opening: Opening, session_key_hash: str, request_id: str = "") -> tuple[PatientContext, bool]:
    """A citizen's record in this session, and whether it was opened now: one serves every tab.

    Call it in a transaction with its event.
    """
    now = timezone.now()
    mine = PatientContext.objects.filter(
        session_key_hash=session_key_hash, audience=opening.audience, patient=opening.patient, closed_at=None
    )
    over = mine.filter(Q(expires__lte=now) | Q(last_seen__lte=_idle_since(now)))
    _close(over, PatientContext.Closed.EXPIRED, request_id)
    if found := mine.first():
        return found, False
    made = _made(opening, session_key_hash)
    # ON CONFLICT DO NOTHING: another tab may be opening it in this moment.
    PatientContext.objects.bulk_create([made], ignore_conflicts=True)
    found = mine.get()
    return found, found.pk == made.pk


def _made(opening: Opening, session_key_hash: str) -> PatientContext:
    now = timezone.now()
    return PatientContext(
        id=new_id(),
        session_key_hash=session_key_hash,
        user=opening.user,
        organisation_system=opening.organisation_system,
        organisation_id=opening.organisation_id,
        organisation_name=opening.organisation_name,
        audience=opening.audience,
        patient_id=opening.patient,
        patient_name=opening.patient_name,
        client=opening.client,
        source=opening.client.name if opening.client else MANUAL if opening.organisation_id else "",
        correlation_id=opening.correlation,
        relation=opening.relation,
        relation_reference=opening.relation_reference,
        ground=opening.ground,
        opened=now,
        last_seen=now,
        expires=now + timedelta(seconds=settings.CONTEXT_MAX),
    )


def find(context_id: str) -> Opened | None:
    """The context of this id, whoever's it is; what cannot be an id is not looked for."""
    return opened(context_id) if ID.fullmatch(context_id) else None


def state(context: Opened) -> State:
    """Whether it may still be used; the limits are checked here, on the server, by its clock."""
    now = timezone.now()
    if context.closed_reason in ENDED_AS:
        return ENDED_AS[context.closed_reason]
    if context.closed_at is not None:
        return State.CLOSED
    return State.OPEN if context.expires > now and context.last_seen > _idle_since(now) else State.EXPIRED


def open_in(session_key_hash: str) -> QuerySet[PatientContext]:
    """The usable contexts of a session."""
    now = timezone.now()
    usable = Q(closed_at=None, expires__gt=now, last_seen__gt=_idle_since(now))
    return PatientContext.objects.filter(usable, session_key_hash=session_key_hash)


def touch(context: Opened) -> None:
    """Note that it is in use: written at most once a minute."""
    now = timezone.now()
    if now - context.last_seen >= TOUCH_EVERY:
        PatientContext.objects.filter(pk=context.id, closed_at=None).update(last_seen=now)


def close(context_id: str, reason: PatientContext.Closed, request_id: str = "") -> None:
    """Close one; closing twice changes nothing. `request_id` is of the request that does, here and below."""
    _close(PatientContext.objects.filter(pk=context_id), reason, request_id)


def close_session(session_key_hash: str, reason: PatientContext.Closed, request_id: str = "") -> int:
    """Close all of a session; returns how many were open."""
    return _close(PatientContext.objects.filter(session_key_hash=session_key_hash), reason, request_id)


def move(old_key_hash: str, new_key_hash: str) -> None:
    """What a session has open follows it to its new key; what it had open too, so that its tabs are told the same."""
    PatientContext.objects.filter(session_key_hash=old_key_hash).update(session_key_hash=new_key_hash)


def close_from(client: LaunchClient, ref: str, request_id: str) -> list[PatientContext]:
    """Close what this system opened under this name of its own; returns what was open.

    It is the session that a ticket named, or the SHA-256 of a SMART launch, in small hexadecimal.
    """
    by_smart = Launch.objects.filter(client=client, handle_sha256=ref).values("context")
    named = Q(pk__in=by_smart) if HANDLE.fullmatch(ref) else Q(correlation_id=ref)
    ours = PatientContext.objects.filter(named, client=client, closed_at=None)
    return _closed(ours, PatientContext.Closed.EPJ, request_id)


def close_of(client: LaunchClient, request_id: str) -> list[PatientContext]:
    """Close all that this system opened; returns what was open."""
    theirs = PatientContext.objects.filter(client=client, closed_at=None)
    return _closed(theirs, PatientContext.Closed.OPERATOR, request_id)


def _closed(which: QuerySet[PatientContext], reason: PatientContext.Closed, request_id: str) -> list[PatientContext]:
    found = list(which.select_for_update())
    _close(which, reason, request_id)
    return found


def _close(which: QuerySet[PatientContext], reason: PatientContext.Closed, request_id: str) -> int:
    still_open = which.filter(closed_at=None)
    running = overriding.running_in(still_open)
    closed = still_open.update(closed_at=timezone.now(), closed_reason=reason)
    overriding.stop_with_context(running, request_id)
    return closed


def _idle_since(now: datetime) -> datetime:
    return now - timedelta(seconds=settings.CONTEXT_IDLE)
