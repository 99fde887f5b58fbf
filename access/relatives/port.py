"""What is asked about custody and guardianship, whoever keeps the register."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from uuid import UUID

from access.models import Audience


@dataclass(frozen=True)
class Relation:
    """One person whom another looks after on the day that was asked for."""

    kind: Audience
    """custody | guardian."""
    patient: UUID
    cpr: str = field(repr=False)
    name: str
    """As the register gives it, "" when it does not."""
    valid_until: date | None


class Relatives(Protocol):
    """A register of custody and guardianship."""

    def __call__(self, holder: UUID, today: date) -> Sequence[Relation]:
        """Everybody whom this person has custody of, or is guardian of, on this day."""
