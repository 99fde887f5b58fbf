"""Patient contexts: one patient, opened by one user, in one browser session, which itself knows of no patient."""

import re
import secrets
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from access.lookup import Opened, opened
from access.models import LaunchClient, LaunchTicket, PatientContext, User

ID = re.compile(r"[A-Za-z0-9_-]{22}")
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


def open_context(ticket: LaunchTicket, session_key_hash: str) -> PatientContext:
    """Open the ticket's patient in this session; with CONTEXT_POLICY=single every other patient in it is closed."""
    now = timezone.now()
    if settings.CONTEXT_POLICY == "single":
        close_session(session_key_hash, PatientContext.Closed.SUPERSEDED)
    return PatientContext.objects.create(
        id=new_id(),
        session_key_hash=session_key_hash,
        user=ticket.user,
        organisation_system=ticket.organisation_system,
        organisation_id=ticket.organisation_id,
        organisation_name=ticket.organisation_name,
        audience=ticket.user.role,
        patient=ticket.patient,
        patient_name=ticket.patient_name,
        client=ticket.client,
        source=ticket.client.name,
        correlation_id=ticket.correlation_id,
        opened=now,
        last_seen=now,
        expires=now + timedelta(seconds=settings.CONTEXT_MAX),
    )


def open_own(user: User, patient: UUID, session_key_hash: str) -> tuple[PatientContext, bool]:
    """This patient's record, open in a citizen's session, and whether it was opened now: one serves every tab.

    Call it in a transaction with its event.
    """
    now = timezone.now()
    mine = PatientContext.objects.filter(
        session_key_hash=session_key_hash, audience=user.role, patient=patient, closed_at=None
    )
    _close(mine.filter(Q(expires__lte=now) | Q(last_seen__lte=_idle_since(now))), PatientContext.Closed.EXPIRED)
    if found := mine.first():
        return found, False
    made = PatientContext(
        id=new_id(),
        session_key_hash=session_key_hash,
        user=user,
        audience=user.role,
        patient_id=patient,
        patient_name=user.get_full_name(),
        correlation_id=str(uuid4()),
        opened=now,
        last_seen=now,
        expires=now + timedelta(seconds=settings.CONTEXT_MAX),
    )
    # ON CONFLICT DO NOTHING: another tab may be opening it in this moment.
    PatientContext.objects.bulk_create([made], ignore_conflicts=True)
    found = mine.get()
    return found, found.pk == made.pk


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


def close(context_id: str, reason: PatientContext.Closed) -> None:
    """Close one; closing twice changes nothing."""
    _close(PatientContext.objects.filter(pk=context_id), reason)


def close_session(session_key_hash: str, reason: PatientContext.Closed) -> int:
    """Close all of a session; returns how many were open."""
    return _close(PatientContext.objects.filter(session_key_hash=session_key_hash), reason)


def close_from(client: LaunchClient, correlation_id: str) -> list[PatientContext]:
    """Close what this system opened in this session of its own; returns what was open."""
    ours = PatientContext.objects.filter(client=client, correlation_id=correlation_id, closed_at=None)
    found = list(ours.select_for_update())
    _close(ours, PatientContext.Closed.EPJ)
    return found


def _close(which: QuerySet[PatientContext], reason: PatientContext.Closed) -> int:
    return which.filter(closed_at=None).update(closed_at=timezone.now(), closed_reason=reason)


def _idle_since(now: datetime) -> datetime:
    return now - timedelta(seconds=settings.CONTEXT_IDLE)
