"""What a search of the log may ask (FHIR R4 search.html, AuditEvent). Pure: imports no Django."""

import re
import uuid
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from audit.check import looks_personal
from fhir.bundle import Rejected

USUAL, MOST = 100, 500
FIELDS = ("patient", "agent", "date", "_count", "_format", "_page")
ALIASES = {"agent:identifier": "agent", "altid": "agent", "patient:Patient": "patient"}
NAME = re.compile("[A-Za-z:_.-]{1,40}")
DATE = re.compile(
    r"(?P<prefix>[a-z]{2})?(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,6}))?)?(?P<zone>Z|[+-]\d\d:\d\d))?)?)?",
    re.ASCII,
)
"""A date in any precision; with a time of day also a zone, as FHIR demands."""


@dataclass(frozen=True)
class Asked:
    """A search that can be carried out; an agent is our own id, or (system, value) at an issuer."""

    patient: uuid.UUID | None = None
    agent: uuid.UUID | tuple[str, str] | None = None
    start: datetime | None = None
    end: datetime | None = None
    count: int = USUAL


def read(parameters: Mapping[str, Sequence[str]]) -> Asked:
    """The search of these parameters; raises Rejected, which names the parameter and never repeats a value."""
    asked: dict[str, list[str]] = {}
    for name, values in parameters.items():
        if (known := ALIASES.get(name, name)) not in FIELDS:
            raise _refused("Søgeparameteren kendes ikke her.", name if NAME.fullmatch(name) else "", "unknown")
        asked.setdefault(known, []).extend(values)
    for name, values in asked.items():
        if name != "date" and len(values) > 1:
            raise _refused("Parameteren må kun gives én gang.", name, "repeated")
    start, end = _window(asked.get("date", ()))
    one = {name: values[0] for name, values in asked.items()}
    return Asked(
        _patient(one["patient"]) if "patient" in one else None,
        _agent(one["agent"]) if "agent" in one else None,
        start,
        end,
        _count(one["_count"]) if "_count" in one else USUAL,
    )


def _patient(said: str) -> uuid.UUID:
    key = _uuid(said.removeprefix("Patient/"))
    if key is None:
        raise _refused("En borger angives som Patient/<uuid>: borgerens pseudonym i loggen.", "patient")
    return key


def _agent(said: str) -> uuid.UUID | tuple[str, str]:
    if key := _uuid(said):
        return key
    if looks_personal(said):
        raise _refused("En aktør må ikke angives med noget, der ligner et CPR-nummer.", "agent", "personal")
    system, bar, value = said.partition("|")
    if not bar or not value or len(said) > 400 or not said.isprintable():
        raise _refused("En aktør angives som system|værdi eller med sit id (uuid) i loggen.", "agent")
    return system, value


def _count(said: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", said) or int(said) == 0:
        raise _refused("Antallet skal være et helt tal over 0.", "_count")
    return min(int(said), MOST)


def _window(dates: Sequence[str]) -> tuple[datetime | None, datetime | None]:
    """[start, end) of all conditions together."""
    start, end = None, None
    for said in dates:
        prefix, first, after = _moment(said)
        if prefix in ("eq", "ge", "gt"):
            low = after if prefix == "gt" else first
            start = max(start, low) if start else low
        if prefix in ("eq", "le", "lt"):
            high = first if prefix == "lt" else after
            end = min(end, high) if end else high
    return start, end


def _moment(said: str) -> tuple[str, datetime, datetime]:
    """The prefix, and the [first, after) that a date covers in its precision; without a zone it is UTC's."""
    told = DATE.fullmatch(said)
    prefix = (told["prefix"] or "eq") if told else ""
    if told is None or prefix not in ("eq", "ge", "gt", "le", "lt"):
        raise _date()
    try:
        if (year := int(told["year"])) not in range(1900, 2200):
            raise _date()
        month, day = int(told["month"] or 1), int(told["day"] or 1)
        fraction = told["fraction"] or ""
        first = datetime(
            year, month, day, int(told["hour"] or 0), int(told["minute"] or 0), int(told["second"] or 0),
            int(fraction.ljust(6, "0")) if fraction else 0, tzinfo=UTC,
        )  # fmt: skip
        if (zone := told["zone"]) and zone != "Z":
            first -= datetime.strptime(zone, "%z").utcoffset() or timedelta()
    except ValueError:
        raise _date() from None
    if fraction:
        width = timedelta(microseconds=10 ** (6 - len(fraction)))
    elif told["second"]:
        width = timedelta(seconds=1)
    elif told["minute"]:
        width = timedelta(minutes=1)
    elif told["day"]:
        width = timedelta(days=1)
    elif told["month"]:
        width = timedelta(days=monthrange(year, month)[1])
    else:
        width = datetime(year + 1, 1, 1, tzinfo=UTC) - first
    return prefix, first, first + width


def _uuid(said: str) -> uuid.UUID | None:
    return uuid.UUID(said) if re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", said.lower()) else None


def _date() -> Rejected:
    return _refused("Datoen skal være en FHIR-dato med eq, ge, gt, le eller lt; et klokkeslæt har tidszone.", "date")


def _refused(sentence: str, where: str, rule: str = "value") -> Rejected:
    return Rejected(sentence, where, f"search-{rule}")
