"""Inspects and paints the PDF of an EKG, in limited processes apart from this one (ADR 0008). Imports no Django.

`inspect` judges a payload: `readable` False is the handling error, findings on a readable file are a disclaimer. It
never raises for bad bytes and never lasts longer than 10 s; it raises ReadersBusy when no process could take the file,
which says nothing of the file: answer 503, or try again. `render` paints every page, and belongs in the worker.
"""

from dataclasses import dataclass

from ekg.pdf_child import Answer
from ekg.pdf_frames import INSPECT, LIMITS, RENDER
from ekg.pdf_pool import POOL, ReadersBusy
from ekg.pdf_report import PdfReport
from fhir.bundle import Finding, Severity

__all__ = ["ReadersBusy", "RenderFailed", "RenderedPage", "inspect", "render", "warm"]

PATH = "Observation.extension.value.data"


class RenderFailed(Exception):
    """The pages cannot be painted; `sentence` says why, in Danish."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class RenderedPage:
    """One page as PNG: pixels, and the size on paper in millimetres (25 mm is one second of an EKG)."""

    png: bytes
    width: int
    height: int
    width_mm: float
    height_mm: float


def inspect(data: bytes) -> PdfReport:
    """Judge a payload by the rules of ekg.pdf_inspection; waits at most 2 s for a process and 8 s for its answer."""
    answer = POOL.run(INSPECT, data, wait=2, seconds=8)
    if answer is None:
        return PdfReport(False, 0, (Finding("payload-limits", Severity.ERROR, PATH, LIMITS),))
    return _report(answer)


def render(data: bytes, dpi: int = 150) -> tuple[RenderedPage, ...]:
    """Paint every page, in at most 10 s once a process has the file; raises RenderFailed if it cannot be shown."""
    if not 36 <= dpi <= 600:
        raise ValueError("dpi must lie between 36 and 600")
    answer = POOL.run(RENDER, data, wait=10, seconds=10, dpi=dpi)
    if answer is None:
        raise RenderFailed(LIMITS)
    report, failure = _report(answer), str(answer.said["failure"])
    if failure or not report.readable:
        errors = [finding.text for finding in report.findings if finding.severity == Severity.ERROR]
        raise RenderFailed(failure or errors[0])
    sizes = [(int(w), int(h), float(w_mm), float(h_mm)) for _, w, h, w_mm, h_mm in answer.said["painted"]]
    return tuple(RenderedPage(png, *size) for png, size in zip(answer.pages, sizes, strict=True))


def warm() -> None:
    """Start a process before the first file comes (0.3 s); for a server's start, never needed."""
    inspect(b"")


def _report(answer: Answer) -> PdfReport:
    findings = tuple(Finding(rule, Severity(severity), PATH, text) for rule, severity, text in answer.said["findings"])
    return PdfReport(bool(answer.said["readable"]), int(answer.said["pages"]), findings)
