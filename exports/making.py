"""Makes the files that were asked for, and throws them away. In the worker and the sweep only.

Claimed as a draw is (ekg.preview): a lease instead of a lock, counted before the try, so that what kills its worker is
counted too. Times of claims are the database's.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from audit.actions import Action
from audit.record import SYSTEM, record
from exports import files, paper
from exports.models import Export
from fhir import blobs
from fhir.doorbell import ring

log = logging.getLogger(__name__)
LEASE = paper.SECONDS + timedelta(seconds=15)
PATIENCE = timedelta(seconds=2)
"""How long the sweep waits for the doorbell's answer."""
RETRIES = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30))
"""The waits between attempts; after the last one its page says that it cannot be made."""


def make(export_id: UUID | str) -> bool:
    """Make one file; says whether it was ours to make and came out. Safe at any time, twice, and from two workers."""
    claimed = _claim(export_id)
    if claimed is None:
        return False
    try:
        _make(claimed)
    except Exception as error:
        # Whatever a file, a store or a full disk does to us costs this export an attempt, never the worker.
        log.warning("export.failed export=%s error=%s", claimed.pk, type(error).__name__)
        _give_back(claimed)
        return False
    return True


def sweep_once(limit: int = 10) -> int:
    """Ring again for what nobody makes, make it here when the broker is gone, and throw away what is over."""
    with transaction.atomic():
        waiting = Export.objects.select_for_update(skip_locked=True).filter(
            state=Export.State.PENDING, next_try__lte=Now() - PATIENCE
        )
        due = list(waiting.order_by("next_try").values_list("pk", flat=True)[:limit])
        Export.objects.filter(pk__in=due).update(next_try=Now())
    for export_id in due:
        if not ring("exports.tasks.make", export_id):
            make(export_id)
    return len(due) + _throw_away(limit)


def waiting() -> int:
    """How many files somebody waits for."""
    return Export.objects.filter(state=Export.State.PENDING).count()


def _throw_away(limit: int) -> int:
    """First the bytes, then the row: a crash in between leaves the row, and so the next sweep finds them."""
    over = list(Export.objects.filter(expires_at__lte=timezone.now()).order_by("expires_at")[:limit])
    for export in over:
        for attempt in range(1, export.attempts + 1):
            files.remove(files.name_of(export.pk, attempt))
        Export.objects.filter(pk=export.pk, attempts=export.attempts).delete()
    return len(over)


def _claim(export_id: UUID | str) -> Export | None:
    with transaction.atomic():
        free = Export.objects.select_for_update(skip_locked=True).filter(
            pk=export_id, state=Export.State.PENDING, next_try__lte=Now(), expires_at__gt=timezone.now()
        )
        claimed = free.first()
        if claimed is None:
            return None
        if claimed.attempts > len(RETRIES):  # every attempt took its worker down with it
            _give_up(Export.objects.filter(pk=claimed.pk), claimed)
            return None
        claimed.attempts += 1
        Export.objects.filter(pk=claimed.pk).update(next_try=Now() + LEASE, attempts=claimed.attempts)
        return claimed


def _make(export: Export) -> None:
    made = paper.made(export.html, [blobs.read(sha256) for sha256 in export.appended])
    name = files.name_of(export.pk, export.attempts)
    sha256 = files.put(name, made)
    with transaction.atomic():
        if not _mine(export).update(
            state=Export.State.READY, file=name, sha256=sha256, html="", appended=[], next_try=None
        ):
            files.remove(name)  # somebody else took it up meanwhile
            return
        action, entity = Action(export.made_action), export.entity
        record(action, actor=SYSTEM, patient=export.patient, entity=entity, context=export.context)


def _mine(export: Export) -> QuerySet[Export]:
    """The row, as long as nobody has claimed it since."""
    return Export.objects.filter(pk=export.pk, state=Export.State.PENDING, attempts=export.attempts)


def _give_back(export: Export) -> None:
    """Free the row for its next attempt, or give it up when they are used."""
    if export.attempts > len(RETRIES):
        _give_up(_mine(export), export)
    else:
        _mine(export).update(next_try=Now() + RETRIES[export.attempts - 1])


def _give_up(rows: QuerySet[Export], export: Export) -> None:
    if rows.update(state=Export.State.DEAD, html="", appended=[], next_try=None):
        log.error("export.given_up export=%s", export.pk)
