"""Draws the pages of a recording. In the worker only: the request path never draws.

A draw is claimed for LEASE seconds instead of by a lock held while drawing, so that a new version of the recording can
be stored meanwhile, and a worker that dies leaves nothing but a lease that runs out. Times are the database's.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from audit.actions import Action
from audit.record import SYSTEM, record
from ekg import pdf, renditions
from ekg.models import PageImage, Recording
from ekg.printed import Printed, agreed, differs
from ekg.versions import next_change
from fhir import blobs
from fhir.doorbell import ring
from patients import registry

log = logging.getLogger(__name__)
DPIS = (75, 150)
"""What every page is drawn at; more is drawn when somebody looks closer (ekg.renditions)."""
LEASE = timedelta(seconds=25)
"""Longer than one page may take (ekg.pdf), short enough that a crash costs less than half a minute."""
PATIENCE = timedelta(seconds=2)
"""How long the sweep waits for the doorbell's answer."""
RETRIES = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))
"""The waits between attempts; after the last one the page says that it cannot be shown (M38)."""
HOPELESS = 2
"""Attempts at a file that itself cannot be painted; a second one, since a busy machine can look like a slow file."""


def make(recording_id: UUID | str) -> bool:
    """Draw, store and register every page of one recording; says whether it was ours to draw and came out.

    Safe to call at any time, twice, and from two workers: only who claims the row draws, and images come whole or not.
    """
    claimed = _claim(recording_id)
    if claimed is None:
        return False
    try:
        _draw(claimed)
    except Exception as error:
        # Whatever a file or a store does to us costs this recording an attempt, never the worker.
        log.warning("preview.failed recording=%s error=%s", claimed.pk, type(error).__name__)
        _give_back(claimed, HOPELESS if isinstance(error, pdf.RenderFailed) else len(RETRIES) + 1)
        return False
    return True


def sweep_once(limit: int = 10) -> int:
    """Ring again for pages that nobody draws, and draw here when the broker is gone; returns how many were due."""
    with transaction.atomic():
        waiting = Recording.objects.select_for_update(skip_locked=True, no_key=True).filter(
            preview=Recording.Preview.PENDING, preview_next_try__lte=Now() - PATIENCE
        )
        due = list(waiting.order_by("preview_next_try").values_list("pk", flat=True)[:limit])
        # Due still, but only from now: the next sweep gives the doorbell its time before it rings again.
        Recording.objects.filter(pk__in=due).update(preview_next_try=Now())
    for recording_id in due:
        if not ring("ekg.tasks.preview", recording_id):
            make(recording_id)
    return len(due)


def waiting() -> int:
    """How many recordings have no pictures yet."""
    return Recording.objects.filter(preview=Recording.Preview.PENDING).count()


def _claim(recording_id: UUID | str) -> Recording | None:
    with transaction.atomic():
        free = Recording.objects.select_for_update(skip_locked=True, no_key=True).filter(
            pk=recording_id, preview=Recording.Preview.PENDING, preview_next_try__lte=Now()
        )
        claimed = free.only("patient_id", "pdf_sha256", "preview_attempts").first()
        if claimed is None:
            return None
        if claimed.preview_attempts > len(RETRIES):  # every attempt took its worker down with it
            _give_up(Recording.objects.filter(pk=claimed.pk), claimed)
            return None
        claimed.preview_attempts += 1
        Recording.objects.filter(pk=claimed.pk).update(
            preview_next_try=Now() + LEASE, preview_attempts=claimed.preview_attempts
        )
        return claimed


def _draw(recording: Recording) -> None:
    data, number, pages = blobs.read(recording.pdf_sha256), 0, 1
    images: list[PageImage] = []
    said: list[Printed] = []
    while number < pages:
        number += 1
        drawn = pdf.render(data, number, DPIS)
        pages, said = drawn.pages, [*said, drawn.printed]
        images += [_kept(recording, number, picture) for picture in drawn.pictures]
        if number < pages:
            _claims(recording).update(preview_next_try=Now() + LEASE)
    scans = [image.number for image in images if image.format == PageImage.Format.JPEG]
    with transaction.atomic():
        told = _told(recording, said)
        # Whoever lost its lease while drawing comes second here, and its images (the same bytes) are left out.
        PageImage.objects.bulk_create(images, ignore_conflicts=True)
        # What was drawn of a scan before scans were kept as they came.
        PageImage.objects.filter(recording=recording, number__in=scans, dpi__gt=0).delete()
        renditions.want_webp(images)
        if _claims(recording).update(preview=Recording.Preview.READY, preview_next_try=None, **told):
            record(Action.EKG_PREVIEW_MADE, actor=SYSTEM, patient=recording.patient_id, entity=recording.ref)
            if "change" in told:
                record(Action.EKG_PRINTED_CPR_DIFFERS, actor=SYSTEM, patient=recording.patient_id, entity=recording.ref)


def _told(recording: Recording, said: Sequence[Printed]) -> dict[str, Any]:
    """What the printing makes of the row. Of another CPR number it says that there is one; no more is ever kept.

    A mark in the list is news for a page that is open, so the folder gets its next version, under the patient's lock.
    """
    told = {"speed": agreed(page.speeds for page in said), "gain": agreed(page.gains for page in said)}
    if not differs(said, recording.patient.cpr):
        return told | {"printed_cpr_differs": False}
    registry.patient_for(recording.patient.cpr, lock=True)
    if Recording.objects.filter(pk=recording.pk, printed_cpr_differs=True).exists():
        return told
    return told | {"printed_cpr_differs": True, "change": next_change(recording.patient_id)}


def _kept(recording: Recording, number: int, picture: pdf.Picture) -> PageImage:
    return PageImage(
        recording=recording,
        number=number,
        dpi=picture.dpi,
        format=picture.format,
        sha256=blobs.put(picture.data),
        size=len(picture.data),
        width=picture.width,
        height=picture.height,
        width_mm=picture.width_mm,
        height_mm=picture.height_mm,
    )


def _claims(recording: Recording) -> QuerySet[Recording]:
    """The row, as long as nobody has claimed it since."""
    return Recording.objects.filter(
        pk=recording.pk, preview=Recording.Preview.PENDING, preview_attempts=recording.preview_attempts
    )


def _give_back(recording: Recording, attempts: int) -> None:
    """Free the row for its next attempt, or give up when they are used; only while the claim is still ours."""
    if recording.preview_attempts >= attempts:
        _give_up(_claims(recording), recording)
    else:
        _claims(recording).update(preview_next_try=Now() + RETRIES[recording.preview_attempts - 1])


def _give_up(rows: QuerySet[Recording], recording: Recording) -> None:
    if rows.update(preview=Recording.Preview.FAILED, preview_next_try=None):
        log.error("preview.given_up recording=%s", recording.pk)
