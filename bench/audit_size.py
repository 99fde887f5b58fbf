"""The audit at size: inserts with 20 million rows against an empty twin, and who saw one citizen in 24 months."""

import json
import os
import shutil
import statistics
import sys
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import psycopg

from bench.measure import Result, percentile
from demo import postgres
from demo.running import Running

MONTHS, PATIENTS, BATCH = 24, 400_000, 1_000_000
TOTAL = int(os.environ.get("SJ_BENCH_ROWS") or 20_000_000)
SMALL = min(1_000_000, TOTAL)
BYTES = 700
"""What one of these rows takes on disk with its indexes and the log that is written ahead while it is loaded."""
ROWS = """
INSERT INTO {table} (id, recorded, action, type, subtype, crud, outcome, reason, actor_kind, actor_issuer,
    actor_subject, actor_ref, actor_role, actor_organisation, actor_network, patient_ref, entity, context, correlation,
    purpose, request_id, salt, event)
SELECT gen_random_uuid(), %(begin)s::timestamptz + (n %% 2400000) * interval '1 second', 'ekg_folder.viewed', 'rest',
    '{{search-type}}', 'E', 0, '', 'user', 'demo-epj', 'holm', md5((n %% 5000)::text)::uuid, '', '', '',
    md5('p' || (n * 7919 %% {patients}))::uuid, '', md5((n / 5)::text), '', 'TREAT', md5(n::text),
    decode(md5(n::text), 'hex'), '{{}}'
FROM generate_series(%(first)s::bigint, %(first)s::bigint + %(count)s - 1) AS n
"""


def _partition(owner: "psycopg.Connection[Any]", table: str, month: datetime) -> str:
    following = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
    name = f"{table}_b{month:%Y%m}"
    bounds = f"FROM ('{month:%Y-%m-%d}') TO ('{following:%Y-%m-%d}')"
    owner.execute(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} FOR VALUES {bounds}")
    return name


def _twin(owner: "psycopg.Connection[Any]", table: str) -> None:
    """A table of the same shape, indexes and triggers, which the benchmark may drop."""
    owner.execute(f"CREATE TABLE {table} (LIKE audit_event INCLUDING ALL) PARTITION BY RANGE (recorded)")
    for when in ("ROW", "STATEMENT"):
        what = "UPDATE OR DELETE" if when == "ROW" else "UPDATE OR DELETE OR TRUNCATE"
        rule = f"BEFORE {what} ON {table} FOR EACH {when} EXECUTE FUNCTION audit_event_refuse()"
        owner.execute(f"CREATE TRIGGER refuse_{when} {rule}")
    owner.execute(f"GRANT SELECT, INSERT ON {table} TO sj_app")


def _months() -> list[datetime]:
    now = datetime.now(UTC)
    counted = [now.year * 12 + now.month - 1 - back for back in reversed(range(MONTHS))]
    return [datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in counted]


def _load(owner: "psycopg.Connection[Any]", table: str, total: int) -> None:
    per_month = total // MONTHS
    for number, month in enumerate(_months()):
        _partition(owner, table, month)
        for first in range(0, per_month, BATCH):
            count = min(BATCH, per_month - first)
            values = {"begin": month, "first": number * per_month + first, "count": count}
            owner.execute(ROWS.format(table=table, patients=PATIENTS), values)
        print(f"  {table}: {(number + 1) * per_month:,} rows", file=sys.stderr, flush=True)
    owner.execute(f"ANALYZE {table}")


def _insert(app: "psycopg.Connection[Any]", table: str, count: int = 400) -> float:
    """Milliseconds for one durable row of the shape that `audit.record` writes, one transaction each."""
    from audit.record import INSERT

    sql, now = INSERT.replace("audit_event", table), datetime.now(UTC)
    event = json.dumps({"resourceType": "AuditEvent", "filler": "x" * 900})
    began = time.perf_counter()
    for _ in range(count):
        row = (
            uuid.uuid4(), now, "ekg_folder.viewed", "rest", ["search-type"], "E", 0, "", "user", "demo-epj", "holm",
            uuid.uuid4(), "", "", "", uuid.uuid4(), "", "c", "", "TREAT", "r", b"0" * 16, event,
        )  # fmt: skip
        app.execute(sql, row)
    return (time.perf_counter() - began) * 1000 / count


def _who_saw(app: "psycopg.Connection[Any]", table: str, looks: int = 2000) -> list[float]:
    """Milliseconds to read what one citizen's log shows, a different citizen each time."""
    times = []
    for number in range(looks):
        began = time.perf_counter()
        app.execute(
            f"SELECT id, recorded, action, actor_subject FROM {table} WHERE patient_ref = md5('p' || %s)::uuid"
            " ORDER BY recorded DESC LIMIT 200",
            (number * 97 % PATIENTS,),
        ).fetchall()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _room(demo: Running, rows: int) -> None:
    """Say what disk it takes, and stop before a full one does."""
    need, free = rows * BYTES, shutil.disk_usage(demo.at.var).free
    print(
        f"  {rows:,} rows need {need / 1e9:.1f} GB of disk; {free / 1e9:.1f} GB are free.", file=sys.stderr, flush=True
    )
    if free < need:
        raise SystemExit("Not enough disk: SJ_BENCH_ROWS=2000000 asks for less, and answers less.")


def audit_at_size(demo: Running, total: int = TOTAL) -> list[Result]:
    """audit_20m (warm and right after a checkpoint) and who_saw, in tables of the same shape as the product's.

    With fewer rows (SJ_BENCH_ROWS) the lines bear their number, and leave those of the whole size alone.
    """
    _room(demo, total + SMALL)
    name_of_size = "" if total >= 20_000_000 else f"_of_{total}"
    urls = json.loads((demo.at.var / "postgres.urls").read_text())
    with psycopg.connect(urls["owner"], autocommit=True) as owner, psycopg.connect(urls["app"], autocommit=True) as app:
        owner.execute("SET statement_timeout = 0")
        for table, rows in (("bench_small", SMALL), ("bench_big", total), ("bench_empty", 0)):
            _twin(owner, table)
            _load(owner, table, rows)
        owner.execute("VACUUM (ANALYZE) bench_big")
        size = "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'bench_big'::regclass"
        taken = owner.execute(size).fetchone()
        print(f"  bench_big takes {float(taken[0]) / 1e9:.2f} GB.", file=sys.stderr, flush=True)  # type: ignore[index]
        results = []
        for name, before in (("audit_20m", ""), ("audit_20m_checkpoint", "CHECKPOINT")):
            pairs = []
            for _ in range(9):
                for table in ("bench_empty", "bench_big"):
                    if before:
                        postgres.superuser(demo.at.var, before)
                    pairs.append(_insert(app, table))
            floors, ours = pairs[0::2], pairs[1::2]
            ratios = tuple(mine / floor for mine, floor in zip(ours, floors, strict=True))
            results.append(
                Result(
                    name + name_of_size, "ms/row", statistics.median(floors), statistics.median(ours), ratios, "<= 1.2"
                )
            )
        small, big = _who_saw(app, "bench_small"), _who_saw(app, "bench_big")
        small, big = _who_saw(app, "bench_small"), _who_saw(app, "bench_big")
        ratio = percentile(big, 50) / percentile(small, 50)
        unit = f"ms p50 (p99 {percentile(big, 99):.2g})"
        middles = percentile(small, 50), percentile(big, 50)
        results.append(Result("who_saw" + name_of_size, unit, *middles, (ratio,), "<= 2, p99 <= 5"))
        for table in ("bench_small", "bench_big", "bench_empty"):
            owner.execute(f"DROP TABLE {table}")
        return results
