"""What is printed on a sheet: its scale, and the CPR numbers at its head. Pure, and read in the limited child.

A scale that is wrong is worse than one that is missing: what is written in another way than here, or in two ways that
differ, is not read. CPR numbers leave this module only to be compared (docs/adr/0026-previews.md).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from patients import cpr

HEAD = 1 / 3
"""The part of a page that is its head, where a sheet says whose it is."""
UNREADABLE = "?"
_SCALE = re.compile(
    r"(?<![^\W_])([\d.,/×xX*+±~–—-]*\d)[ \t\xa0]*mm[ \t\xa0]*/[ \t\xa0]*(sek|sec|s|mV)(?![^\W_]|[²^*/·-]\d)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"0*(\d{1,3})(?:[.,](\d{1,2}))?")
_SENSIBLE = {"mv": (Decimal(1), Decimal(80)), "s": (Decimal(5), Decimal(200))}
_HYPHENS = str.maketrans(dict.fromkeys("\x02\xad\u2010\u2011\u2012\u2013\u2212\ufffe", "-"))
_CPR = re.compile(r"(?<![\d.,/-])(\d{6})( ?- ?| |)(\d{4})(?![\d/-]|[.,]\d)")
_LABEL = re.compile(
    r"(?:\b(?:cpr|personn(?:umme)?r|(?:patient|pt|pat)[ .-]*id)|(?:^|[;:,|])\s*id)\b\D{0,12}\Z", re.IGNORECASE
)
"""What calls a number a person's; "Apparat-ID" calls it another thing."""


class Line(NamedTuple):
    """A line of a page's text layer, and how far down it begins: 0 is the upper edge as it is shown, 1 the foot."""

    text: str
    top: float


@dataclass(frozen=True)
class Printed:
    """What one page says: each speed (mm/s) and gain (mm/mV) in its simplest form or "?", each CPR as ten digits."""

    speeds: frozenset[str] = frozenset()
    gains: frozenset[str] = frozenset()
    cprs: frozenset[str] = frozenset()


def read(lines: Sequence[Line]) -> Printed:
    """What a page's lines say."""
    said: dict[str, set[str]] = {"mv": set(), "s": set()}
    for line in lines:
        for number, unit in _SCALE.findall(line.text):
            per = "mv" if unit.lower() == "mv" else "s"
            said[per].add(_value(number, *_SENSIBLE[per]))
    found = (number for line in lines for number in _numbers(line))
    return Printed(frozenset(said["s"]), frozenset(said["mv"]), frozenset(found))


def agreed(said: Iterable[frozenset[str]]) -> Decimal | None:
    """The one value that all pages give that give any; None when there is none, or two, or one that is unreadable."""
    values = frozenset().union(*said)
    return Decimal(next(iter(values))) if len(values) == 1 and UNREADABLE not in values else None


def differs(pages: Iterable[Printed], own: str) -> bool:
    """Whether a page bears CPR numbers, but not the one of the document's citizen."""
    return any(page.cprs and own not in page.cprs for page in pages)


def _value(said: str, least: Decimal, most: Decimal) -> str:
    number = _NUMBER.fullmatch(said.lstrip(","))
    if number is None:
        return UNREADABLE
    value = Decimal(f"{number[1]}.{number[2] or 0}")
    return f"{value.normalize():f}" if least <= value <= most else UNREADABLE


def _numbers(line: Line) -> Iterable[str]:
    """A number with its hyphen in the head of the page; any other must be called one (cpr, patient-id)."""
    text = line.text.translate(_HYPHENS)
    for found in _CPR.finditer(text):
        digits = found[1] + found[3]
        called = _LABEL.search(text, 0, found.start()) is not None
        if (called or ("-" in found[2] and line.top <= HEAD)) and cpr.is_valid(digits) and cpr.birth_date(digits):
            yield digits
