"""The files of a recording, for who may have them: the PDF as it was sent, and the pictures of its pages."""

import logging
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from access.gate import Grant, Unavailable
from ekg import blocked, renditions
from ekg.models import PageImage, Recording
from fhir import blobs

log = logging.getLogger(__name__)
DPIS = (75, 150, renditions.FINE)


class Original(NamedTuple):
    """The PDF exactly as the source sent it, and when it was recorded."""

    pdf: bytes
    started: datetime | None
    printed_cpr_differs: bool


class Picture(NamedTuple):
    """The bytes of a page at one resolution, b"" while they are being made."""

    data: bytes
    format: str
    printed_cpr_differs: bool


def original(grant: Grant, recording_id: UUID) -> Original:
    """The original; raises Http404 when there is none, and Unavailable when it is damaged."""
    kept = standing(grant, recording_id).values_list("pdf_sha256", "started", "printed_cpr_differs").first()
    sha256, started, differs = kept or ("", None, False)
    return Original(_bytes(sha256), started, differs)


def page_image(grant: Grant, recording_id: UUID, number: int, dpi: int, *, webp: bool = True) -> Picture:
    """A page as WebP where that is wanted and made, else as PNG, and a scan as it came.

    At 300 dots per inch it is drawn on demand: without bytes until the worker has come to it. Raises Http404 when there
    is no such picture and Unavailable when its bytes are damaged or gone.
    """
    if dpi not in DPIS:
        raise Http404
    kept = PageImage.objects.filter(recording__in=standing(grant, recording_id), number=number, dpi__in=(0, 150, dpi))
    found = list(kept.select_related("recording").order_by("dpi", "-format"))
    asked = [image for image in found if image.dpi in (0, dpi)]
    made = [image for image in asked if image.sha256 and (webp or image.format != "webp")]  # WebP before PNG
    if not found:
        raise Http404
    differs = found[0].recording.printed_cpr_differs
    if made:
        data, shown = _first(made)
        return Picture(data, shown.format, differs)
    if dpi != renditions.FINE or any(image.next_try is None for image in asked):
        raise Http404
    if not asked:
        renditions.want_fine(found[0])
    return Picture(b"", "png", differs)


def standing(grant: Grant, recording_id: UUID) -> QuerySet[Recording]:
    """The recording, unless it is withdrawn; what is blocked is looked for as long as what does not exist."""
    if grant.consent.hides_all:
        raise Http404
    unseen, stands = blocked.hidden(grant), held(grant).filter(pk=recording_id).exclude(status="withdrawn")
    return stands.exclude(pk__in=unseen) if unseen else stands


def held(grant: Grant) -> QuerySet[Recording]:
    """The citizen's recordings, as far as they exist for this reader."""
    rows = Recording.objects.filter(patient_id=grant.patient_id)
    return rows.filter(hidden_from_custody=False) if grant.rights.withholds_from_custody else rows


def _first(images: list[PageImage]) -> tuple[bytes, PageImage]:
    """The first of these that is whole: they show the same."""
    for image in images[:-1]:
        try:
            return _bytes(image.sha256), image
        except Unavailable:
            continue
    return _bytes(images[-1].sha256), images[-1]


def _bytes(sha256: str | None) -> bytes:
    if not sha256:
        raise Http404
    try:
        return blobs.read(sha256)
    except (blobs.Damaged, OSError) as error:
        log.error("blob.unavailable sha256=%s error=%s", sha256, type(error).__name__)
        raise Unavailable(sha256) from error
