"""What is stored of the tree, over a connection of its own: Django's statements may last five seconds only."""

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import psycopg
from django.db import connections
from psycopg.types.json import set_json_loads

from audit import tiles
from audit.leaf import canonical, leaf_data
from audit.merkle import HashAt, leaf_hash

Connection = psycopg.Connection[Any]
LATEST = "SELECT size, root, note, signed_at, settled FROM audit_checkpoint ORDER BY size DESC LIMIT 1"
LEAVES = "SELECT leaf_hash FROM audit_leaf WHERE leaf_index >= %s AND leaf_index < %s ORDER BY leaf_index"


@dataclass(frozen=True)
class Signed:
    """A checkpoint as it is stored."""

    size: int
    root: bytes
    note: str
    signed_at: datetime
    settled: int


def address(alias: str) -> dict[str, Any]:
    """Where the database of this alias is, and as whom."""
    told = connections[alias].settings_dict
    named = {"host": told["HOST"], "port": told["PORT"], "user": told["USER"], "password": told["PASSWORD"]}
    return {key: value for key, value in named.items() if value} | {"dbname": told["NAME"]}


def connect(alias: str) -> Connection:
    """A connection as the role of this alias."""
    return connect_to(address(alias))


def connect_to(where: dict[str, Any]) -> Connection:
    """A connection in UTC. JSON stays text until its own row is looked at: PostgreSQL takes what orjson does not."""
    options = "-c timezone=UTC -c synchronous_commit=on -c lock_timeout=5000"
    connection = psycopg.connect(**where, autocommit=True, options=options, connect_timeout=3)
    set_json_loads(_text, connection)
    return connection


def hash_at(connection: Connection) -> HashAt:
    """The stored tree to ask; it remembers what it has read."""

    def tile(level: int, n: int) -> bytes | None:
        row = connection.execute("SELECT bytes FROM audit_tile WHERE level = %s AND n = %s", (level, n)).fetchone()
        return row[0] if row else None

    def leaves(first: int, last: int) -> Sequence[bytes]:
        return [row[0] for row in connection.execute(LEAVES, (first, last))]

    return tiles.reader(tile, leaves)


def size(connection: Connection) -> int:
    """How many leaves there are."""
    return int(_one(connection, "SELECT coalesce(max(leaf_index) + 1, 0) FROM audit_leaf"))


def latest(connection: Connection) -> Signed | None:
    """The newest checkpoint."""
    row = connection.execute(LATEST).fetchone()
    return Signed(*row) if row else None


def at(connection: Connection, size: int) -> Signed | None:
    """The checkpoint of this size."""
    asked = "SELECT size, root, note, signed_at, settled FROM audit_checkpoint WHERE size = %s"
    row = connection.execute(asked, (size,)).fetchone()
    return Signed(*row) if row else None


def count(connection: Connection, most: int) -> int:
    """How many checkpoints there are, counted to so many."""
    row = connection.execute("SELECT count(*) FROM (SELECT FROM audit_checkpoint LIMIT %s) few", (most,)).fetchone()
    return int(row[0]) if row else 0


def after(connection: Connection, size: int, limit: int = 1000) -> list[Signed]:
    """The checkpoints larger than this size, the smallest first."""
    asked = "SELECT size, root, note, signed_at, settled FROM audit_checkpoint WHERE size > %s ORDER BY size LIMIT %s"
    return [Signed(*row) for row in connection.execute(asked, (size, limit))]


def origin(note: str) -> str:
    """Which log a note is of: another one when a new log was begun in the same database."""
    return note.partition("\n")[0]


def hash_of(row: dict[str, Any]) -> bytes:
    """The leaf hash of a row of audit_event; ValueError for a row that has no one form."""
    return leaf_hash(data_of(row))


def data_of(row: dict[str, Any]) -> bytes:
    """What that hash is taken over; ValueError likewise."""
    return leaf_data(row["salt"], canonical(row | {"event": orjson.loads(row["event"])}))


def collect_seldom() -> None:
    """For a process that reads rows by the thousand: what it makes has no cycles, and looking for them costs it thrice
    the processor time of all the rest.
    """
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def _text(stored: str | bytes) -> str | bytes:
    return stored


def _one(connection: Connection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]
