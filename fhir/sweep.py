"""Finds what the doorbell lost: received deliveries that are due. Any number of processes may sweep at once."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models.functions import Now

from fhir.bundle import Kind
from fhir.models import Delivery
from fhir.work import process

INLINE = 4
"""Deliveries one sweep works on itself, oldest first: enough to go on without a broker or a worker."""
MOST = 200
SOON = timedelta(seconds=2)


def sweep_once(kinds: Sequence[Kind]) -> int:
    """Work on the oldest, ring again for the rest; returns how many were due."""
    due = Delivery.objects.filter(state=Delivery.State.RECEIVED, next_try__lte=Now()).order_by("next_try")
    waiting = list(due.values_list("pk", "kind", "attempts")[:MOST])
    ours, theirs = waiting[:INLINE], [each for each in waiting[INLINE:] if each[2] == 0]
    if theirs:
        Delivery.objects.filter(pk__in=[pk for pk, _, _ in theirs], attempts=0).update(next_try=Now() + SOON)
        doorbells = {kind.name: kind for kind in kinds}
        for pk, kind, _ in theirs:
            if kind in doorbells:
                doorbells[kind].enqueue(str(pk))
    for pk, _, _ in ours:
        process(pk, kinds)
    return len(waiting)
