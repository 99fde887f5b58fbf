"""Which organisations a log controller answers for: the unit that the login told, and all below it in SOR."""

from collections.abc import Mapping
from dataclasses import dataclass

from access import units
from access.models import OrganisationSystem
from access.units import Unit
from organisations import register


@dataclass(frozen=True)
class Scope:
    """Of one login."""

    mine: Unit
    numbers: frozenset[str]
    """The own number, and those of all units below."""

    def holds(self, system: str, number: str) -> bool:
        return system == self.mine.system and number in self.numbers

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What may be drawn for, the own unit first: (sor:999…, name)."""
        written = {number: _written(self.mine.system, number) for number in self.numbers}
        names = units.names(written.values())
        below = sorted((names[said], number) for number, said in written.items() if number != self.mine.number)
        first = (names[written[self.mine.number]], self.mine.number)
        return [(f"{self.mine.system}:{number}", name) for name, number in (first, *below)]

    def unit(self, chosen: str) -> Unit | None:
        """The unit of a form, when it is one of these."""
        system, _, number = chosen.partition(":")
        return Unit(system, number) if self.holds(system, number) else None


def of(session: Mapping[str, object]) -> Scope | None:
    """None when the login does not tell the unit."""
    mine = units.of_login(session)
    return Scope(mine, _numbers(mine)) if mine else None


def as_events_write(unit: Unit) -> list[str]:
    """This unit and those below it, as the log names them."""
    return sorted(_written(unit.system, number) for number in _numbers(unit))


def _numbers(unit: Unit) -> frozenset[str]:
    if unit.system != OrganisationSystem.SOR:
        return frozenset({unit.number})
    return register.with_sub_units([unit.number])


def _written(system: str, number: str) -> str:
    return number if system == OrganisationSystem.SOR else f"{system}:{number}"
