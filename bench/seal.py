"""Sealing: CPU per event against sha256 of the same event, and how far behind the sequencer is at 500 a second."""

import hashlib
import json
import os
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import psycopg
from psycopg.rows import dict_row

from bench.measure import Result, paired, percentile
from demo.running import Running

EVENTS, RATE = 4000, 500
SECONDS = int(os.environ.get("SJ_BENCH_SECONDS") or 60)
ROW = """
INSERT INTO audit_event (id, recorded, action, type, subtype, crud, outcome, reason, actor_kind, actor_issuer,
  actor_subject, actor_ref, actor_role, actor_organisation, actor_network, patient_ref, entity, context, correlation,
  purpose, request_id, salt, event)
SELECT gen_random_uuid(), clock_timestamp(), action, type, subtype, crud, outcome, reason, actor_kind, actor_issuer,
  actor_subject, actor_ref, actor_role, actor_organisation, actor_network, patient_ref, entity, context, correlation,
  purpose, request_id, salt, event FROM audit_event WHERE id = %s RETURNING id"""
"""One more event like a real one."""


def seal(demo: Running) -> list[Result]:
    """seal_cpu with reading and canonical JSON apart, seal_all with them, seal_lag of the running sequencer."""
    urls = json.loads((demo.at.var / "postgres.urls").read_text())
    with psycopg.connect(urls["app"], autocommit=True) as app:
        row = app.execute(
            "SELECT id FROM audit_event WHERE action LIKE 'ekg%' ORDER BY recorded DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    return [*_cpu(urls["app"], row[0]), _lag(urls["app"], row[0])]


class _Tree:
    """A tree of the benchmark's own in temporary tables: the log's is sealed once, and by another process."""

    def __init__(self, url: str, like: uuid.UUID) -> None:
        from audit.sealing import store

        self.connection = store.connect_to({"conninfo": url})
        row = self._rows("SELECT * FROM audit_event WHERE id = %s", like)[0]
        self.connection.execute("CREATE TEMPORARY TABLE audit_event (LIKE public.audit_event)")
        for table in ("audit_leaf", "audit_tile", "audit_checkpoint"):
            self.connection.execute(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING ALL)")
        copies = (
            "INSERT INTO audit_event SELECT (jsonb_populate_record(NULL::audit_event, to_jsonb(e) ||"
            " jsonb_build_object('id', gen_random_uuid(), 'recorded', e.recorded + n * interval '1 ms'))).*"
            f" FROM (SELECT {', '.join(row)} FROM public.audit_event WHERE id = %s) e, generate_series(1, %s) n"
        )
        self.connection.execute(copies, (like, EVENTS))
        self.rows = self._rows("SELECT * FROM audit_event")

    def _rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with self.connection.cursor(row_factory=dict_row, binary=True) as cursor:
            return cursor.execute(sql, values).fetchall()

    def emptied(self) -> None:
        self.connection.execute("TRUNCATE audit_leaf, audit_tile")


def _cpu(url: str, like: uuid.UUID) -> list[Result]:
    from audit.merkle import leaf_hash
    from audit.sealing import store
    from audit.sealing.sequencer import Sequencer

    tree = _Tree(url, like)
    store.collect_seldom()  # as in the process that seals
    written = {id(row): store.data_of(row) for row in tree.rows}

    def floor() -> float:
        began = time.process_time()
        for each in written.values():
            hashlib.sha256(each).digest()
        return (time.process_time() - began) * 1e6 / EVENTS

    def started() -> Sequencer:
        tree.emptied()
        one = Sequencer(tree.connection)
        one._perhaps_known = 0  # as it is a moment after its start
        return one

    def apart() -> float:
        """Leaves, tree, tiles and their rows; what was read and made canonical lies ready."""
        one = started()
        with mock.patch.object(store, "hash_of", lambda row: leaf_hash(written[id(row)])):
            began = time.process_time()
            with tree.connection.transaction():
                one._append(tree.rows, check=False)
            return (time.process_time() - began) * 1e6 / EVENTS

    def everything() -> float:
        one = started()
        began = time.process_time()
        one._batch(1 << 62)
        took = (time.process_time() - began) * 1e6 / EVENTS
        assert one.size == EVENTS
        return took

    results = [
        paired("seal_cpu", "µs CPU/event", apart, floor, "<= 4"),
        paired("seal_all", "µs CPU/event, with reading and JSON", everything, floor, "-"),
    ]
    tree.connection.close()
    return results


def _lag(url: str, like: uuid.UUID) -> Result:
    """From the commit of an event until its leaf is there, looked for twenty times a second."""
    committed: dict[uuid.UUID, float] = {}
    lags: list[float] = []
    stop = threading.Event()

    def write(number: int, of: int = 4) -> None:
        with psycopg.connect(url, autocommit=True) as own:
            began = time.perf_counter()
            for turn in range(SECONDS * RATE // of):
                time.sleep(max(0.0, began + turn * of / RATE - time.perf_counter()))
                key = own.execute(ROW, (like,)).fetchone()[0]  # type: ignore[index]
                committed[key] = time.perf_counter()

    def look() -> None:
        with psycopg.connect(url, autocommit=True) as own:
            last = own.execute("SELECT coalesce(max(leaf_index), -1) FROM audit_leaf").fetchone()[0]  # type: ignore[index]
            while not stop.is_set() or len(lags) < len(committed):
                asked = "SELECT leaf_index, event_id FROM audit_leaf WHERE leaf_index > %s ORDER BY leaf_index"
                found, now = own.execute(asked, (last,)).fetchall(), time.perf_counter()
                for index, key in found:
                    last = index
                    if key in committed:
                        lags.append(now - committed[key])
                time.sleep(0.05)

    looking = threading.Thread(target=look)
    looking.start()
    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    began = time.perf_counter()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    rate = len(committed) / (time.perf_counter() - began)
    deadline = time.perf_counter() + 30
    while len(lags) < len(committed) * 0.99 and time.perf_counter() < deadline:
        time.sleep(0.1)
    stop.set()
    looking.join(5)
    middle, high = percentile(lags, 50), percentile(lags, 95)
    assert len(lags) >= len(committed) * 0.99, datetime.now(UTC)
    return Result("seal_lag", f"s p50 | p95 at {rate:.0f} events/s", middle, high, (high,), "p95 <= 1")
