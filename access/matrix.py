"""Who may open which part of a launched patient's record: one table, deny by default (design: authorisation matrix).

Assistants need the responsible person that the login will carry: nobody tells us yet, so they open nothing. Municipal
staff see EKGs only where a controller has decided so, and municipal data as the law policy says (eoj.policy).
"""

from collections.abc import Mapping
from enum import StrEnum

from access.models import Role


class Part(StrEnum):
    """A part of the record."""

    EKG = "ekg"
    MUNICIPAL = "kommune"


OPENS: Mapping[str, frozenset[Part]] = {
    Role.CLINICIAN: frozenset(Part),
    Role.ASSISTANT: frozenset(),
    Role.MUNICIPAL: frozenset({Part.MUNICIPAL}),
    Role.LOG_CONTROLLER: frozenset(),
    Role.OPERATOR: frozenset(),
}


def opens(role: str, part: Part | None = None) -> bool:
    """Whether this role may open the part (any part when none is named) of a patient's record it was launched with."""
    parts = OPENS.get(role, frozenset())
    return bool(parts) if part is None else part in parts


HOME = {Part.EKG: "ekg:folder", Part.MUNICIPAL: "eoj:care"}
"""The first page of each part."""


def home(role: str) -> str:
    """The page that a launch by this role lands on."""
    return next((page for part, page in HOME.items() if opens(role, part)), HOME[Part.EKG])
