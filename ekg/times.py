"""When a recording was made. Pure: imports no Django. All moments are aware."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fhir.primitives import moment
from fhir.tree import empty, first


@dataclass(frozen=True)
class Span:
    """Start and end as moments, None where nothing readable was said; `unread` names what could not be read."""

    start: datetime | None = None
    end: datetime | None = None
    unread: frozenset[str] = frozenset()

    @classmethod
    def of_period(cls, period: Any) -> "Span":
        """A FHIR Period."""
        said = {name: first(period, name) for name in ("start", "end")}
        read = {name: moment(value) for name, value in said.items()}
        unread = frozenset(name for name, value in said.items() if not empty(value) and read[name] is None)
        return cls(read["start"], read["end"], unread)

    @classmethod
    def of_observation(cls, observation: Any) -> "Span":
        """`effective[x]`: a dateTime is a start without an end."""
        said = first(observation, "effectiveDateTime")
        if empty(said):
            return cls.of_period(first(observation, "effectivePeriod"))
        return cls(moment(said), None, frozenset() if moment(said) else frozenset({"start"}))

    def readable(self, name: str) -> bool:
        """Whether what was said of `start` or `end`, if anything, could be read."""
        return name not in self.unread
