"""The catalogue as it is now: the shipped code list with the imported one over it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import Count, Max, QuerySet

from terminology.descriptions import own
from terminology.fsiii import SHIPPED, Catalogue, catalogue, shipped
from terminology.models import Entry, Release

NEVER = datetime.min.replace(tzinfo=UTC)
ASK_AGAIN = 5.0
"""Seconds before a process asks whether another one has imported a catalogue."""


@dataclass(frozen=True, slots=True)
class Named:
    """The name a concept had in a version; the shipped one has no day on which it took effect."""

    version: str
    name: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class _Held:
    mark: tuple[object, ...]
    catalogue: Catalogue
    asked: float


_held: _Held | None = None


def current() -> Catalogue:
    """Every concept that ever stood in a catalogue in effect, as the newest one says it; those gone are retiring.

    Kept in the process: no query for five seconds, then one, and one more when something was imported.
    """
    global _held
    held, now = _held, time.monotonic()
    if held is None or not held.asked <= now < held.asked + ASK_AGAIN:
        mark = _mark()
        found = held.catalogue if held is not None and held.mark == mark else _merged()
        held = _held = _Held(mark, found, now)
    return held.catalogue


def forget() -> None:
    """Ask anew at the next use: for the process that imports, and for tests."""
    global _held
    _held = None


def descriptions(keys: Iterable[str]) -> dict[str, str]:
    """What the newest imported catalogue that describes a concept says of it, otherwise our own words: one query.

    A concept that nobody has described is absent.
    """
    wanted = set(keys)
    if not wanted:
        return {}
    told = _newest().filter(key__in=wanted).exclude(description="").values_list("key", "description")
    ours = own()
    return {key: ours[key] for key in wanted if key in ours} | dict(told)


def names_history(key: str) -> tuple[Named, ...]:
    """The concept's name in each version that held it, oldest first."""
    rows = Entry.objects.filter(key=key, release__effective_at__isnull=False).order_by("release__effective_at")
    told = [Named(*row) for row in rows.values_list("release__version", "name", "release__effective_at")]
    first = shipped().find(key)
    if first is not None and SHIPPED not in {named.version for named in told}:
        told.insert(0, Named(SHIPPED, first.name, None))
    return tuple(told)


def in_effect() -> Release | None:
    """The imported catalogue in effect, None when only the shipped one is."""
    return Release.objects.filter(effective_at__isnull=False).order_by("effective_at").last()


def _mark() -> tuple[object, ...]:
    asked = Release.objects.aggregate(last=Max("effective_at"), count=Count("effective_at"))
    return asked["last"], asked["count"]


def _newest() -> QuerySet[Entry]:
    """Of each concept the row of the newest release in effect that has one."""
    rows = Entry.objects.filter(release__effective_at__isnull=False)
    return rows.order_by("key", "-release__effective_at").distinct("key")


def _merged() -> Catalogue:
    rows = list(_newest().select_related("release"))
    if not rows:
        return shipped()
    last = max((row.release for row in rows), key=lambda release: release.effective_at or NEVER)
    stands = {
        row.key: row.concept if row.release_id == last.pk else replace(row.concept, retiring=True) for row in rows
    }
    gone = {each.key: replace(each, retiring=True) for each in shipped() if each.key not in stands}
    return catalogue(last.version, [*gone.values(), *stands.values()])
