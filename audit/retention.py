"""Drops whole months of the log when their time is up: sealed ones, that nobody holds back (ADR 0033)."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg.errors import LockNotAvailable

from audit import holds
from audit.actions import Action
from audit.minlog import outbox
from audit.partitions import Partition, lock, month, partitions
from audit.record import SYSTEM, record

# Ids are in the order of time, in the leaves' index too: only this month's stretch of it is read.
SEALED = """
SELECT count(*), count(l.event_id), count(*) FILTER (WHERE l.leaf_index >= %(size)s)
FROM {partition} e LEFT JOIN audit_leaf l ON l.event_id = e.id AND l.recorded = e.recorded
    AND l.event_id >= (SELECT id FROM {partition} ORDER BY id LIMIT 1)
    AND l.event_id <= (SELECT id FROM {partition} ORDER BY id DESC LIMIT 1)
"""
PAUSE = timedelta(days=31)
# Checkpoints are five seconds apart at the least: so many reach back a month and more.
GAPS = """
SELECT max(gap) FROM (
    SELECT signed_at, signed_at - lag(signed_at) OVER (ORDER BY size) AS gap FROM (
        SELECT size, signed_at FROM audit_checkpoint WHERE size <= %(size)s ORDER BY size DESC LIMIT 600000
    ) AS newest WHERE signed_at <= %(at)s
) AS neighbours WHERE signed_at >= %(at)s - interval '31 days'
"""


class Head(NamedTuple):
    """The newest signed checkpoint."""

    size: int
    signed_at: datetime


class Busy(Exception):
    """Somebody reads or writes the log without pause; another run will find it free."""


@dataclass(frozen=True)
class Judged:
    """An old partition: how many rows, how many of them no checkpoint covers, and whether a month of it is held."""

    partition: Partition
    rows: int
    unsealed: int
    held: bool
    taken: bool
    """Whether a partition of this name has been dropped before: a clock was wrong, and somebody must look."""

    @property
    def may_go(self) -> bool:
        return not (self.unsealed or self.held or self.taken)


def head(connection: BaseDatabaseWrapper) -> Head | None:
    """The newest checkpoint, None when nothing is sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, signed_at FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
        row = cursor.fetchone()
    return Head(row[0], row[1].astimezone(UTC)) if row else None


def old(connection: BaseDatabaseWrapper, now: datetime) -> list[Partition]:
    """The partitions whose time is up, oldest first.

    Age is counted from the newest checkpoint when that is older than `now`: a clock that runs ahead drops nothing.
    """
    newest = head(connection)
    until = month(min(now, newest.signed_at) if newest else now, -12 * settings.AUDIT_KEEP_YEARS)
    return [partition for partition in partitions(connection) if partition.end <= until]


def paused(connection: BaseDatabaseWrapper, now: datetime) -> bool:
    """Whether the log was last signed more than a month ago, or after a silence of more than a month.

    The machine whose clock is wrong signs the checkpoints too. A clock that jumps years ahead leaves such a silence
    before the first that it signs, and a month must pass before those can be believed.
    """
    newest = head(connection)
    if newest is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(GAPS, {"size": newest.size, "at": newest.signed_at})
        gap = cursor.fetchone()[0]
    return now - newest.signed_at > PAUSE or (gap is not None and gap > PAUSE)


def judged(connection: BaseDatabaseWrapper, partition: Partition) -> Judged:
    """What stands in the way of dropping it; reads the whole partition, unless it is held."""
    newest = head(connection)
    with connection.cursor() as cursor:
        return _judged(cursor, partition, newest.size if newest else 0)


def drop(connection: BaseDatabaseWrapper, partition: Partition, now: datetime) -> Judged:
    """Drop it if it may go, with its tombstone and its event, in one transaction; raises Busy.

    The long look comes first and leaves no trace: until the event is written the transaction has no number, so it
    keeps no row from being sealed. Writers wait only from the drop to the commit.
    """
    newest = head(connection)
    size = newest.size if newest else 0
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '800ms'")
            cursor.execute(f"LOCK TABLE {partition.name} IN SHARE MODE")  # no row comes in after the look
            found = _judged(cursor, partition, size)
            lock(cursor)  # from here on nobody can hold it back
            found = replace(found, held=bool(holds.held(connection, partition.start, partition.end)))
            if not found.may_go:
                return found
            _bury(cursor, found, size, now)
            _note(connection, found, size)
            cursor.execute(f"DROP TABLE {partition.name}")
            outbox.forget(connection, partition.start, partition.end)
            return found
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise Busy(partition.name) from error


def _judged(cursor: CursorWrapper, partition: Partition, size: int) -> Judged:
    if holds.held(cursor.db, partition.start, partition.end):
        return Judged(partition, 0, 0, held=True, taken=False)
    cursor.execute("SELECT EXISTS (SELECT FROM audit_dropped WHERE partition = %s)", [partition.name])
    taken = bool(cursor.fetchone()[0])
    cursor.execute(SEALED.format(partition=partition.name), {"size": size})
    rows, leaves, above = cursor.fetchone()
    return Judged(partition, rows, rows - leaves + above, held=False, taken=taken)


def _bury(cursor: CursorWrapper, found: Judged, size: int, now: datetime) -> None:
    cursor.execute(
        'INSERT INTO audit_dropped (partition, start, "end", rows, last_size, dropped_at)'
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [found.partition.name, found.partition.start, found.partition.end, found.rows, size, now],
    )


def _note(connection: BaseDatabaseWrapper, found: Judged, size: int) -> None:
    partition = found.partition
    told = {"from": f"{partition.start:%Y-%m-%d}", "to": f"{partition.end:%Y-%m-%d}"}
    # Grouped: ten digits in a row would be taken for a CPR number.
    told |= {"rows": f"{found.rows:_}", "checkpoint": f"{size:_}"}
    record(
        Action.AUDIT_DROPPED,
        actor=SYSTEM,
        entity=f"AuditPartition/{partition.name}",
        extra=told,
        using=connection.alias,
    )
