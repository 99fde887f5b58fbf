"""What is asked about a citizen's blocks, and what the answer hides. Pure: imports no Django.

Source: ACCESS.md S1 and 9d. Deny by default: data that do not say where or when they were made are hidden by a block
that turns on it.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import NamedTuple


class Unknown(Exception):
    """Nobody can say what the citizen has blocked: then nothing is shown. The message is a code."""


class NotAsked(Unknown):
    """The login or the launch leaves out what must be asked with: trying again does not help. The message is a code."""


class Kind(Enum):
    """The three answers; Partial and Deny are told with the same words."""

    PERMIT = "permit"
    PARTIAL = "partial"
    DENY = "deny"


class Span(NamedTuple):
    """The days from one to another, both included; None reaches without end."""

    first: date | None
    last: date | None

    def meets(self, other: "Span") -> bool:
        """Whether the two have a day in common."""
        starts_in_time = self.first is None or other.last is None or self.first <= other.last
        return starts_in_time and (self.last is None or other.first is None or other.first <= self.last)


class Person(NamedTuple):
    """A professional as an identity provider names one."""

    issuer: str
    subject: str


@dataclass(frozen=True)
class Professional:
    """Somebody at work, by each of the names that a source may know: "" for what the login did not tell."""

    named: Person
    cpr: str = field(default="", repr=False)
    authorisation: str = field(default="", repr=False)
    """The number of the authorisation as a health professional."""


@dataclass(frozen=True)
class Question:
    """Everything that a source of consent is told about one request."""

    cpr: str
    """The citizen's."""
    acting: Professional
    responsible: Professional | None
    """On whose behalf, when somebody assists."""
    organisation_system: str
    organisation_id: str
    override: bool = False
    """Whether the blocks are being overridden (værdispring)."""
    held: str = ""
    """The citizen's blocks in our own register, read along with the context: access.consent.register knows the form."""


@dataclass(frozen=True)
class Decision:
    """What this user may not see of this citizen, in this moment."""

    kind: Kind
    organisations: frozenset[str] = frozenset()
    """SOR numbers whose data are hidden."""
    with_sub_units: bool = False
    """Whether units below one of them are meant too (they stand in `organisations`, as far as the register knows)."""
    periods: tuple[Span, ...] = ()
    overridden: bool = False
    is_late: bool = False
    """Whether it is of what was blocked after the override began that runs: that is not lifted."""

    @property
    def notice(self) -> bool:
        """Whether the page says that something is blocked: never how much, what or where."""
        return self.kind is not Kind.PERMIT

    @property
    def hides_something(self) -> bool:
        """Whether anything may be missing, so that nobody may read that there is nothing."""
        return self.notice and not self.overridden

    @property
    def hides_all(self) -> bool:
        return self.kind is Kind.DENY and not self.overridden

    def hides(self, sor: str, when: date | None, *, known: bool = True) -> bool:
        """Whether data of one day are hidden; `known` is whether the register of organisations has the unit."""
        return self.hides_course(sor, Span(when, when), known=known)

    def hides_course(self, sor: str, course: Span, *, known: bool = True) -> bool:
        """The same of what lasted: any day in common hides it; without a first day it may be from any day."""
        if not self.hides_something:
            return False
        if self.kind is Kind.DENY or any(course.first is None or course.meets(period) for period in self.periods):
            return True
        nowhere = not sor or (self.with_sub_units and not known)
        return bool(self.organisations) and (nowhere or sor in self.organisations)

    def lifted(self) -> "Decision":
        """The same during an override: hides nothing, and still says that something is blocked."""
        return replace(self, kind=Kind.DENY if self.kind is Kind.DENY else Kind.PARTIAL, overridden=True)


PERMIT = Decision(Kind.PERMIT)
DENY = Decision(Kind.DENY)
