""" "Mine opslag" through its filter, word for word: day by day, and the way on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews import own
from reviews.own import Own

PERIODS = {
    "": (gettext_lazy("Seneste måned"), 30),
    "uge": (gettext_lazy("Seneste uge"), 7),
    "alle": (gettext_lazy("Alle"), 0),
}


@dataclass(frozen=True)
class Row:
    """One look-up, ready to print."""

    time: str
    own: Own


@dataclass(frozen=True)
class View:
    """One page of the list."""

    days: tuple[tuple[str, tuple[Row, ...]], ...]
    periods: tuple[tuple[str, str, bool], ...]
    """(words, address, whether it is the chosen one)"""
    newest: str
    older: str
    names: bool


def seen_through(user: UUID, base: str, asked: QueryDict, now: datetime, *, names: bool) -> View:
    """The list at the address `base` as its query asks for it; a period that is unknown is taken as not asked."""
    period = asked.get("periode", "") if asked.get("periode") in PERIODS else ""
    days, after = PERIODS[period][1], asked.get("efter", "")
    found, more = own.page(user, now - timedelta(days=days) if days else None, after, names=names)
    return View(
        days=_days(found),
        periods=tuple((str(said), _url(base, key), key == period) for key, (said, _days) in PERIODS.items()),
        newest=_url(base, period) if after else "",
        older=_url(base, period, str(found[-1].lookup.opening.id)) if more else "",
        names=names,
    )


def _days(found: list[Own]) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    by_day = groupby(found, lambda each: timezone.localtime(each.lookup.opening.recorded).date())
    return tuple((f"{day:%d.%m.%Y}", tuple(_row(each) for each in within)) for day, within in by_day)


def _row(each: Own) -> Row:
    opened = timezone.localtime(each.lookup.opening.recorded)
    return Row(_("kl. %(time)s") % {"time": f"{opened:%H.%M}"}, each)


def _url(base: str, period: str, after: str = "") -> str:
    asked = QueryDict(mutable=True)
    asked.update({key: value for key, value in {"periode": period, "efter": after}.items() if value})
    return f"{base}?{asked.urlencode()}" if asked else base
