"""Inspects and paints the PDF of an EKG, in limited processes apart from this one (ADR 0008). Imports no Django.

`inspect` judges a payload: `readable` False is the handling error, findings on a readable file are a disclaimer. It
never raises for bad bytes and never lasts longer than 10 s; it raises ReadersBusy when no process could take the file,
which says nothing of the file: answer 503, or try again. `render` and `pack` make pictures, and belong in the worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ekg.pdf_child import Answer
from ekg.pdf_frames import INSPECT, LIMITS, PACK, RENDER
from ekg.pdf_pool import POOL, ReadersBusy
from ekg.pdf_report import PdfReport
from ekg.printed import Printed
from fhir.bundle import Finding, Severity

__all__ = ["Drawn", "Picture", "ReadersBusy", "RenderFailed", "inspect", "pack", "render", "warm"]

PATH = "Observation.extension.value.data"


class RenderFailed(Exception):
    """The pages cannot be painted; `sentence` says why, in Danish."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Picture(NamedTuple):
    """A page as a picture: pixels, and the size on paper in millimetres (25 mm is one second of an EKG)."""

    data: bytes
    format: str
    """png or jpeg"""
    dpi: int
    width: int
    height: int
    width_mm: float
    height_mm: float


@dataclass(frozen=True)
class Drawn:
    """One page of a file that has so many."""

    pages: int
    pictures: tuple[Picture, ...]
    """As asked for; or one JPEG, at 0 dots per inch, for a scan as it came."""
    printed: Printed


def inspect(data: bytes) -> PdfReport:
    """Judge a payload by the rules of ekg.pdf_inspection; waits at most 2 s for a process and 8 s for its answer."""
    answer = POOL.run(INSPECT, data, wait=2, seconds=8)
    if answer is None:
        return PdfReport(False, 0, (Finding("payload-limits", Severity.ERROR, PATH, LIMITS),))
    return _report(answer)


def render(data: bytes, page: int = 1, dpis: Sequence[int] = (150,)) -> Drawn:
    """Paint a page (1 is the first) at one or two resolutions, in at most 10 s once a process has the file.

    Raises RenderFailed if it cannot be shown.
    """
    if not 1 <= len(dpis) <= 2 or not all(36 <= dpi <= 600 for dpi in dpis):
        raise ValueError("dpi must lie between 36 and 600")
    answer = POOL.run(RENDER, data, wait=10, seconds=10, page=page, dpis=(dpis[0], dpis[1] if len(dpis) > 1 else 0))
    if answer is None:
        raise RenderFailed(LIMITS)
    report, failure = _report(answer), str(answer.said["failure"])
    if failure or not report.readable:
        errors = [finding.text for finding in report.findings if finding.severity == Severity.ERROR]
        raise RenderFailed(failure or errors[0])
    told = zip(answer.pages, answer.said["painted"], strict=True)
    pictures = tuple(_picture(image, *said[1:]) for image, said in told)
    return Drawn(report.pages, pictures, Printed(*(frozenset(map(str, each)) for each in answer.said["printed"])))


def pack(png: bytes) -> bytes:
    """One of our own PNG pictures as lossless WebP, in at most 10 s; raises RenderFailed if it can be none."""
    answer = POOL.run(PACK, png, wait=10, seconds=10)
    if answer is None or answer.said["failure"]:
        raise RenderFailed(LIMITS)
    return answer.pages[0]


def warm() -> None:
    """Start a process before the first file comes (0.3 s); for a server's start, never needed."""
    inspect(b"")


def _report(answer: Answer) -> PdfReport:
    findings = tuple(Finding(rule, Severity(severity), PATH, text) for rule, severity, text in answer.said["findings"])
    return PdfReport(bool(answer.said["readable"]), int(answer.said["pages"]), findings)


def _picture(data: bytes, kind: str, dpi: int, width: int, height: int, width_mm: float, height_mm: float) -> Picture:
    """What a child says of a picture, held to its types: it has read a hostile file."""
    return Picture(data, str(kind), int(dpi), int(width), int(height), float(width_mm), float(height_mm))
