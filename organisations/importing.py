"""Reads a SOR extract and says what it changes. Pure but for `apply`."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TextIO

from django.db import transaction

from organisations.models import Organisation

COLUMNS = ("sor", "name", "type", "parent_sor", "municipality_code", "municipality", "valid_from", "valid_to")
LENGTHS = {field.name: field.max_length for field in Organisation._meta.concrete_fields if field.max_length}


class Unusable(ValueError):
    """The file cannot be read; the sentence names the line."""


@dataclass(frozen=True)
class Diff:
    """What an import changes: new rows, changed rows with the columns that change, unchanged rows."""

    added: tuple[Organisation, ...]
    changed: tuple[tuple[Organisation, tuple[str, ...]], ...]
    unchanged: int


def rows(file: TextIO) -> Iterator[Organisation]:
    """The organisations of a CSV file with a header line; raises Unusable with the line number."""
    reader = csv.DictReader(file)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise Unusable(f"Linje 1: kolonnerne {', '.join(missing)} mangler.")
    seen: set[str] = set()
    for line, row in enumerate(reader, start=2):
        values = {name: (row[name] or "").strip() for name in COLUMNS}
        if not (values["sor"].isascii() and values["sor"].isdecimal() and 3 <= len(values["sor"]) <= 20):
            raise Unusable(f"Linje {line}: »{values['sor']}« er ikke et SOR-nummer.")
        if values["sor"] in seen:
            raise Unusable(f"Linje {line}: SOR-nummer {values['sor']} står to gange.")
        seen.add(values["sor"])
        if not values["name"]:
            raise Unusable(f"Linje {line}: navnet mangler.")
        too_long = [name for name, most in LENGTHS.items() if len(values[name]) > most]
        if too_long:
            raise Unusable(f"Linje {line}: {', '.join(too_long)} er for lang.")
        yield Organisation(**{**values, "valid_from": _day(values, line, 0), "valid_to": _day(values, line, 1)})


def _day(values: dict[str, str], line: int, which: int) -> date | None:
    said = values[COLUMNS[6 + which]]
    try:
        day = date.fromisoformat(said) if said else None
        if which and day and values["valid_from"] and day < date.fromisoformat(values["valid_from"]):
            raise Unusable(f"Linje {line}: valid_to ligger før valid_from.")
        return day
    except ValueError as error:
        if isinstance(error, Unusable):
            raise
        raise Unusable(f"Linje {line}: »{said}« er ikke en dato (ÅÅÅÅ-MM-DD).") from None


def diff(file: TextIO) -> Diff:
    """Compare the file with the register; organisations the file does not name are left as they are."""
    held = Organisation.objects.in_bulk()
    added, changed, unchanged = [], [], 0
    for new in rows(file):
        old = held.get(new.sor)
        differing = tuple(n for n in COLUMNS if old and getattr(old, n) != getattr(new, n))
        if old is None:
            added.append(new)
        elif differing:
            changed.append((new, differing))
        else:
            unchanged += 1
    return Diff(tuple(added), tuple(changed), unchanged)


def apply(difference: Diff) -> None:
    """Write the difference, all or nothing."""
    with transaction.atomic():
        Organisation.objects.bulk_create(difference.added, batch_size=1000)
        Organisation.objects.bulk_update([row for row, _ in difference.changed], COLUMNS[1:], batch_size=500)
