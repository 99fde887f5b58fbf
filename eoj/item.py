"""What a report says, as plain values: one Item a resource. Pure: imports no Django."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Area(StrEnum):
    """What the law policy decides on: by the place of a code in its tree, never by its name."""

    HEALTH = "sundhedslov"
    FUNCTION = "funktionsevne"
    SERVICE = "servicelov"
    ELDERLY = "aeldrelov"
    ADMIN = "0-ydelser"
    NONE = ""
    """No code of its own, or one of another catalogue: it takes the area of what it refers to."""


class Item(NamedTuple):
    """One resource of a report; a tuple, since a national night makes millions of them."""

    type: str
    id: str
    profile: str
    effective: datetime
    """meta.lastUpdated, else the time of the report (P-03); no later than that: a report tells of what has been."""
    invalid: bool
    """Entered in error; of a Patient, that the journal is not active."""
    state: str
    """Condition: active, unfocused or inactive (P-15); Patient: active or inactive; others their status as sent."""
    code: str
    """The uuid of the concept, whichever of its two codes was sent."""
    area: Area
    recorded: str
    ended: str
    level: int | None
    """Level of a condition, or the one a goal expects: 0–4, and 9 for "ikke relevant"."""
    refs: tuple[str, ...]
    """`Type/id` of everything it refers to except its subject, sorted."""
    detail: dict[str, Any]
    digest: str
    """Hex; the same for the same content, whatever its meta says and however its elements are ordered."""


@dataclass(frozen=True, slots=True)
class Report:
    """One care delivery report: what changed for one citizen in one municipality on one day."""

    id: str
    timestamp: datetime
    cpr: str
    sor: str
    deceased: bool
    items: tuple[Item, ...]
    digest: str
    """Hex; the same for a report that says the same, whatever its resources' meta and its entries' order."""
