"""Benchmarks of loading: the load step against COPY of the same rows, the whole way from bytes, and once more."""

import gc
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import orjson
import psycopg

from bench.measure import Result
from demo.running import Running
from samples.population import reports

STEPS = (100_000, 1_000_000)
FLOOR = "CREATE TABLE bench_rows (LIKE eoj_version); GRANT INSERT ON bench_rows TO PUBLIC"


def loading(demo: Running) -> list[Result]:
    """eoj_update at both sizes, eoj_load and eoj_replay beside all those rows."""
    from fhir.models import Sender

    sender = Sender.objects.select_related("issuer").get(subject="demo-sender")
    owner = json.loads((demo.at.var / "postgres.urls").read_text())["owner"]
    with psycopg.connect(owner) as making:
        making.execute(FLOOR)
    return [*update(sender), *again(sender, owner)]


def update(sender: Any) -> Iterator[Result]:
    """Checked reports → tables, a chunk at a time, each beside COPY of its version rows into a bare table."""
    from django.db import transaction

    from eoj import applying
    from eoj.loading import CHUNK, write
    from patients import registry

    done, ours, floor, sizes = 0, 0.0, 0.0, list(STEPS)
    people = reports(1_000_000, 12)
    while sizes:
        found = list(_checked(islice(people, CHUNK)))
        with transaction.atomic():
            patients = registry.patients_for(report.cpr for report in found)
            pairs = list(zip(_deliveries(sender, len(found)), found, strict=True))
        rows = [applying.row(patients[report.cpr], report, item) for report in found for item in report.items]
        floor += _timed(partial(applying.copy, "bench_rows", applying.COLUMNS, rows))
        ours += _timed(partial(write, pairs, patients))
        done += len(rows)
        if done >= sizes[0]:
            name = f"eoj_update_{sizes.pop(0) // 1000}k"
            yield Result(name, "rows/s", done / floor, done / ours, (floor / ours,), ">= 0.40 (1000k: 0.30)")


def again(sender: Any, owner: str) -> Iterator[Result]:
    """Some 100,000 resources from their bytes, checked; and the same bytes once more, with the log that writes."""
    from eoj import applying
    from eoj.loading import load
    from patients import registry

    raws = [orjson.dumps(each) for each in reports(4_800, 13)]
    found = list(_checked(map(orjson.loads, raws)))
    patients = registry.patients_for(report.cpr for report in found)
    rows = [applying.row(patients[report.cpr], report, item) for report in found for item in report.items]
    floor = _timed(lambda: applying.copy("bench_rows", applying.COLUMNS, rows))
    del found
    gc.collect()
    first = _timed(lambda: list(load(raws, sender)))
    with psycopg.connect(owner) as asking:
        before = asking.execute("SELECT pg_current_wal_lsn()").fetchone()
        second = _timed(lambda: list(load(raws, sender)))
        wal = asking.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", before).fetchone()
    assert wal is not None
    count = len(rows)
    yield Result("eoj_load", "resources/s", count / floor, count / first, (floor / first,), "from bytes, checked")
    yield Result("eoj_replay", "rows/s", count / floor, count / second, (floor / second,), ">= 0.55, from bytes")
    yield Result("eoj_replay_wal", "B WAL a row", 100, float(wal[0]) / count, (float(wal[0]) / count / 100,), "<= 1")


def _checked(trees: Iterator[dict[str, Any]]) -> Iterator[Any]:
    from eoj.report import read
    from terminology.fsiii import shipped

    for tree in trees:
        yield read(tree, shipped()).document


def _deliveries(sender: Any, count: int) -> list[Any]:
    """What the reports came with; not part of the load step."""
    from django.utils import timezone
    from uuid_utils.compat import uuid7

    from fhir.models import Delivery

    now = timezone.now()
    said = {"sender": sender, "size": 1, "content_type": "application/fhir+json", "door": "report", "kind": "eoj"}
    said |= {"state": "stored", "handling": "accepted", "status": 200, "answer": "{}", "received_at": now}
    made = [Delivery(pk=(pk := uuid7()), sha256=f"{pk.int:064x}", stored_at=now, **said) for _ in range(count)]
    return Delivery.objects.bulk_create(made)


def _timed(do: Callable[[], object]) -> float:
    from django.db import transaction

    began = time.perf_counter()
    with transaction.atomic():
        do()
    return time.perf_counter() - began
