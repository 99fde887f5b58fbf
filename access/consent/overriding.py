"""Værdispring: a user sees what is blocked, in one context, for a while, on a ground, and every step is recorded.

A stop is recorded when it happens: at the button, when the context closes, at the first request after the end; and by
the sweep for what nobody looks at again. Whoever comes first writes it, and nobody else does.
"""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone

from access import purposes
from access.lookup import Opened, Running
from access.models import AccessReason, Override, PatientContext
from audit.actions import Action
from audit.record import Actor, NotRecorded, record, safe

if TYPE_CHECKING:
    from access.gate import Grant

log = logging.getLogger(__name__)
EXPIRED, CLOSED, NOT_ALLOWED = "override-expired", "context-closed", "override-not-allowed"


def running(context: Opened, *, allowed: bool, request_id: str) -> Running | None:
    """The override that runs in this context; one that has run out, or is not allowed any more, is stopped first."""
    if context.override is None:
        return None
    lasts = context.override.ends > timezone.now()
    if lasts and allowed:
        return context.override
    stop(Override.objects.filter(pk=context.override.id), NOT_ALLOWED if lasts else EXPIRED, request_id)
    return None


def start(grant: "Grant", ground: str, reason: str) -> Override | None:
    """Begin, in the caller's transaction, which also writes its event; None when another press has begun one."""
    if not PatientContext.objects.select_for_update().filter(pk=grant.context_id, closed_at=None):
        raise Http404
    if Override.objects.filter(context=grant.context_id, ended_at=None).exists():
        return None
    now = timezone.now()
    told = AccessReason.objects.create(
        context=grant.context_id, kind=AccessReason.Kind.OVERRIDE, ground=ground, text=reason, created=now
    )
    return Override.objects.create(
        context=grant.context_id,
        patient_id=grant.patient_id,
        user_id=grant.user_id,
        role=grant.role,
        organisation=grant.actor.organisation,
        correlation=grant.correlation,
        ground=ground,
        reason=told,
        started=now,
        ends=now + timedelta(seconds=settings.OVERRIDE_SECONDS),
    )


def end(context_id: str) -> Override | None:
    """End what runs in this context, in the caller's transaction, which also writes its event."""
    found = Override.objects.select_for_update().filter(context=context_id, ended_at=None).first()
    return found if found and _ended(found) else None


def stop(which: QuerySet[Override], why: str, request_id: str = "") -> int:
    """End these, each in one transaction with its event; returns how many were still open.

    `request_id` is of the request that ends them, when one does.
    """
    return sum(_stopped(each, why, request_id) for each in which.filter(ended_at=None).select_related("user"))


def running_in(contexts: QuerySet[PatientContext]) -> list[UUID]:
    """What runs in contexts that are about to close."""
    return list(Override.objects.filter(context__in=contexts.values("pk"), ended_at=None).values_list("pk", flat=True))


def stop_with_context(which: list[UUID], request_id: str) -> None:
    """The contexts are closed, whatever happens here: a stop that cannot be recorded now is left to the sweep."""
    try:
        if which:
            stop(Override.objects.filter(pk__in=which), CLOSED, request_id)
    except NotRecorded:
        log.error("override.stop not recorded yet: %s", len(which))


def sweep_once() -> int:
    """Record the stop of those that have run out, and of those whose context has closed."""
    closed = PatientContext.objects.filter(pk=OuterRef("context"), closed_at__isnull=False)
    return stop(Override.objects.filter(Exists(closed)), CLOSED) + stop(
        Override.objects.filter(ends__lte=timezone.now()), EXPIRED
    )


def _ended(override: Override) -> bool:
    when = min(timezone.now(), override.ends)
    return bool(Override.objects.filter(pk=override.pk, ended_at=None).update(ended_at=when))


def _stopped(override: Override, why: str, request_id: str) -> bool:
    user = override.user
    with transaction.atomic():
        if not _ended(override):
            return False
        record(
            Action.OVERRIDE_STOPPED,
            actor=Actor(
                "user",
                issuer=user.issuer,
                subject=safe(user.subject, "subject") or str(user.pk),
                ref=user.pk,
                role=override.role,
                organisation=override.organisation,
            ),
            patient=override.patient_id,
            reason=why,
            entity=override.ref,
            context=safe(override.context),
            correlation=override.correlation,
            purpose=purposes.OVERRIDE,
            request_id=request_id,
        )
    return True
