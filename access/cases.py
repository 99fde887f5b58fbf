"""The queue of the log controllers: what is put into it, and what becomes of it. Each step has its line in the log.

Call these in the transaction of what they are about.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from access.models import AccessReason, Case, PatientContext, User
from access.relation.question import Level
from audit.actions import Action
from audit.record import SYSTEM, Actor, record

REVIEWED = (Case.Outcome.JUSTIFIED, Case.Outcome.NOT_JUSTIFIED)
ANSWERS = (*REVIEWED, Case.Outcome.AWAITS_ANSWER)
"""What a log controller may say; the last keeps the case open."""


def opened(
    kind: Case.Kind,
    context: PatientContext,
    event: UUID,
    *,
    actor: Actor = SYSTEM,
    level: str = "",
    ground: str = "",
    reason: AccessReason | None = None,
    next_try: datetime | None = None,
    request_id: str = "",
) -> Case:
    """A case about something done in this context, once for each kind and event; `request_id` where there is one."""
    now = timezone.now()
    case, is_new = Case.objects.get_or_create(
        kind=kind,
        event=event,
        defaults={
            "context": context.pk,
            "user_id": context.user_id,
            "patient_id": context.patient_id,
            "organisation_system": context.organisation_system,
            "organisation_id": context.organisation_id,
            "organisation_name": context.organisation_name,
            "level": level,
            "ground": ground,
            "reason": reason,
            "created": now,
            "due": now + timedelta(days=settings.RELATION_FOLLOW_UP_DAYS),
            "next_try": next_try,
        },
    )
    if is_new:
        _tell(Action.CASE_OPENED, case, actor, case.kind, request_id)
    return case


def asked(event: UUID, actor: Actor, request_id: str, **told: Any) -> Case:
    """A case about a look-up of long ago that a review asks about: its context may be forgotten, so all is told.

    What was asked and withdrawn may be asked again; what another review asks about already is the same case.
    """
    same = Case.objects.filter(kind=Case.Kind.REVIEW, event=event)
    if standing := same.exclude(outcome=Case.Outcome.WITHDRAWN).first():
        return standing
    now = timezone.now()
    told |= {"created": now, "due": now + timedelta(days=settings.RELATION_FOLLOW_UP_DAYS)}
    told |= {"state": Case.State.OPEN, "outcome": "", "answer": "", "closed_at": None, "closed_by": None}
    case, _is_new = Case.objects.update_or_create(kind=Case.Kind.REVIEW, event=event, defaults=told)
    _tell(Action.CASE_OPENED, case, actor, case.kind, request_id)
    return case


def withdrawn(case: UUID, by: User, actor: Actor, request_id: str) -> bool:
    """A review takes its question back; False when somebody has answered the case, which then stands."""
    found = Case.objects.filter(pk=case).first()
    return found is None or _closed(found, Case.Outcome.WITHDRAWN, actor, by, request_id)


def answered(
    case: Case, outcome: Case.Outcome, by: User, actor: Actor, request_id: str = "", *, answer: str = ""
) -> bool:
    """What a log controller says of a case, and why; False when it is closed already."""
    if outcome not in ANSWERS:
        raise ValueError(f"{outcome} is not for a person to say")
    if outcome in REVIEWED:
        return _closed(case, outcome, actor, by, request_id, answer)
    if not Case.objects.filter(pk=case.pk, state=Case.State.OPEN).update(outcome=outcome, answer=answer):
        return False
    _tell(Action.CASE_ANSWERED, case, actor, outcome, request_id)
    return True


def settled(case: Case, level: Level) -> None:
    """A follow-up has come to its end: the relation was found, or it was not, and somebody must look."""
    with transaction.atomic():
        if level.permits:
            _closed(case, Case.Outcome.CONFIRMED, SYSTEM)
        elif _closed(case, Case.Outcome.NOT_CONFIRMED, SYSTEM):
            _handed_on(case, level)


def _handed_on(case: Case, level: Level) -> None:
    """The context may be forgotten by now, so everything is copied from the case."""
    now = timezone.now()
    told = {
        name: getattr(case, name)
        for name in (
            "context", "user_id", "patient_id", "organisation_system", "organisation_id", "organisation_name", "ground",
            "reason_id",
        )
    }  # fmt: skip
    told |= {"level": level, "created": now, "due": now + timedelta(days=settings.RELATION_FOLLOW_UP_DAYS)}
    new, is_new = Case.objects.get_or_create(kind=Case.Kind.NOTIFICATION, event=case.event, defaults=told)
    if is_new:
        _tell(Action.CASE_OPENED, new, SYSTEM, new.kind)


def _closed(
    case: Case, outcome: Case.Outcome, actor: Actor, by: User | None = None, request_id: str = "", answer: str = ""
) -> bool:
    changes = {"state": Case.State.CLOSED, "outcome": outcome, "closed_at": timezone.now(), "closed_by": by}
    changes |= {"answer": answer}
    if not Case.objects.filter(pk=case.pk, state=Case.State.OPEN).update(**changes, next_try=None):
        return False
    _tell(Action.CASE_ANSWERED, case, actor, outcome, request_id)
    return True


def _tell(action: Action, case: Case, actor: Actor, reason: str, request_id: str = "") -> None:
    record(
        action,
        actor=actor,
        patient=case.patient_id,
        entity=case.ref,
        context=case.context,
        reason=reason,
        request_id=request_id,
    )
