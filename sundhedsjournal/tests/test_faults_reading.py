"""Reading under faults: no byte without its audit row, no damaged file, no page while something is broken."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from demo.clients import Clinician
from demo.running import Running
from samples.personas import PATIENTS
from sundhedsjournal.tests.stack import ask, connect, eventually

pytestmark = pytest.mark.stack
NANCY = PATIENTS["nancy"].cpr


@pytest.fixture
def holm(demo: Running) -> Iterator[Clinician]:
    with Clinician(demo.at, "holm", NANCY) as clinician:
        yield clinician


def blob(demo: Running, sha256: str) -> Path:
    """The file that holds these bytes."""
    (found,) = (demo.at.var / "blobs").rglob(f"*{sha256}*")
    return found


def audited(demo: Running, audit_id: str) -> bool:
    return bool(ask(demo, "SELECT 1 FROM audit_event WHERE id = %s", audit_id))


def test_the_web_server_killed_while_answering_sends_no_page_without_its_row(demo: Running, holm: Clinician) -> None:
    """Everything a browser got is in the audit; the access log and the audit are joined by the request's id."""
    answers: list[httpx.Response] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                answers.append(holm.get("ekg/"))
            except httpx.TransportError:
                stop.wait(0.1)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    eventually(lambda: len(answers) > 8)
    demo.kill("sundhedsjournal.wsgi")
    before = len(answers)
    eventually(lambda: len(answers) > before + 40)  # it has come back, and answers as before
    stop.set()
    for reader in readers:
        reader.join()
    pages = [answer for answer in answers if answer.status_code == 200]
    assert len(pages) > 40
    told = {answer.headers["X-Request-Id"]: answer.headers["X-Audit-Id"] for answer in pages}
    rows = ask(demo, "SELECT request_id, id::text FROM audit_event WHERE request_id = ANY(%s)", list(told))
    assert dict(rows) == told
    logged = set(re.findall(r" ([0-9a-f]{32}) GET /k/\S+/ekg/ 200 ", demo.log()))
    assert {row[0] for row in rows} >= logged & set(told)


def test_a_damaged_file_is_found_on_opening_and_never_sent(demo: Running, holm: Clinician) -> None:
    path = holm.newest("original.pdf")
    whole = holm.http.get(path)
    assert whole.content.startswith(b"%PDF-")
    recording = path.split("/")[4]
    file = blob(demo, ask(demo, "SELECT pdf_sha256 FROM ekg_recording WHERE id = %s", recording)[0][0])
    before = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(before[:5000] + bytes([before[5000] ^ 1]) + before[5001:])
    try:
        damaged = holm.http.get(path)
    finally:
        file.write_bytes(before)
    assert damaged.status_code >= 400
    assert b"%PDF-" not in damaged.content
    assert audited(demo, damaged.headers["X-Audit-Id"])
    assert holm.http.get(path).content == whole.content


def test_no_page_is_shown_while_the_audit_takes_no_row(demo: Running, holm: Clinician) -> None:
    with connect(demo, "owner") as owner:
        owner.execute("REVOKE INSERT ON audit_event FROM sj_app")
        try:
            refused = [holm.get("ekg/"), holm.http.get(holm.path("ekg/"), headers={"HX-Request": "true"})]
        finally:
            owner.execute("GRANT INSERT ON audit_event TO sj_app")
    for answer in refused:
        assert answer.status_code == 503
        assert "Berggren" not in answer.text
        assert "kl. " not in answer.text
    assert holm.get("ekg/").status_code == 200


def test_the_database_gone_means_503_and_the_pages_come_back_by_themselves(demo: Running, holm: Clinician) -> None:
    from demo import postgres

    postgres.kill(demo.at.var)
    answer = holm.get("ekg/")
    assert answer.status_code == 503
    assert "Berggren" not in answer.text
    eventually(lambda: holm.get("ekg/").status_code == 200)


def test_no_log_line_and_no_address_holds_a_cpr_number(demo: Running, holm: Clinician) -> None:
    holm.get("ekg/")
    holm.http.get(holm.newest("original.pdf"))
    everything = demo.log() + (demo.at.var / "said.log").read_text()
    everything += "\n".join(row[0] for row in ask(demo, "SELECT audit_event::text FROM audit_event"))
    for patient in PATIENTS.values():
        assert patient.cpr not in everything
        assert patient.cpr_dashed not in everything
