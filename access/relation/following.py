"""What comes after: relations that could not be asked about, follow-ups of our own, and the service's notifications.

The sweep calls this twice a second; rows say when something is due, and who takes one moves its time first.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from access import cases
from access.models import Case, RelationInbox, RelationNotification
from access.relation import brs, port
from access.relation.question import Level, Question, Relation, Unavailable
from audit.actions import Action
from audit.record import SYSTEM, record

log = logging.getLogger(__name__)
AGAIN = {Case.Kind.UNVERIFIED: timedelta(minutes=5), Case.Kind.FOLLOW_UP: timedelta(hours=6)}
"""How long until we ask again ourselves; what the service follows up, we ask about when its time is over."""
FETCH_EVERY = timedelta(minutes=1)
AT_ONCE = 20


def sweep_once() -> int:
    """Ask again about what is due, and fetch what the service has to tell; returns how many cases were due."""
    now = timezone.now()
    due = Case.objects.filter(state=Case.State.OPEN, kind__in=AGAIN, next_try__lte=now)
    found = list(due.select_related("user", "patient").order_by("next_try")[:AT_ONCE])
    for case in found:
        if due.filter(pk=case.pk).update(next_try=now + AGAIN[Case.Kind(case.kind)]):
            _again(case)
    if settings.RELATION_SOURCE == "brs":
        fetch()
    return len(found)


def first_try(kind: Case.Kind, relation: Relation) -> datetime | None:
    """When to ask again about an opening with this relation, None when the case is for a person alone."""
    now = timezone.now()
    if relation.followed_up:
        return now + timedelta(days=settings.RELATION_FOLLOW_UP_DAYS) if kind in AGAIN else None
    return now + AGAIN[kind] if kind in AGAIN else None


def fetch() -> int:
    """Fetch the notifications that have come since the last time, at most once a minute; returns how many were new."""
    now = timezone.now()
    RelationInbox.objects.get_or_create(defaults={"next_try": now})
    if not RelationInbox.objects.filter(next_try__lte=now).update(next_try=now + FETCH_EVERY):
        return 0
    try:
        told = brs.notifications(RelationInbox.objects.get().offset)
    except Unavailable as fault:
        log.warning("notifications of treatment relations not fetched: %s", fault.code)
        return 0
    return sum(_received(each) for each in told)


def _received(told: brs.Notification) -> bool:
    """Keep one, and end what it is about; the same one again changes nothing."""
    with transaction.atomic():
        kept = {"reference": told.reference, "level": told.level, "received": timezone.now()}
        _row, is_new = RelationNotification.objects.get_or_create(number=told.number, defaults=kept)
        if is_new:
            for case in Case.objects.filter(event=told.reference, kind__in=AGAIN, state=Case.State.OPEN):
                cases.settled(case, told.level)
        RelationInbox.objects.filter(offset__lt=told.number).update(offset=told.number)
    return is_new


def _again(case: Case) -> None:
    """Ask about one; what is not found waits until its time is over, and then somebody must look."""
    is_over, question = timezone.now() >= case.due, _question(case)
    if port.is_outside(question):
        record(Action.RELATION_ASKED, actor=SYSTEM, patient=case.patient_id, entity=case.ref, context=case.context)
    try:
        found = port.relation(question)
    except Unavailable as fault:
        log.warning("treatment relation still not asked: %s", fault.code)
        if is_over:
            cases.settled(case, Level(case.level))
        return
    if found.level.permits or is_over:
        cases.settled(case, found.level)
        return
    waits = {"next_try": case.due} if found.followed_up else {}
    Case.objects.filter(pk=case.pk, state=Case.State.OPEN).update(level=found.level, **waits)


def _question(case: Case) -> Question:
    """The question of that opening once more: the same person, time and reference."""
    return Question(
        patient=case.patient_id,
        cpr=case.patient.cpr,
        professional_cpr=case.user.professional_cpr,
        audience=case.user.role,
        organisation_system=case.organisation_system,
        organisation_id=case.organisation_id,
        vouched=False,
        launched=True,
        since=case.created,
        until=case.created + timedelta(seconds=settings.CONTEXT_MAX),
        reference=case.event,
    )
