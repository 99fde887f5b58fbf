"""The primitive types of FHIR R4: which JSON value each may have, and its moments in time. Pure: imports no Django.

Source: hl7.org/fhir/R4/datatypes.html. Two notes: base64Binary may hold white space (its regex says so) and is only
checked here when it is short; payloads are decoded, and so checked, by the kind of document that carries them.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

_DAY = r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_PARTIAL = r"(?!0000)[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?"

PATTERNS = {
    name: re.compile(pattern)
    for name, pattern in {
        "instant": f"{_DAY}T{_TIME}{_ZONE}",
        "dateTime": f"{_PARTIAL}|{_DAY}(?:T{_TIME}{_ZONE})?",
        "date": f"{_PARTIAL}|{_DAY}",
        "time": _TIME,
        "id": r"[A-Za-z0-9.-]{1,64}",
        "code": r"\S+(?:\s\S+)*",
        "uri": r"\S+",
        "oid": r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+",
        "uuid": r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "base64Binary": r"\s*(?:(?:[0-9A-Za-z+/=]\s*){4})+",
    }.items()
}
PATTERNS["url"] = PATTERNS["canonical"] = PATTERNS["uri"]
LONG = 4096
"""Characters of base64 up to which the pattern is tried."""


def moment(text: Any) -> datetime | None:
    """The aware moment that an instant, or a dateTime with a time, denotes; None when it denotes none."""
    return _moment(text) if isinstance(text, str) else None


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime | None:
    """The moments of a document are few, and a report's resources have the same."""
    if not PATTERNS["instant"].fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # 30 February; also second 60, which Python's clock does not have
        return None


def _calendar(text: str) -> bool:
    """Whether the day exists; a partial date has none to check."""
    if len(text) < 10:
        return True
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _integer(least: int, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= 2**31 - 1


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _matches(type_: str, dated: bool = False) -> Callable[[Any], bool]:
    fullmatch = PATTERNS[type_].fullmatch
    if dated:
        return lambda value: isinstance(value, str) and fullmatch(value) is not None and _calendar(value)
    return lambda value: isinstance(value, str) and fullmatch(value) is not None


VALID: dict[str, Callable[[Any], bool]] = {
    **{name: _matches(name) for name in ("time", "id", "code", "uri", "url", "canonical", "oid", "uuid")},
    **{name: _matches(name, dated=True) for name in ("instant", "dateTime", "date")},
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _integer(-(2**31), value),
    "unsignedInt": lambda value: _integer(0, value),
    "positiveInt": lambda value: _integer(1, value),
    "decimal": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": _text,
    "markdown": _text,
    "xhtml": _text,
    "base64Binary": lambda value: _text(value) and (len(value) > LONG or _matches("base64Binary")(value)),
}
"""Primitive type → whether a JSON value may stand for it."""
