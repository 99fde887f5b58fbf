"""A national night: 1,000,000 resources in one run, while clinicians read and EKGs arrive."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import orjson
import psutil

from bench.door import SAMPLE
from bench.measure import Result, percentile
from demo.clients import Clinician, Sender, variation
from demo.running import Running
from demo.stack import ROOT
from samples.personas import PATIENTS
from samples.population import reports

RESOURCES = 1_000_000
READ, SENT = PATIENTS["ingrid"].cpr, PATIENTS["karen"].cpr


def night(demo: Running) -> list[Result]:
    """night_page and night_visible beside the load, and what the load itself takes: night_memory, night_load."""
    file = demo.at.var / "night.ndjson"
    resources = _written(file)
    looking = _Looking(demo)
    looking.on(60)
    idle = looking.pages
    looking.pages, looking.waits = [], []
    began, sizes = time.perf_counter(), list[float]()
    command = ["nice", "-n", "10", sys.executable, "manage.py", "load_eoj", str(file)]
    with (demo.at.var / "night.log").open("wb") as log:
        load = subprocess.Popen(command, cwd=ROOT, env=demo.env(), stdout=log, stderr=log)
        process = psutil.Process(load.pid)
        while load.poll() is None:
            sizes.append(process.memory_info().rss / 1e6)
            looking.on(5)
    took = time.perf_counter() - began
    assert load.returncode == 0, (demo.at.var / "night.log").read_text()[-2000:]
    early, late = max(sizes[: len(sizes) // 10 + 1]), max(sizes[-len(sizes) // 10 - 1 :])
    calm, busy = percentile(idle, 95), percentile(looking.pages, 95)
    middle, high = percentile(looking.waits, 50), percentile(looking.waits, 95)
    return [
        Result("night_page", "ms p95 idle | loading", calm, busy, (busy / calm,), "<= 2"),
        Result("night_visible", "ms p50 | p95", middle, high, (high / middle,), "p95 <= 2000"),
        Result("night_memory", "MB early | late", early, late, (late / early,), "<= 1.1"),
        Result("night_load", "resources | resources/s", resources, resources / took, (1.0,), "1,000,000 in one run"),
    ]


def _written(file: Path) -> int:
    """Reports as NDJSON until they have enough resources; how many those are."""
    count, people = 0, reports(RESOURCES, 21)
    with file.open("wb") as out:
        while count < RESOURCES:
            each = next(people)
            out.write(orjson.dumps(each) + b"\n")
            count += len(each["entry"])
    return count


class _Looking:
    """A clinician who opens the folder five times a second, and an EKG that arrives every second."""

    def __init__(self, demo: Running) -> None:
        self.sender = Sender(demo.at)
        self.reader, self.waiting = Clinician(demo.at, "holm", READ), Clinician(demo.at, "holm", SENT)
        self.pages: list[float] = []
        self.waits: list[float] = []

    def on(self, seconds: float) -> None:
        """Milliseconds of each page, and from posting to being in the folder."""
        until = time.perf_counter() + seconds
        while (now := time.perf_counter()) < until:
            for _ in range(4):
                self.pages.append(_page(self.reader)[0])
                time.sleep(0.15)
            note = f"night {len(self.waits)} {now}"
            taken = datetime.now(UTC).isoformat(timespec="milliseconds")
            raw = variation(SAMPLE, cpr=SENT, note=note, at=taken)
            began = time.perf_counter()
            assert self.sender.post(raw).status_code == 201
            while note not in _page(self.waiting)[1]:
                time.sleep(0.02)
            self.waits.append((time.perf_counter() - began) * 1000)


def _page(clinician: Clinician) -> tuple[float, str]:
    began = time.perf_counter()
    answer = clinician.get("ekg/")
    assert answer.status_code == 200
    return (time.perf_counter() - began) * 1000, answer.text
