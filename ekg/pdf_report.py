"""What a PDF inspector tells the reader. Pure: imports no Django, so that any function of the right shape can inspect."""

from collections.abc import Callable
from dataclasses import dataclass

from fhir.bundle import Finding


@dataclass(frozen=True)
class PdfReport:
    """The inspector's answer: `readable` False means that nothing can be shown; findings on a readable file are repairable faults."""

    readable: bool
    pages: int = 0
    findings: tuple[Finding, ...] = ()


Inspector = Callable[[bytes], PdfReport]
"""Takes the decoded payload and answers; never raises for bad bytes, never hangs (ekg.pdf keeps it in a limited process)."""
