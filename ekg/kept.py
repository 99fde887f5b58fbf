"""The files of a recording, for who may have them: the PDF as it was sent, and the pictures of its pages."""

import logging
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.http import Http404

from access.gate import Grant, Unavailable
from ekg import renditions
from ekg.rows import ORIGINAL, PICTURES
from ekg.selecting import standing
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


class _Kept(NamedTuple):
    """One picture of a page, in the order of PICTURES."""

    dpi: int
    format: str
    sha256: str
    is_awaited: bool
    """Whether somebody is still to make it."""
    width_mm: float
    height_mm: float
    printed_cpr_differs: bool


def pdf_sha256(grant: Grant, recording_id: UUID) -> str:
    """Of the original; "" when there is none."""
    return str(standing(ORIGINAL, grant, recording_id)[0][0])


def original(grant: Grant, recording_id: UUID) -> Original:
    """The original; raises Http404 when there is none, and Unavailable when it is damaged."""
    ((sha256, started, differs),) = standing(ORIGINAL, grant, recording_id)
    return Original(_bytes(sha256), datetime.fromisoformat(started) if started else None, differs)


def page_image(grant: Grant, recording_id: UUID, number: int, dpi: int, *, webp: bool = True) -> Picture:
    """A page as WebP where that is wanted and made, else as PNG, and a scan as it came.

    At 300 dots per inch it is drawn on demand: without bytes until the worker has come to it. Raises Http404 when there
    is no such picture and Unavailable when its bytes are damaged or gone.
    """
    if dpi not in DPIS:
        raise Http404
    kept = [_Kept(*row) for row in standing(PICTURES, grant, recording_id, number=number, dpis=[0, 150, dpi])]
    asked = [image for image in kept if image.dpi in (0, dpi)]
    made = [image for image in asked if image.sha256 and (webp or image.format != "webp")]  # WebP before PNG
    if made:
        return _first(made)
    if dpi != renditions.FINE or any(not image.is_awaited for image in asked):
        raise Http404
    if not asked:
        renditions.want_fine(recording_id, number, (kept[0].width_mm, kept[0].height_mm))
    return Picture(b"", "png", kept[0].printed_cpr_differs)


def _first(images: list[_Kept]) -> Picture:
    """The first of these that is whole: they show the same."""
    for image in images[:-1]:
        with suppress(Unavailable):
            return _picture(image)
    return _picture(images[-1])


def _picture(image: _Kept) -> Picture:
    return Picture(_bytes(image.sha256), image.format, image.printed_cpr_differs)


def _bytes(sha256: str) -> bytes:
    if not sha256:
        raise Http404
    try:
        return blobs.read(sha256)
    except (blobs.Damaged, OSError) as error:
        log.error("blob.unavailable sha256=%s error=%s", sha256, type(error).__name__)
        raise Unavailable(sha256) from error
