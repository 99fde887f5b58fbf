"""Weeks and half-years as the audit duty counts them, in Danish time. Pure: imports no Django."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DENMARK = ZoneInfo("Europe/Copenhagen")
WEEK = timedelta(days=7)
GRACE = timedelta(hours=1)
"""A week is over an hour after its last day: an event takes its time first, and is committed a moment later."""


class Half(NamedTuple):
    """A half-year: January to June is the first. A week belongs to the one that its Thursday lies in."""

    year: int
    number: int

    @property
    def before(self) -> "Half":
        return Half(self.year, 1) if self.number == 2 else Half(self.year - 1, 2)

    @property
    def written(self) -> str:
        """2026-2, as forms and events hold it."""
        return f"{self.year}-{self.number}"


def half_of(monday: date) -> Half:
    thursday = monday + timedelta(days=3)
    return Half(thursday.year, 1 if thursday.month <= 6 else 2)


def read(written: str) -> Half | None:
    """The half-year of a form; None for anything else."""
    year, _, number = written.partition("-")
    known = len(year) == 4 and year.isascii() and year.isdigit() and number in ("1", "2")
    return Half(int(year), int(number)) if known else None


def weeks(half: Half) -> Iterator[date]:
    """The Mondays of its weeks, first to last."""
    first = date(half.year, 1 if half.number == 1 else 7, 1)
    monday = first - timedelta(days=first.weekday())
    while (mine := half_of(monday)) <= half:
        if mine == half:
            yield monday
        monday += WEEK


def begins(day: date) -> datetime:
    """Midnight in Denmark."""
    return datetime.combine(day, time(), DENMARK)


def whole(half: Half, kept_since: datetime, now: datetime) -> list[date]:
    """The weeks of the half-year that are over, and of which the log has every day."""
    return [week for week in weeks(half) if begins(week) >= kept_since and begins(week + WEEK) + GRACE <= now]


def named(monday: date) -> str:
    """2026-W47."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"
