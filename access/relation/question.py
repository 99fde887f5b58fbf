"""What is asked about a treatment relation, and what may be answered. Pure: imports no Django."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Level(StrEnum):
    """How sure a relation is, strongest first: the categories of the national service."""

    A_PLUS = "A+"
    """This person and this patient, at a known time."""
    A = "A"
    """Same time, same place of treatment."""
    B_PLUS = "B+"
    """Same place of treatment."""
    B = "B"
    """General: the own doctor, or a launch from the own system."""
    C = "C"
    """It was so once."""
    D = "D"
    """Cannot be clarified now."""
    E = "E"
    """Cannot be clarified."""
    UNVERIFIED = "unverified"
    """Nobody could be asked. An answer never says this."""

    @property
    def permits(self) -> bool:
        """Whether it is enough by itself, with nothing to follow up."""
        return self in PERMITTING

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return RANKS.index(self)


RANKS = tuple(Level)
PERMITTING = frozenset({Level.A_PLUS, Level.A, Level.B_PLUS, Level.B})


@dataclass(frozen=True)
class Question:
    """Who wants to see whom, from which unit, at which time."""

    patient: UUID
    cpr: str
    """"" where the answer is our own: our rules know the patient by the pseudonym."""
    professional_cpr: str
    """"" when the login did not tell it."""
    audience: str
    organisation_system: str
    """sor | ydernummer | cvr."""
    organisation_id: str
    vouched: bool
    """A registered system has said that this user, at this unit, has this patient: evidence in itself."""
    launched: bool
    """Whether a system opened the record, or somebody typed a number."""
    since: datetime
    until: datetime
    """The time for which the relation is asked about: that of the look."""
    reference: UUID | None = None
    """The audit event of the question, when it goes to an outside source."""


@dataclass(frozen=True)
class Relation:
    """The best relation that is known, and what that rests on (a code)."""

    level: Level
    evidence: str
    reference: UUID | None = None
    followed_up: bool = False
    """Whether whoever answered goes on looking for a better one, and tells."""


class Unavailable(Exception):
    """No answer, or none that makes sense; `code` is for the audit."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
