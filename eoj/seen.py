"""The resources of a report while it is being judged. Pure: imports no Django."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eoj.bindings import Code
from eoj.profiles import COMPLETED, CONDITION, MATTER_OF_INTEREST, OWN_OBSERVATION, PLANNED
from fhir.findings import Findings
from terminology.fsiii import Kind

CODED = {
    CONDITION: "conditions",
    PLANNED: "interventions",
    COMPLETED: "interventions",
    MATTER_OF_INTEREST: "areas",
    OWN_OBSERVATION: "own-questions",
}
"""Profile → the value set of the code that says what a resource is about."""
Codes = Mapping[str, Sequence[Code]]


@dataclass(slots=True, eq=False)
class Seen:
    """One resource of the report, as far as it could be read."""

    path: str
    resource: dict[str, Any]
    type: str
    key: str
    """`Type/id`."""
    profile: str
    codes: Codes = field(default_factory=dict)
    """Value set → its codes in the resource."""
    refs: tuple[str, ...] = ()
    """`Type/id` of what it refers to, besides its subject."""
    changed: datetime | None = None
    """When it says that it was changed last, if that can be."""

    @property
    def code(self) -> Code | None:
        """What the resource is about."""
        return self.one(CODED.get(self.profile, ""))

    def one(self, name: str) -> Code | None:
        """The resource's first code of a value set."""
        found = self.codes.get(name)
        return found[0] if found else None


@dataclass(slots=True, eq=False)
class Whole:
    """What a rule may have to know of the rest of the report."""

    out: Findings
    by_key: Mapping[str, Seen]
    deceased: bool
    after_transition: bool

    def kinds(self, seen: Seen, *types: str) -> list[Kind | None]:
        """The kinds of the codes of what a resource refers to."""
        found = [self.by_key[key] for key in seen.refs if key in self.by_key]
        codes = [each.code for each in found if each.type in types]
        return [code.kind if code else None for code in codes]
