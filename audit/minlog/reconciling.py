"""Whether every look is accounted for: the log of events against the queue, for each kind of source and day (UTC)."""

import contextlib
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from audit.minlog.payload import ACTIVITIES, PURPOSES, Source
from audit.minlog.table import MinLogRow

State = MinLogRow.State
NAMED = 20
"""Events that are named when they lack a row; of more there is only the number."""
READS = """
SELECT e.action, e.id, o.event_id IS NULL AS lacks FROM audit_event e LEFT JOIN minlog_outbox o ON o.event_id = e.id
WHERE e.recorded >= %(start)s AND e.recorded < %(end)s AND e.id >= %(first)s AND e.id < %(last)s
  AND e.action = ANY(%(actions)s) AND e.purpose = ANY(%(purposes)s) AND e.outcome = 0
"""
"""Ids begin with the time, so a day is a piece of each table's primary key."""
READ = f"SELECT action, count(*), count(*) FILTER (WHERE lacks) FROM ({READS}) r GROUP BY action"  # noqa: S608
LACKING = f"SELECT id FROM ({READS}) r WHERE lacks ORDER BY id LIMIT {NAMED}"  # noqa: S608 likewise
ROWS = """
SELECT source, state, count(*) FROM minlog_outbox WHERE event_id >= %(first)s AND event_id < %(last)s GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Account:
    """One kind of source on one day."""

    day: date
    source: Source
    reads: int
    """Looks in the log of events."""
    missing: int
    """Of them without a row in the queue."""
    states: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        return sum(self.states.values())

    @property
    def balances(self) -> bool:
        return self.reads == self.rows and not self.missing


def accounts(day: date) -> list[Account]:
    """Reads = acked + pending + suppressed + dead, where what is being sent counts as pending."""
    read, missing, states = Counter[str](), Counter[str](), {source.value: Counter[str]() for source in Source}
    with _patient() as cursor:
        cursor.execute(READ, _asked(day))
        for action, count, lacking in cursor.fetchall():
            source = ACTIVITIES[action][0]
            read[source] += count
            missing[source] += lacking
        cursor.execute(ROWS, _asked(day))
        for source, state, count in cursor.fetchall():
            waits = state == State.SENDING
            states.setdefault(source, Counter())[State.PENDING.value if waits else state] += count
    return [Account(day, source, read[source], missing[source], states[source]) for source in Source]


def unaccounted(day: date) -> list[uuid.UUID]:
    """The first events of the day that lack a row."""
    with _patient() as cursor:
        cursor.execute(LACKING, _asked(day))
        return [key for (key,) in cursor.fetchall()]


def days(last: date, count: int) -> Iterator[date]:
    """So many days up to the last, the oldest first."""
    return (last - timedelta(days=back) for back in range(count - 1, -1, -1))


@contextlib.contextmanager
def _patient() -> Iterator[CursorWrapper]:
    """A day of a whole region takes longer than the five seconds that a page may."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '15min'")
        yield cursor


def _asked(day: date) -> dict[str, Any]:
    start = datetime.combine(day, time(), UTC)
    end = start + timedelta(days=1)
    first, last = (uuid.UUID(int=int(moment.timestamp() * 1000) << 80) for moment in (start, end))
    actions, purposes = list(ACTIVITIES), list(PURPOSES)
    return {"start": start, "end": end, "first": first, "last": last, "actions": actions, "purposes": purposes}
