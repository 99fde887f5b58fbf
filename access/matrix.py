"""Who may open which part of a patient's record: one table, deny by default (design: authorisation matrix).

Assistants need the responsible person that the login will carry: nobody tells us yet, so they open nothing. Municipal
staff see EKGs only where a controller has decided so, and municipal data as the law policy says (eoj.policy). Citizens
see municipal data so far; their EKGs come with the pages for them.
"""

from collections.abc import Mapping
from enum import StrEnum

from access.doors import Door
from access.models import Role, User


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
    Role.CITIZEN: frozenset({Part.MUNICIPAL}),
}


def opens(role: str, part: Part | None = None) -> bool:
    """Whether this role may open the part (any part when none is named) of a record that is open for it."""
    parts = OPENS.get(role, frozenset())
    return bool(parts) if part is None else part in parts


def door(role: str) -> Door:
    """The door that this role comes in by."""
    return Door.CITIZEN if role == Role.CITIZEN else Door.STAFF


def launches(role: str) -> bool:
    """Whether a system may open a record for this role: a citizen's own is opened by nobody else."""
    return opens(role) and door(role) is Door.STAFF


def overrides(user: User) -> bool:
    """Whether this user may see what a citizen has blocked, on a ground (værdispring): authorised staff alone."""
    return user.role == Role.CLINICIAN or (user.role == Role.MUNICIPAL and user.authorised)


HOME = {Part.EKG: "ekg:folder", Part.MUNICIPAL: "eoj:care"}
"""The first page of each part."""


def home(role: str) -> str:
    """The page that a record opens with for this role."""
    return next((page for part, page in HOME.items() if opens(role, part)), HOME[Part.EKG])
