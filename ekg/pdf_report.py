"""What a PDF inspector tells the reader. Pure: imports no Django, so any function of the right shape can inspect."""

from collections.abc import Callable
from dataclasses import dataclass

from fhir.bundle import Finding


@dataclass(frozen=True)
class PdfReport:
    """The inspector's answer: unless `readable` nothing can be shown; a readable file may still have findings."""

    readable: bool
    pages: int = 0
    findings: tuple[Finding, ...] = ()


Inspector = Callable[[bytes], PdfReport]
"""Takes the decoded payload and answers; never raises for bad bytes, never hangs (ekg.pdf: a limited process)."""
