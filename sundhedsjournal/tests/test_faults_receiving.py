"""Receiving under faults: real processes, killed the hard way; nothing acknowledged is lost, nothing is there twice."""

import contextlib
import random
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import orjson
import psycopg
import pytest

from demo import postgres
from demo.clients import SAMPLES, Sender, variation
from demo.running import Running, running_demo
from eoj.tests.reports import incremental
from samples import population
from sundhedsjournal.tests.stack import ask, connect, count, eventually

pytestmark = pytest.mark.stack
SAMPLE = SAMPLES / "ekg" / "emil-2023-02-06-first.json"


@pytest.fixture(scope="module")
def demo() -> Iterator[Running]:
    """A demo in which every document goes through the worker (nothing is small enough to be stored at once)."""
    with running_demo({"FHIR_INLINE_BELOW": "1", "FHIR_MAX_BODY": "2000000"}) as running:
        eventually(lambda: unfinished(running) == 0, 60)  # the samples too go through the worker
        yield running


@pytest.fixture(scope="module")
def sender(demo: Running) -> Iterator[Sender]:
    with Sender(demo.at) as sending:
        yield sending


def recordings(demo: Running) -> int:
    return count(demo, "SELECT count(*) FROM ekg_recording")


def deliveries(demo: Running) -> int:
    return count(demo, "SELECT count(*) FROM fhir_delivery")


def unfinished(demo: Running) -> int:
    return count(demo, "SELECT count(*) FROM fhir_delivery WHERE state = 'received'")


def send_patiently(sender: Sender, raw: bytes, tries: int = 60) -> int:
    """Send until acknowledged, as a source system does; the number of answers that were not 201."""
    pause = threading.Event()
    for refused in range(tries):
        with contextlib.suppress(httpx.TransportError):
            answer = sender.post(raw)
            if answer.status_code == 201:
                return refused
            assert answer.status_code in {503, 507}, answer.text
        pause.wait(0.5)
    raise AssertionError("never acknowledged")


def test_200_documents_from_8_clients_are_stored_once_each_though_the_worker_is_killed(
    demo: Running, sender: Sender
) -> None:
    documents = [variation(SAMPLE, cpr=cpr) for cpr in ("2512489996", "1404619935") for _ in range(100)]
    before, seen = recordings(demo), deliveries(demo)

    def client(number: int) -> None:
        for position in range(200):  # every client sends every document, each beginning at its own
            if position == 60 and number == 0:
                assert demo.kill("celery") >= 2
            assert sender.post(documents[(position + number * 25) % 200]).status_code == 201

    with ThreadPoolExecutor(8) as clients:
        list(clients.map(client, range(8)))
    eventually(lambda: unfinished(demo) == 0, 60)
    assert deliveries(demo) - seen == 200
    assert recordings(demo) - before == 200


def test_a_worker_killed_while_it_stores_leaves_nothing_half_done(demo: Running, sender: Sender) -> None:
    """The worker waits for a row we hold: it has claimed the delivery and not committed when the kill comes."""
    before = recordings(demo)
    with connect(demo) as holding, holding.transaction():
        holding.execute("SELECT 1 FROM patients_patient WHERE cpr = '2512489996' FOR UPDATE")
        assert sender.post(variation(SAMPLE, cpr="2512489996")).status_code == 201
        threading.Event().wait(0.5)
        demo.kill("celery")
    eventually(lambda: recordings(demo) == before + 1)
    assert unfinished(demo) == 0


def test_the_database_killed_under_load_loses_no_acknowledged_document(demo: Running, sender: Sender) -> None:
    before = recordings(demo)
    documents = [variation(SAMPLE) for _ in range(60)]

    def client(raw: bytes) -> int:
        return send_patiently(sender, raw)

    killer = threading.Timer(0.7, postgres.kill, [demo.at.var])
    killer.start()
    with ThreadPoolExecutor(4) as clients:
        refused = sum(clients.map(client, documents))
    killer.join()
    assert refused > 0, "the kill came too late to be felt"
    eventually(lambda: unfinished(demo) == 0, 60)
    assert recordings(demo) == before + 60


def test_the_web_server_killed_while_receiving_acknowledges_only_what_it_holds(demo: Running, sender: Sender) -> None:
    before = recordings(demo)
    documents = [variation(SAMPLE) for _ in range(60)]
    killer = threading.Timer(0.7, demo.kill, ["sundhedsjournal.wsgi"])
    killer.start()
    with ThreadPoolExecutor(4) as clients:
        refused = sum(clients.map(lambda raw: send_patiently(sender, raw), documents))
    killer.join()
    assert refused > 0, "the kill came too late to be felt"
    eventually(lambda: unfinished(demo) == 0, 60)
    assert recordings(demo) == before + 60


def test_a_web_server_told_to_stop_finishes_what_it_began(demo: Running, sender: Sender) -> None:
    """SIGTERM: a client may find the door shut for a moment, never an error of ours."""
    before, documents = recordings(demo), [variation(SAMPLE) for _ in range(40)]
    answers: list[int] = []

    def client(raw: bytes) -> None:
        for _ in range(60):
            try:
                answers.append(sender.post(raw).status_code)
                return
            except httpx.TransportError:
                threading.Event().wait(0.3)
        raise AssertionError("never answered")

    web = next(program for program in demo.programs("sundhedsjournal.wsgi"))
    stopper = threading.Timer(0.5, web.terminate)
    stopper.start()
    with ThreadPoolExecutor(4) as clients:
        list(clients.map(client, documents))
    stopper.join()
    assert set(answers) == {201}
    eventually(lambda: recordings(demo) == before + 40, 60)


def test_a_broker_that_is_emptied_and_removed_delays_nothing_for_good(demo: Running, sender: Sender) -> None:
    before = recordings(demo)
    shutil.rmtree(demo.at.var / "broker" / "queue", ignore_errors=True)
    for _ in range(5):
        assert sender.post(variation(SAMPLE)).status_code == 201
    eventually(lambda: recordings(demo) == before + 5)


def test_an_audit_table_that_takes_no_row_means_503_and_nothing_stored(demo: Running, sender: Sender) -> None:
    before, raw = deliveries(demo), variation(SAMPLE)
    with connect(demo, "owner") as owner:
        owner.execute("REVOKE INSERT ON audit_event FROM sj_app")
        try:
            assert sender.post(raw).status_code == 503
        finally:
            owner.execute("GRANT INSERT ON audit_event TO sj_app")
    assert deliveries(demo) == before
    assert sender.post(raw).status_code == 201


VERSIONS = """
    SELECT p.cpr, sor, type, resource_id, report_id, effective, reported, invalid, state, code, recorded, ended, level,
        refs::text, detail::text, digest
    FROM eoj_version JOIN patients_patient p ON p.id = patient_id
    WHERE sor LIKE '9990000007%%' ORDER BY 1, 2, 3, 4, 5
"""
"""All that what stands is worked out from, but for the times of arrival."""


def test_reports_end_as_in_a_clean_run_though_worker_and_database_are_killed(demo: Running, sender: Sender) -> None:
    """Two workers, same and different citizens, any order; afterwards the same reports are loaded by themselves."""
    people = list(population.reports(20, 3))
    mixed = random.Random(3).sample(people, len(people))

    def put(report: dict[str, Any]) -> None:
        for _ in range(60):
            with contextlib.suppress(httpx.TransportError):
                answer = sender.put(report)
                if answer.status_code == 200:
                    return
                assert answer.status_code == 503, answer.text
            threading.Event().wait(0.5)
        raise AssertionError("never acknowledged")

    def kill() -> None:
        demo.kill("celery")
        postgres.kill(demo.at.var)

    killing = threading.Timer(0.7, kill)
    killing.start()
    with ThreadPoolExecutor(4) as clients:
        list(clients.map(put, mixed))
    killing.join()
    eventually(lambda: unfinished(demo) == 0, 90)
    under_faults = ask(demo, VERSIONS)
    assert under_faults

    with connect(demo, "owner") as owner:
        for table in ("eoj_version", "eoj_report"):
            owner.execute(f"DELETE FROM {table}")
        owner.execute("DELETE FROM fhir_delivery WHERE door = 'report'")
    file = demo.at.var / "people.ndjson"
    file.write_bytes(b"\n".join(map(orjson.dumps, people)))
    loaded = demo.manage("load_eoj", str(file))
    assert loaded.returncode == 0, loaded.stderr
    assert ask(demo, VERSIONS) == under_faults


def test_the_app_role_cannot_empty_the_audit(demo: Running) -> None:
    with connect(demo) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("TRUNCATE audit_event")


def test_a_large_delivery_is_finished_though_its_worker_is_killed(demo: Running, sender: Sender) -> None:
    """It goes on where it was, while its sender waits for the outcome; nothing is there twice."""
    people = list(population.reports(300, 4))
    assert len(orjson.dumps(people)) > 2 * 2_000_000
    stored = "SELECT count(*) FROM eoj_report r JOIN fhir_delivery d ON d.id = r.delivery_id WHERE d.address = 'stor'"
    with ThreadPoolExecutor(1) as waiting:
        answer = waiting.submit(sender.put, incremental(*people, id="stor"))
        eventually(lambda: count(demo, stored) > 0, 60)
        demo.kill("celery")
        told = answer.result(120)
    assert told.status_code == 200, told.text
    assert count(demo, stored) == len(people)
    told_of = "SELECT count(*) FROM audit_event e JOIN fhir_delivery d ON e.entity = 'Delivery/' || d.id"
    assert count(demo, f"{told_of} WHERE d.address = 'stor' AND e.action = 'eoj.stored'") == len(people)
