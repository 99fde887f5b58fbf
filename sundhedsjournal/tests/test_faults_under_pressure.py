"""A full disk, a held lock, a crowd at the door: told before anything is acknowledged; others are served meanwhile."""

import contextlib
import hashlib
import os
import socket
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.clients import SAMPLES, Clinician, Sender, variation
from demo.running import Running
from samples.personas import PATIENTS
from sundhedsjournal.tests.stack import connect, count, eventually

pytestmark = pytest.mark.stack
SCANNED = SAMPLES / "ekg" / "ingrid-2019-10-14-scanned.json"
NANCY = PATIENTS["nancy"].cpr
UNDRAWN = """SELECT (SELECT count(*) FROM ekg_pageimage WHERE next_try IS NOT NULL)
  + (SELECT count(*) FROM ekg_recording WHERE preview = 'pending')"""


def deliveries(demo: Running) -> int:
    return count(demo, "SELECT count(*) FROM fhir_delivery")


@pytest.fixture
def small_disk(demo: Running) -> Iterator[Path]:
    """The folder of documents on a disk of 2 MB; what was there before is hidden meanwhile."""
    eventually(lambda: count(demo, UNDRAWN) == 0, 90)  # pictures of the samples would fill it
    blobs = demo.at.var / "blobs"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(blobs)], check=True)
    try:
        yield blobs
    finally:
        subprocess.run(["umount", "--lazy", str(blobs)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk can be mounted by root only")
def test_a_full_disk_is_told_before_anything_is_acknowledged(demo: Running, small_disk: Path) -> None:
    before = deliveries(demo)
    with Sender(demo.at) as sender:
        answers = [sender.post(variation(SCANNED)) for _ in range(12)]
        assert {answer.status_code for answer in answers} == {201, 507}
        assert answers[-1].json()["issue"][0]["code"] == "no-store"
        assert deliveries(demo) - before == [answer.status_code for answer in answers].count(201)
        files = [path for path in small_disk.rglob("*") if path.is_file()]
        assert files
        for file in files:
            assert hashlib.sha256(file.read_bytes()).hexdigest() in file.name, "no half file, under any name"
        subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
        assert sender.post(variation(SCANNED)).status_code == 201, "the door recovers when space returns"


@contextlib.contextmanager
def crowd(demo: Running) -> Iterator[list[socket.socket]]:
    """500 connections that say nothing, 100 that never end their headers, 100 that never end their body."""
    beginnings = [b""] * 500
    beginnings += [b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: a"] * 100
    beginnings += [b"POST /fhir/Bundle HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 300000\r\n\r\n{"] * 100
    with contextlib.ExitStack() as stack:
        sockets = []
        for beginning in beginnings:
            sockets.append(stack.enter_context(socket.create_connection(("127.0.0.1", demo.at.port), timeout=10)))
            sockets[-1].sendall(beginning)
        yield sockets


def middle(do: Callable[[], object], times: int = 30) -> float:
    """Median seconds of doing something."""
    waits = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        waits.append(time.perf_counter() - began)
    return statistics.median(waits)


def test_slow_and_silent_clients_keep_nobody_waiting(demo: Running) -> None:
    with Clinician(demo.at, "holm", NANCY) as holm, Sender(demo.at) as sender:

        def work() -> None:
            assert holm.get("ekg/").status_code == 200
            assert sender.post(variation(SCANNED)).status_code == 201

        middle(work, 5)
        alone = middle(work)
        with crowd(demo):
            crowded = middle(work)
        assert crowded < 2 * alone


def test_a_lock_held_by_another_gives_503_soon_and_nothing_half_done(demo: Running) -> None:
    with connect(demo) as holding, holding.transaction():
        holding.execute("SELECT 1 FROM patients_patient WHERE cpr = %s FOR UPDATE", [NANCY])
        before = deliveries(demo)
        with Sender(demo.at) as sender:
            assert sender.post(variation(SCANNED, cpr=NANCY)).status_code == 503
        assert deliveries(demo) == before
