"""Benchmarks of receiving: durable accept, CPU from door to stored, and the time until a document is in the folder."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import cycle, islice

import httpx

from bench.floors import read_and_hash
from bench.measure import Result, cpu, paired, percentile
from bench.servers import floor_server
from demo.clients import SAMPLES, Clinician, Sender, variation
from demo.running import Running, running_demo
from samples.personas import PATIENTS

SAMPLE = SAMPLES / "ekg" / "ingrid-2019-10-14-scanned.json"  # 313 kB, the size of a usual document
CLIENTS = 8
CITIZENS = cycle(patient.cpr for patient in PATIENTS.values())


def _rate(post: Callable[[bytes], httpx.Response], documents: list[bytes]) -> float:
    """Documents per second, all acknowledged, from eight clients at once."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        assert {answer.status_code for answer in clients.map(post, documents)} == {201}
    return len(documents) / (time.perf_counter() - began)


def _web_cpu(demo: Running) -> float:
    """CPU seconds of the web processes and the PDF inspectors that belong to them."""
    processes = [p for web in demo.programs("sundhedsjournal.wsgi") for p in (web, *web.children(recursive=True))]
    return sum(sum(process.cpu_times()[:2]) for process in {p.pid: p for p in processes}.values())


def ingest(demo: Running) -> list[Result]:
    """ingest_accept and ingest_cpu, on the same running demo."""
    sender = Sender(demo.at)

    def ours() -> float:
        return _rate(sender.post, [variation(SAMPLE, cpr=cpr) for cpr in islice(CITIZENS, 120)])

    with floor_server("write_and_sync") as address, httpx.Client(base_url=address) as plain:

        def floor() -> float:
            return _rate(lambda raw: plain.post("/", content=raw), [variation(SAMPLE) for _ in range(120)])

        accept = paired("ingest_accept", "documents/s", ours, floor, ">= 0.45")

    def ours_cpu() -> float:
        documents = [variation(SAMPLE) for _ in range(60)]
        before = _web_cpu(demo)
        for raw in documents:
            assert sender.post(raw).status_code == 201
        return (_web_cpu(demo) - before) * 1000 / len(documents)

    raw = variation(SAMPLE)
    return [
        accept,
        paired("ingest_cpu", "ms CPU", ours_cpu, lambda: cpu(lambda: read_and_hash(raw), 200), "<= 4"),
    ]


def visible(name: str, extra: dict[str, str], *, rate: float = 5, seconds: int = 60) -> Result:
    """Posted → in the folder at 5 documents/s: milliseconds, ours is p95, floor the median."""
    with ExitStack() as stack:
        demo = stack.enter_context(running_demo(extra))
        sender, clinician = Sender(demo.at), Clinician(demo.at, "holm", "2512489996")
        waits: list[float] = []

        def one(number: int) -> None:
            note = f"bench {number:04d}"
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            raw = variation(SAMPLE, cpr="2512489996", note=note, at=now)
            began = time.perf_counter()
            assert sender.post(raw).status_code == 201
            while note not in clinician.get("ekg/").text:
                time.sleep(0.02)
            waits.append((time.perf_counter() - began) * 1000)

        with ThreadPoolExecutor(16) as pool:
            began = time.perf_counter()
            for number in range(int(rate * seconds)):
                threading.Event().wait(max(0.0, began + number / rate - time.perf_counter()))
                pool.submit(one, number)
        assert len(waits) == int(rate * seconds), "some documents never became visible"
    middle, high = percentile(waits, 50), percentile(waits, 95)
    return Result(name, "ms p50 | p95", middle, high, (high / middle,), "p95 <= 2000")
