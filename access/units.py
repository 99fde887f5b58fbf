"""The unit somebody is at work at: what it is called, and what a login says of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from access.models import OrganisationSystem
from access.ticket_request import ORGANISATIONS
from organisations import register

IN_SESSION = "organization"
"""What the login keeps of its signed claim: {"sor": "999000000000210"}."""


@dataclass(frozen=True)
class Unit:
    """One number in one register."""

    system: str
    number: str

    @property
    def name(self) -> str:
        return name(self.system, self.number)


def name(system: str, number: str) -> str:
    """Lægehuset Nord; for a unit that no register of ours knows, the register and the number."""
    if system != OrganisationSystem.SOR:
        return _("{register} {number}").format(register=OrganisationSystem(system).label, number=number)
    known = register.lookup(number)
    return known.name if known else f"SOR {number}"


def names(written: Iterable[str]) -> dict[str, str]:
    """What units are called that events name: a SOR number as it is, any other after its register (actors.unit)."""
    told = {each: each.rpartition(":")[::2] for each in written if each}
    known = register.lookup_many(number for system, number in told.values() if not system)
    return {
        each: known[number].name if number in known else _unknown(system, number)
        for each, (system, number) in told.items()
    }


def _unknown(system: str, number: str) -> str:
    is_plain = system not in OrganisationSystem.values or system == OrganisationSystem.SOR
    return f"SOR {number}" if is_plain else name(system, number)


def is_written(said: object) -> bool:
    """Whether this is a unit as lists of them hold it: sor:999000000000210."""
    system, _colon, number = said.partition(":") if isinstance(said, str) else ("", "", "")
    return system in ORGANISATIONS and bool(ORGANISATIONS[system].fullmatch(number))


def of_login(session: Mapping[str, object]) -> Unit | None:
    """The unit that the login of this session told, or None."""
    said = session.get(IN_SESSION)
    if not isinstance(said, Mapping) or len(said) != 1:
        return None
    ((system, number),) = said.items()
    if system not in OrganisationSystem.values or not isinstance(number, str) or not 0 < len(number) <= 20:
        return None
    return Unit(system, number)
