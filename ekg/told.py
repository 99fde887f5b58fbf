"""What another room may say of recordings that somebody has seen: when each was made, and of which nothing is said."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from access.gate import Grant
from ekg.models import Recording


class Made(NamedTuple):
    """When a recording was made, or when it came if it does not say so."""

    moment: datetime
    is_start: bool


def made(grant: Grant, recordings: Collection[UUID]) -> dict[UUID, Made]:
    """Those of the grant's patient that this reader may know of; what was withdrawn may be another's."""
    if not recordings:
        return {}
    found = Recording.objects.filter(patient=grant.patient_id, pk__in=recordings)
    found = found.exclude(status=Recording.Status.WITHDRAWN)
    if grant.rights.withholds_from_custody:
        found = found.filter(hidden_from_custody=False)
    told = found.values_list("pk", "started", "received_at")
    return {pk: Made(started or received, started is not None) for pk, started, received in told}


def withheld(grant: Grant) -> frozenset[str]:
    """What does not exist for this reader, as the audit names it."""
    if not grant.rights.withholds_from_custody:
        return frozenset()
    hidden = Recording.objects.filter(patient=grant.patient_id, hidden_from_custody=True)
    return frozenset(f"Recording/{pk}" for pk in hidden.values_list("pk", flat=True))
