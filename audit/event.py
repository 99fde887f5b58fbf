"""What one event consists of. Pure: imports no Django.

An event carries codes and references only: never a CPR number, a name or a text (`audit.check` sees to it).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntEnum
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple

BESIDE = "beside"
"""The detail (`extra`) that names a second thing shown in the same answer, as `entity` names the first."""


class Outcome(IntEnum):
    """FHIR audit-event-outcome: 4 for what the caller did wrong (4xx), 8 for what we did wrong (5xx)."""

    SUCCESS = 0
    MINOR = 4
    SERIOUS = 8


class Shape(Enum):
    """Which pattern of BALP or DICOM an action follows: it decides the roles of client and server."""

    READ = "PatientRead"
    QUERY = "PatientQuery"
    CREATE = "PatientCreate"
    UPDATE = "PatientUpdate"
    SECURITY = "Security"
    SYSTEM = "System"


@dataclass(frozen=True)
class Facts:
    """What is the same for every event of one action: type and subtypes as (system, code), CRUDE code, shape."""

    type: tuple[str, str]
    subtypes: tuple[tuple[str, str], ...]
    crud: Literal["C", "R", "U", "D", "E"]
    shape: Shape

    @cached_property
    def subtype_codes(self) -> str:
        """The subtypes' codes as a PostgreSQL array: writing it once is cheaper than adapting a list for every row."""
        return "{" + ",".join(code for _, code in self.subtypes) + "}"


@dataclass(frozen=True)
class Actor:
    """Who did it: codes and identifiers, never a name. `ref` is our own id of the user."""

    kind: Literal["user", "sender", "client", "system", "anonymous"]
    issuer: str = ""
    subject: str = ""
    ref: uuid.UUID | None = None
    role: str = ""
    organisation: str = ""
    """A SOR code, or the name of another register before it: "ydernummer:012345", "cvr:12345678"."""
    network: str = ""
    responsible: str = ""
    """On whose behalf a user acts: a subject of the same issuer."""


class Event(NamedTuple):
    """Everything one audit row says (a tuple: made once for every answer of the house)."""

    id: uuid.UUID
    recorded: datetime
    action: str
    facts: Facts
    actor: Actor
    outcome: Outcome = Outcome.SUCCESS
    reason: str = ""
    patient: uuid.UUID | None = None
    entity: str = ""
    context: str = ""
    correlation: str = ""
    purpose: str = ""
    request_id: str = ""
    extra: Mapping[str, str] = MappingProxyType({})
