"""The log through its filter, word for word: the period that the address asks for, day by day, and the way on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy

from access.gate import Grant
from citizen import queries, wording
from citizen.queries import Seen

PERIODS = {
    "": (gettext_lazy("Seneste 2 år"), 730),
    "maaned": (gettext_lazy("Seneste måned"), 30),
    "alle": (gettext_lazy("Alle"), 0),
}


@dataclass(frozen=True)
class Row:
    """One look, ready to print."""

    time: str
    sentence: str
    why: str
    override: bool


@dataclass(frozen=True)
class Day:
    """The looks of one day."""

    words: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Choice:
    """A period, and where its list is."""

    words: str
    url: str
    chosen: bool


@dataclass(frozen=True)
class View:
    """One page of the list."""

    days: tuple[Day, ...]
    periods: tuple[Choice, ...]
    newest: str
    """Where the list begins; "" on its first page."""
    older: str
    """Where it goes on; "" on its last page."""


def seen_through(grant: Grant, base: str, asked: QueryDict, now: datetime) -> View:
    """The list at the address `base` as its query asks for it; a period that is unknown is taken as not asked."""
    period = asked.get("periode", "") if asked.get("periode") in PERIODS else ""
    days, after = PERIODS[period][1], asked.get("efter", "")
    found = queries.seen(grant, now - timedelta(days=days) if days else None, after)
    last = str(found.rows[-1].look.line.id) if found.more else ""
    return View(
        days=_days(found.rows),
        periods=tuple(Choice(str(said), _url(base, key), key == period) for key, (said, _days) in PERIODS.items()),
        newest=_url(base, period) if after else "",
        older=_url(base, period, last) if last else "",
    )


def _days(rows: tuple[Seen, ...]) -> tuple[Day, ...]:
    by_day = groupby(rows, lambda seen: timezone.localtime(seen.look.line.recorded).date())
    return tuple(Day(f"{day:%d.%m.%Y}", tuple(_row(seen) for seen in within)) for day, within in by_day)


def _row(seen: Seen) -> Row:
    at = timezone.localtime(seen.look.line.recorded)
    return Row(f"kl. {at:%H.%M}", wording.sentence(seen), wording.why(seen), seen.look.override)


def _url(base: str, period: str, after: str = "") -> str:
    asked = QueryDict(mutable=True)
    asked.update({key: value for key, value in {"periode": period, "efter": after}.items() if value})
    return f"{base}?{asked.urlencode()}" if asked else base
