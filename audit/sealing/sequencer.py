"""Gives every committed row of the log its leaf: dense numbers, in the order of time, by one process at a time (I3).

What is read is decided by transactions, never by time: each row carries the transaction that wrote it, and every
transaction below a snapshot's xmin has ended. So the sequencer keeps one place, reads on from there through an index,
and misses neither a row that was committed late nor one that a wrong clock put into another month.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import itemgetter
from typing import Any

import psycopg
from psycopg.rows import dict_row

from audit.sealing import store
from audit.sealing.store import Connection
from audit.tiles import Edge

log = logging.getLogger("audit.sealing")

BATCH = 5000
PLACE = itemgetter("recorded", "id")
LAST_ID = uuid.UUID(int=(1 << 128) - 1)
NO_LIMIT = (1 << 63) - 1
LOCK = "SELECT pg_try_advisory_lock(hashtext('audit sequencer'))"
HOLDER = """
SELECT pid, usename FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND (classid::bigint << 32 | objid::bigint) = hashtext('audit sequencer')"""
XMIN = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
XMAX = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
WAITING = """
SELECT * FROM audit_event WHERE (txid, id) > (%s, %s) AND txid < %s ORDER BY txid, id LIMIT %s"""
KNOWN = "SELECT event_id, recorded FROM audit_leaf WHERE event_id = ANY(%s)"
LEAVES = "COPY audit_leaf (leaf_index, event_id, recorded, leaf_hash) FROM STDIN (FORMAT BINARY)"
TILE = "INSERT INTO audit_tile (level, n, bytes) VALUES (%s, %s, %s)"


class AnotherRuns(Exception):
    """Somebody else holds the lock: the message says which process of the database, and as which role."""


def lock(connection: Connection) -> None:
    """Be the one that appends, as long as the connection lasts; AnotherRuns when somebody is."""
    if not _number(connection, LOCK):
        held = connection.execute(HOLDER).fetchone()
        raise AnotherRuns("process {} as role {}".format(*held) if held else "a process that has just ended")


class Sequencer:
    """The one that appends. After an error it is thrown away: a new one reads from the database where things stand."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.hash_at = store.hash_at(connection)
        self.edge = Edge(store.size(connection), self.hash_at)
        signed = store.latest(connection)
        self._place = ((signed.settled if signed else 0) - 1, LAST_ID)
        # Rows below this may have a leaf already; above it only this process can have given them one.
        self._perhaps_known = self._highest()
        if signed and _number(connection, XMIN) < signed.settled:
            self._sweep()

    @property
    def size(self) -> int:
        return self.edge.size

    @property
    def settled(self) -> int:
        """Every row with a lower txid is in the tree."""
        txid, key = self._place
        return txid + 1 if key == LAST_ID else txid

    def turn(self) -> int:
        """Seal one batch of what is waiting, in one transaction; returns how many rows were read."""
        ended = _number(self.connection, XMIN)
        if self._place >= (ended - 1, LAST_ID):
            return 0
        return self._batch(ended)

    def _batch(self, below: int) -> int:
        try:
            rows = self._sealed(below, check=self._place[0] < self._perhaps_known)
        except psycopg.errors.UniqueViolation:
            self._again()  # a row that repeats the id of one that has a leaf
            rows = self._sealed(below, check=True)
        if len(rows) < BATCH:
            self._place = (below - 1, LAST_ID)
        else:
            self._place = (rows[-1]["txid"], rows[-1]["id"])
        return len(rows)

    def _sealed(self, below: int, *, check: bool) -> list[dict[str, Any]]:
        with self.connection.transaction(), self.connection.cursor(row_factory=dict_row, binary=True) as cursor:
            rows = cursor.execute(WAITING, (*self._place, below, BATCH)).fetchall()
            if rows:
                self._append(rows, check)
        return rows

    def _append(self, rows: list[dict[str, Any]], check: bool) -> None:
        fresh = self._unknown(rows) if check else rows
        leaves = list(_hashed(sorted(fresh, key=PLACE)))
        if not leaves:
            return
        first = self.edge.size
        with self.connection.cursor() as cursor:
            with cursor.copy(LEAVES) as copy:
                copy.set_types(["int8", "uuid", "timestamptz", "bytea"])
                for index, leaf in enumerate(leaves, first):
                    copy.write_row((index, *leaf))
            if full := self.edge.append(leaf for _id, _recorded, leaf in leaves):
                cursor.executemany(TILE, full)

    def _unknown(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those without a leaf; of several with one id, the one that came first."""
        fresh = {row["id"]: row for row in reversed(rows)}
        repeated = len(rows) - len(fresh)
        for key, recorded in self.connection.execute(KNOWN, (list(fresh),)):
            repeated += fresh.pop(key)["recorded"] != recorded
        if repeated:
            log.error("%s rows repeat the id of another and cannot be sealed; audit_verify names them", repeated)
        return list(fresh.values())

    def _again(self) -> None:
        self.hash_at = store.hash_at(self.connection)
        self.edge = Edge(store.size(self.connection), self.hash_at)

    def _sweep(self) -> None:
        """After a dump was restored, the server counts transactions from a lower number: look at every row once."""
        log.warning("the server's transactions are counted anew: every row of the log is looked at once")
        # What is written meanwhile gets a number below those already passed: only what had ended before is behind us.
        ended = _number(self.connection, XMIN)
        self._place, self._perhaps_known = (-1, LAST_ID), NO_LIMIT
        while self._batch(NO_LIMIT) == BATCH:
            pass
        self._place, self._perhaps_known = (ended - 1, LAST_ID), self._highest()

    def _highest(self) -> int:
        written = _number(self.connection, "SELECT coalesce(max(txid), 0) FROM audit_event")
        return max(written, _number(self.connection, XMAX)) + 1


def _hashed(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[uuid.UUID, datetime, bytes]]:
    for row in rows:
        try:
            yield row["id"], row["recorded"], store.hash_of(row)
        except ValueError as error:
            # Nothing of ours writes such a row; the others must not wait for it, and audit_verify names it.
            log.error("row %s of the log cannot be sealed: %s", row["id"], error)


def _number(connection: Connection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])
