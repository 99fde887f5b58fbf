"""How far two moments lie apart, as a calendar counts. Pure: imports no Django."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Apart(NamedTuple):
    """Whole units, each less than one of the unit before it."""

    years: int = 0
    months: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0


def apart(one: datetime, other: datetime) -> Apart:
    """The time between two moments (aware, both in the time of the place), whichever came first.

    Days and more are counted on the calendar; less than a day is the time that really passed, also in the night when
    the clock is put back.
    """
    first, last = sorted((one, other), key=lambda moment: moment.astimezone(UTC))
    passed = last.astimezone(UTC) - first.astimezone(UTC)
    first, last = first.replace(tzinfo=None), last.replace(tzinfo=None)
    if last - first < DAY:
        return Apart(0, 0, 0, *divmod(passed // MINUTE, 60))
    months = (last.year - first.year) * 12 + last.month - first.month
    months -= _later(first, months) > last
    rest = last - _later(first, months)
    return Apart(*divmod(months, 12), rest.days, *divmod(rest % DAY // MINUTE, 60))


def largest(between: Apart) -> tuple[tuple[str, int], ...]:
    """The largest unit and the one below it, by name, without a zero: what a person says of such a time."""
    counted = list(zip(Apart._fields, between, strict=True))
    start = next((i for i, (_unit, count) in enumerate(counted) if count), len(counted))
    return tuple((unit, count) for unit, count in counted[start : start + 2] if count)


def _later(moment: datetime, months: int) -> datetime:
    """So many months later; the last day of the month where it has no such day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
