"""Finds what the doorbell lost: received deliveries that are due. Any number of processes may sweep at once."""

import time
from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db.models import Count
from django.db.models.functions import Now

from fhir.bundle import Kind
from fhir.models import Delivery
from fhir.work import process

BUDGET = 1.0
"""Seconds that one sweep works itself, oldest first: enough to go on without a broker or a worker."""
MOST = 200
SOON = timedelta(seconds=1)


def sweep_once(kinds: Sequence[Kind], names: Collection[str] = ()) -> int:
    """Work on the oldest for a second, ring again for the rest; returns how many were due.

    `names` are the kinds to look for, all without any; a delivery that only updates has the name "".
    """
    doorbells = {kind.name: kind for kind in kinds}
    due = Delivery.objects.filter(
        state=Delivery.State.RECEIVED, next_try__lte=Now(), kind__in=names or [*doorbells, ""]
    )
    waiting = list(due.order_by("next_try").values_list("pk", "kind", "attempts")[:MOST])
    began, worked = time.monotonic(), 0
    for pk, _, _ in waiting:
        if time.monotonic() - began > BUDGET:
            break
        process(pk, kinds)
        worked += 1
    # Those that failed before wait for a sweep: a worker takes them up no sooner for being rung for.
    fresh = [(pk, kind) for pk, kind, attempts in waiting[worked:] if attempts == 0]
    if fresh:
        Delivery.objects.filter(pk__in=[pk for pk, _ in fresh], attempts=0).update(next_try=Now() + SOON)
    for pk, kind in fresh:
        if kind in doorbells:
            doorbells[kind].enqueue(str(pk))
    return len(waiting)


def waiting() -> dict[str, int]:
    """How many deliveries are in each state but stored; one query, and the index of those alone."""
    counted = Delivery.objects.exclude(state=Delivery.State.STORED).values_list("state").annotate(Count("pk"))
    return dict.fromkeys(set(Delivery.State.values) - {Delivery.State.STORED}, 0) | dict(counted.order_by())
