"""The queue itself: pending → sending → acked, or back with a later time, and dead after a week.

A row is taken with a lease, its time moved ahead: who takes it and dies gives it back by that. What is written after a
call goes by the attempt that was taken, so that somebody who comes too late changes nothing; an acknowledgement alone
is true whoever brings it.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, QuerySet
from django.utils import timezone

from audit.minlog.table import MinLogRow

FIRST, LAST = timedelta(minutes=1), timedelta(hours=6)
"""How long to wait after the first attempt that failed; doubled each time, at most the other."""
GIVEN_UP, TRIES = timedelta(days=7), 10
"""After how long, and after how many tries of its own: a row that waited for others, or an address, gets its turn."""
KEPT = timedelta(days=30)
"""How long an acknowledged row holds what was told."""
WIPED_AT_ONCE = 500
State = MinLogRow.State
EMPTY: dict[str, Any] = {"key_id": "", "patient_cpr_enc": None, "payload_enc": None}
LET_GO = {"state": State.SUPPRESSED, "reason": "by-setting", **EMPTY}

TAKE = """
UPDATE minlog_outbox SET state = 'sending', attempts = attempts + 1, next_try = %(until)s
WHERE event_id IN (
  SELECT event_id FROM minlog_outbox WHERE state IN ('pending', 'sending') AND next_try <= %(now)s
  ORDER BY next_try LIMIT %(most)s FOR UPDATE SKIP LOCKED)
RETURNING event_id, source, attempts, since, key_id, patient_cpr_enc, payload_enc
"""
WIPE = """
UPDATE minlog_outbox SET patient_cpr_enc = NULL, payload_enc = NULL, key_id = ''
WHERE event_id IN (
  SELECT event_id FROM minlog_outbox WHERE state = 'acked' AND payload_enc IS NOT NULL AND acked_at <= %(before)s
  ORDER BY acked_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""


class Taken(NamedTuple):
    """A row that is ours for the time of the lease."""

    event_id: UUID
    source: str
    attempts: int
    since: datetime
    key_id: str
    cpr: bytes
    payload: bytes


def take(most: int, lease: timedelta) -> list[Taken]:
    """The oldest that are due, committed as taken; of two who come at once each gets others."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"now": now, "until": now + lease, "most": most})
        return sorted((Taken(*row) for row in cursor.fetchall()), key=lambda row: row.event_id)


def acked(row: Taken, reference: str) -> None:
    """MinLog has it."""
    _rows(row).exclude(state=State.ACKED).update(
        state=State.ACKED, acked_at=timezone.now(), ack_ref=reference, reason=""
    )


def failed(row: Taken, code: str) -> bool:
    """It comes again later, or never: whether it was given up."""
    now = timezone.now()
    given_up = now - row.since >= GIVEN_UP and row.attempts >= TRIES
    wait = min(FIRST * 2 ** min(row.attempts - 1, 16), LAST)
    _ours(row).update(state=State.DEAD if given_up else State.PENDING, next_try=now + wait, reason=code)
    return given_up


def untried(rows: Iterable[Taken]) -> None:
    """They were taken, and nobody came to try them: as before, a minute later."""
    for row in rows:
        _ours(row).update(state=State.PENDING, attempts=F("attempts") - 1, next_try=timezone.now() + FIRST)


def let_go(row: Taken) -> None:
    """Somebody else registers it by now, or nobody: what it held goes with it."""
    _ours(row).update(**LET_GO)


def let_all_go(sources: Collection[str]) -> int:
    """The same for all of these sources that wait; how many there were."""
    return MinLogRow.objects.filter(state=State.PENDING, source__in=sources).update(**LET_GO)


def again(event_id: UUID) -> bool:
    """Put one that was given up in the queue once more, for another week; whether it was."""
    now = timezone.now()
    dead = MinLogRow.objects.filter(pk=event_id, state=State.DEAD)
    return bool(dead.update(state=State.PENDING, attempts=0, since=now, next_try=now))


def wipe() -> int:
    """Empty what has been acknowledged long ago; the row and its event stay."""
    with connection.cursor() as cursor:
        cursor.execute(WIPE, {"before": timezone.now() - KEPT, "most": WIPED_AT_ONCE})
        return int(cursor.rowcount)


def forget(connection: BaseDatabaseWrapper, start: datetime, end: datetime) -> int:
    """Remove, as the owner, the rows of a time whose events the log itself lets go of; how many there were."""
    first, last = (UUID(int=int(moment.timestamp() * 1000) << 80) for moment in (start, end))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM minlog_outbox WHERE event_id >= %s AND event_id < %s", [first, last])
        return int(cursor.rowcount)


def _rows(row: Taken) -> QuerySet[MinLogRow]:
    return MinLogRow.objects.filter(pk=row.event_id)


def _ours(row: Taken) -> QuerySet[MinLogRow]:
    return _rows(row).filter(state=State.SENDING, attempts=row.attempts)
