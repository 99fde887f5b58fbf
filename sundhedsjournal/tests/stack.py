"""What the fault tests ask of a running demo: its rows, as the app role sees them."""

import json
import time
from collections.abc import Callable
from typing import Any

import psycopg

from demo.running import Running


def connect(demo: Running, role: str = "app") -> "psycopg.Connection[Any]":
    """A connection of one role; the caller closes it."""
    urls = json.loads((demo.at.var / "postgres.urls").read_text())
    return psycopg.connect(urls[role], autocommit=True, connect_timeout=5)


def ask(demo: Running, sql: str, *values: Any) -> list[Any]:
    """Rows of one query."""
    with connect(demo) as connection:
        return connection.execute(sql, values).fetchall()


def count(demo: Running, sql: str, *values: Any) -> int:
    """The single number a query gives."""
    return int(ask(demo, sql, *values)[0][0])


def eventually(what: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is true; a test that waits in vain fails here."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
