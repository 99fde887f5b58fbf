"""What a sweep looks after: work that the database knows of and the broker lost."""

from collections.abc import Callable

from ekg import preview
from fhir.sweep import sweep_once
from sundhedsjournal.kinds import KINDS

SWEEPERS: tuple[Callable[[], int], ...] = (lambda: sweep_once(KINDS), preview.sweep_once)
