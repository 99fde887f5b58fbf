"""Makes the pictures that a page can do without for a while: lossless WebP, and 300 dots per inch for who looks closer.

A row of PageImage without bytes is the task: queued in the transaction that knows of it, claimed for LEASE seconds like
a draw (ekg.preview), newest recording first. In the worker and the sweep only; a request queues and answers 202.
"""

import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from ekg import pdf
from ekg.models import PageImage
from fhir import blobs
from fhir.doorbell import ring

log = logging.getLogger(__name__)
FINE = 300
LEASE = timedelta(seconds=25)
BUDGET = 1.0
"""Seconds that one sweep works on before it looks around again."""
RETRIES = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))
HOPELESS = 2
"""Attempts at a picture that itself cannot be made; the page is shown by the others."""


def want_webp(drawn: Iterable[PageImage]) -> None:
    """Queue the WebP of each PNG, in the caller's transaction."""
    wanted = [_wanted(image, image.dpi, PageImage.Format.WEBP) for image in drawn if image.format == "png"]
    PageImage.objects.bulk_create(wanted, ignore_conflicts=True)


def want_fine(recording_id: UUID, number: int, paper: tuple[float, float]) -> None:
    """Queue a page at 300 dots per inch, once however often it is asked for, and ring for it: somebody waits."""
    like = PageImage(recording_id=recording_id, number=number, width_mm=paper[0], height_mm=paper[1])
    image = _wanted(like, FINE, PageImage.Format.PNG)
    PageImage.objects.bulk_create([image], ignore_conflicts=True)
    ring("ekg.tasks.fine", recording_id)


def make_fine(recording_id: UUID) -> int:
    """Draw what is asked for of one recording; returns how many pictures came out."""
    return _work(PageImage.objects.filter(recording=recording_id, format=PageImage.Format.PNG))


def sweep_once() -> int:
    """Work for a second on what is due, what somebody waits for first; returns how many pictures came out."""
    return _work(PageImage.objects.all())


def _work(among: QuerySet[PageImage]) -> int:
    began, made = time.monotonic(), 0
    while time.monotonic() - began < BUDGET and (claimed := _claim(among)):
        try:
            _make(claimed)
            made += 1
        except Exception as error:
            # As in ekg.preview: whatever a file or a store does to us costs this picture an attempt.
            log.warning("rendition.failed image=%s error=%s", claimed, type(error).__name__)
            _give_back(claimed, HOPELESS if isinstance(error, pdf.RenderFailed) else len(RETRIES) + 1)
    return made


def _claim(among: QuerySet[PageImage]) -> PageImage | None:
    with transaction.atomic():
        due = among.select_for_update(skip_locked=True, no_key=True, of=("self",)).filter(next_try__lte=Now())
        # "png" before "webp": a PNG that is missing is one that a reader waits for. Ids are in the order of arrival.
        claimed = due.select_related("recording").order_by("format", "-recording", "number", "dpi").first()
        if claimed is None:
            return None
        claimed.attempts += 1
        spent = claimed.attempts > len(RETRIES) + 1  # every attempt took its worker down with it
        claim = {"attempts": claimed.attempts, "next_try": None if spent else Now() + LEASE}
        PageImage.objects.filter(pk=claimed.pk).update(**claim)
    return _claim(among) if spent else claimed


def _make(image: PageImage) -> None:
    if image.format == PageImage.Format.WEBP:
        png = PageImage.objects.get(recording=image.recording_id, number=image.number, dpi=image.dpi, format="png")
        data, size = pdf.pack(blobs.read(png.sha256)), (png.width, png.height)
    else:
        drawn = pdf.render(blobs.read(image.recording.pdf_sha256), image.number, (image.dpi,)).pictures[0]
        data, size = drawn.data, (drawn.width, drawn.height)
    sha256 = blobs.put(data)
    with transaction.atomic():
        _mine(image).update(sha256=sha256, size=len(data), width=size[0], height=size[1], next_try=None)
        if image.format == PageImage.Format.PNG:
            want_webp([image])


def _wanted(like: PageImage, dpi: int, kind: PageImage.Format) -> PageImage:
    return PageImage(
        recording_id=like.recording_id,
        number=like.number,
        dpi=dpi,
        format=kind,
        width_mm=like.width_mm,
        height_mm=like.height_mm,
        next_try=Now(),
    )


def _mine(image: PageImage) -> QuerySet[PageImage]:
    """The row, unless somebody has made it or claimed it since."""
    return PageImage.objects.filter(pk=image.pk, sha256="", attempts=image.attempts)


def _give_back(image: PageImage, attempts: int) -> None:
    """Free the row for its next attempt, or give it up when they are used."""
    if image.attempts >= attempts:
        _mine(image).update(next_try=None)
        log.error("rendition.given_up image=%s", image)
    else:
        _mine(image).update(next_try=Now() + RETRIES[image.attempts - 1])
