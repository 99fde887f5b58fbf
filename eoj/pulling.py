"""Fetches what has changed from a gateway, page by page, and goes on where a run was broken off (ADR 0019).

A page is loaded first and remembered after: whatever ends a run between the two, the page comes once more and changes
nothing. The time from which the next run asks is the gateway's own, of this run's first page; ours is asked only when
to begin. A run holds its row by a lease that it renews, and writes only while the lease is its own.
"""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from audit.actions import Action
from audit.check import looks_personal
from audit.record import SYSTEM, Outcome, record
from eoj import fetching, searchset
from eoj.fetching import Ending, Stopped
from eoj.ingest import EOJ
from eoj.loading import Progress, load
from eoj.models import Gateway
from fhir.doorbell import ring
from fhir.errors import place

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=10)
"""Longer than the tries of one page with their waits, and the loading of it; a killed run is taken up after it."""
PATIENCE = timedelta(minutes=1)
"""How long the sweep waits before it rings again."""
RETRY = timedelta(minutes=30)
OVERLAP = timedelta(minutes=10)
"""What a run asks for once more: time by which the clocks of a gateway's servers, and its commits, may be late."""
AHEAD = timedelta(days=1)
IDLE = 20
"""Pages in a row that bring nothing this run has not seen: a gateway that goes on like that never ends."""
LONG = 2000


@dataclass(frozen=True)
class Told:
    """How far a run is."""

    pages: int
    done: Progress


@dataclass
class Run:
    """One run of one gateway, while its lease is ours."""

    gateway: Gateway
    id: UUID
    at: str = ""
    """The page that is asked for."""
    pages: int = 0
    done: Progress = field(default_factory=Progress)
    noted: Counter[str] = field(default_factory=Counter)

    @property
    def first(self) -> str:
        """Where the run begins: what has changed since the last whole run, the oldest first."""
        since = self.gateway.since
        asked = {"_lastUpdated": f"ge{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"} if since else {}
        asked |= {"_sort": "_lastUpdated", "_count": str(self.gateway.count)}
        return f"{self.gateway.base_url}/Bundle?{urlencode(asked, safe=':')}"

    def keep(self, **changes: object) -> None:
        """Write on the row and renew the lease; raises Lost when another run has it now."""
        changed = Gateway.objects.filter(pk=self.gateway.pk, run=self.id).update(lease=Now() + LEASE, **changes)
        if not changed:
            raise Lost
        for name, value in changes.items():
            setattr(self.gateway, name, value)


class Lost(Exception):
    """The lease ran out and another run has taken over."""


def pull(
    gateway_id: UUID | str,
    *,
    by_hand: bool = False,
    again_from: datetime | None = None,
    told: Callable[[Told], None] = lambda _: None,
) -> Gateway.Ending | None:
    """Fetch all that has changed; how it ended, or None when it was not due or another is at it.

    By hand it is always due; `again_from` begins anew from a moment.
    """
    run = _claim(gateway_id, by_hand)
    if run is None:
        return None
    try:
        if again_from is not None:
            run.keep(since=again_from, next_page="", until=None, newest=None)
        _walk(run, told)
        return _end(run, Ending.DONE)
    except Lost:
        log.warning("eoj.pull lost its lease: gateway=%s", run.gateway.pk)
        return None
    except Stopped as fault:
        return _end(run, fault.ending, fault.after)
    except Exception as error:
        # Of any kind, on purpose: whatever goes wrong with us, what was fetched is kept and the rest comes next time.
        log.error("eoj.pull gateway=%s: %s", run.gateway.pk, place(error))
        return _end(run, Ending.HOUSE)
    except BaseException:
        _end(run, Ending.STOPPED)
        raise


def sweep_once() -> int:
    """Ring for gateways that are due, once a minute until a worker comes; fetching takes too long to do it here."""
    due = Gateway.objects.filter(_free(), Q(rung=None) | Q(rung__lte=Now() - PATIENCE), active=True, due__lte=Now())
    ours = [pk for pk in due.values_list("pk", flat=True) if due.filter(pk=pk).update(rung=Now())]
    for pk in ours:
        ring("eoj.tasks.pull", pk)
    return len(ours)


def next_due(now: datetime, daily_at: day_time | None, every_hours: int | None) -> datetime:
    """When to fetch after `now`: so many hours later, or when that time of day comes next, here."""
    if daily_at is None:
        return now + timedelta(hours=every_hours or 24)
    here = timezone.get_default_timezone()
    today = now.astimezone(here).date()
    days = (datetime.combine(today + timedelta(days=ahead), daily_at, here).astimezone(UTC) for ahead in range(3))
    return next(when for when in days if when > now)


def _free() -> Q:
    return Q(lease=None) | Q(lease__lte=Now())


def _claim(gateway_id: UUID | str, by_hand: bool) -> Run | None:
    """Take the row by one conditional statement, for LEASE at first."""
    row = Gateway.objects.filter(_free(), pk=gateway_id)
    if not by_hand:
        row = row.filter(active=True, due__lte=Now())
    run = uuid4()
    if not row.update(run=run, lease=Now() + LEASE, started=Now()):
        return None
    return Run(Gateway.objects.select_related("sender__issuer").get(pk=gateway_id), run)


def _walk(run: Run, told: Callable[[Told], None]) -> None:
    """Page after page to the last; from the beginning, once, when the page to go on with is of no use any more."""
    sender = run.gateway.sender
    if not sender.active or EOJ.name not in sender.kinds:
        raise Stopped(Ending.SENDER)
    url = run.gateway.next_page or run.first
    try:
        _pages(run, url, told)
    except Stopped as fault:
        unread = run.pages == 0 and fault.ending in (Ending.NOT_FHIR, Ending.NOT_SEARCHSET)
        if run.at == run.first or not (fault.gone or unread):
            raise
        log.info("eoj.pull begins again: gateway=%s ending=%s", run.gateway.pk, fault.ending.value)
        run.keep(next_page="", until=None, newest=None)
        _pages(run, run.first, told)


def _pages(run: Run, url: str, told: Callable[[Told], None]) -> None:
    visited, brought, idle = {url}, set[int](), 0
    while url:
        page, date = _page(run, url)
        content = hash(page.reports)
        idle = idle + 1 if content in brought or not page.reports else 0
        if page.next in visited or idle > IDLE:
            raise Stopped(Ending.ENDLESS)
        before = run.done
        for done in load(page.reports, run.gateway.sender):
            run.done = before + done
            run.keep()
        _remember(run, url, page, date)
        told(Told(run.pages, run.done))
        visited.add(page.next)
        brought.add(content)
        url = page.next


def _page(run: Run, url: str) -> tuple[searchset.Page, datetime | None]:
    run.at = url
    answer = fetching.fetch(url, run.keep)
    try:
        page = searchset.read(answer.raw, url)
    except searchset.Unsound as fault:
        raise Stopped(Ending(fault.ending)) from None
    made = page.made or answer.date
    # Believed, a time in the future would have us ask from then on, and miss all until then.
    latest = timezone.now() + AHEAD
    if max(filter(None, (made, None if made else page.newest)), default=latest) > latest:
        raise Stopped(Ending.CLOCK)
    return page, made


def _remember(run: Run, url: str, page: searchset.Page, made: datetime | None) -> None:
    """What the page has told, after its reports are loaded."""
    run.pages += 1
    run.noted.update(page.noted)
    gateway, kept = run.gateway, page.next
    if len(kept) > LONG or looks_personal(kept):
        kept = ""  # followed, never written down: a run that is broken off here begins again
    run.keep(
        next_page=kept,
        until=made if url == run.first else gateway.until,
        newest=max(filter(None, (gateway.newest, page.newest)), default=None),
    )


def _end(run: Run, ending: Gateway.Ending, after: float = 0) -> Gateway.Ending:
    """Give the row back with what became of the run, and when the next is due; one event."""
    gateway, now = run.gateway, timezone.now()
    due, whole = next_due(now, gateway.daily_at, gateway.every_hours), ending == Ending.DONE
    changes: dict[str, object] = {"due": due if whole else min(due, now + max(RETRY, timedelta(seconds=after)))}
    if whole and (until := gateway.until or gateway.newest):
        changes["since"] = until - OVERLAP
    if whole:
        changes |= {"next_page": "", "until": None, "newest": None}
    counted = {"pages": run.pages, "read": run.done.read, "accepted": run.done.accepted, "known": run.done.known}
    counted["quarantined"] = run.done.quarantined
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()  # it may be what went wrong
    with transaction.atomic():
        mine = Gateway.objects.filter(pk=gateway.pk, run=run.id)
        given_back = mine.update(
            run=None, lease=None, rung=None, finished=Now(), ending=ending, told=counted | {"noted": dict(run.noted)},
            **changes,
        )  # fmt: skip
        if given_back:
            record(
                Action.EOJ_PULLED,
                actor=SYSTEM,
                outcome=Outcome.SUCCESS if whole else Outcome.SERIOUS if ending == Ending.HOUSE else Outcome.MINOR,
                reason=ending.value,
                entity=gateway.ref,
                extra={name: str(value) for name, value in counted.items()},
            )
    log.info("eoj.pull gateway=%s ending=%s %s", gateway.pk, ending.value, counted)
    return ending
