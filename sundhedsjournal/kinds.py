"""The kinds of document this house receives: handed down to the door, which knows none of them."""

from ekg.ingest import EKG
from eoj.ingest import EOJ
from fhir.bundle import Kind

KINDS: tuple[Kind, ...] = (EKG, EOJ)
