"""manage.py deliver and manage.py sweep, at the command line."""

import http.server
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from joserfc import jwt
from joserfc.jwk import ECKey

from fhir.bundle import Finding, Handling, Severity
from fhir.outcome import failure, outcome
from sundhedsjournal.management.commands import sweep

FINDING = Finding("bdl-11", Severity.ERROR, "Bundle.entry[0]", "Dokumentets første post skal være Composition.")
DOCUMENT = {"resourceType": "Bundle", "type": "document"}
TRANSACTION = {"resourceType": "Bundle", "type": "transaction"}


class Door(http.server.BaseHTTPRequestHandler):
    """Answers as the test wants, and remembers what came."""

    protocol_version = "HTTP/1.1"
    answers: dict[bytes, tuple[int, Any]]
    heard: list[tuple[str, str, str]]
    slowness = 0.0

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((self.path, self.headers["Content-Type"], self.headers["Authorization"]))
        status, tree = self.answers.get(raw, (201, outcome(Handling.SHOW, [])))
        body = orjson.dumps(tree)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        threading.Event().wait(self.slowness)
        self.do_POST()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def key(settings: Any, tmp_path: Path) -> ECKey:
    settings.VAR = tmp_path
    made = ECKey.generate_key("P-256", {"kid": "demo-sender", "alg": "ES256"})
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "demo-sender.json").write_text(json.dumps(made.as_dict(private=True)))
    return made


@pytest.fixture
def door(settings: Any, key: ECKey) -> Iterator[type[Door]]:
    handler = type("OneDoor", (Door,), {"answers": {}, "heard": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        settings.SITE_URL = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield handler
        server.shutdown()


def deliver(*files: Path) -> list[dict[str, Any]]:
    said = io.StringIO()
    call_command("deliver", *map(str, files), stdout=said)
    return [json.loads(line) for line in said.getvalue().splitlines()]


def file(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    return path


def test_each_file_goes_to_its_door_in_its_format_with_a_token(door, key, tmp_path, settings):
    xml = b'<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/></Bundle>'
    files = [
        file(tmp_path, "a", DOCUMENT),
        file(tmp_path, "b", TRANSACTION),
        file(tmp_path, "c", xml),
        file(tmp_path, "d", b"{"),
    ]
    deliver(*files)
    assert [(path, media) for path, media, _ in door.heard] == [
        ("/fhir/Bundle", "application/fhir+json"),
        ("/fhir", "application/fhir+json"),
        ("/fhir", "application/fhir+xml"),
        ("/fhir/Bundle", "application/fhir+json"),
    ]
    claims = jwt.decode(door.heard[0][2].removeprefix("Bearer "), key).claims
    assert (claims["sub"], claims["aud"]) == ("demo-sender", settings.FHIR_AUDIENCE)


def test_the_line_says_status_handling_and_issues(door, tmp_path):
    bad, good = file(tmp_path, "bad.json", DOCUMENT | {"id": "1"}), file(tmp_path, "good.json", DOCUMENT)
    door.answers[bad.read_bytes()] = (201, outcome(Handling.DISCLAIMER, [FINDING]))
    issue = {"rule": "bdl-11", "severity": "error", "text": FINDING.text}
    assert deliver(bad, good) == [
        {"file": str(bad), "status": 201, "handling": "disclaimer", "issues": [issue]},
        {"file": str(good), "status": 201, "handling": "show", "issues": []},
    ]


def test_a_report_has_the_time_that_the_server_may_take_for_it(door, tmp_path, settings, monkeypatch):
    monkeypatch.setattr("sundhedsjournal.management.commands.deliver.PATIENCE", 0.2)
    settings.FHIR_LARGE_WAIT, door.slowness = 60, 0.6
    report = file(tmp_path, "report.json", {"resourceType": "Bundle", "type": "collection", "id": "r-1"})
    said = deliver(file(tmp_path, "a.json", DOCUMENT), report)
    assert [line["status"] for line in said] == [201, 201]
    assert [path for path, _, _ in door.heard] == ["/fhir/Bundle", "/fhir/Bundle/r-1"]


def test_a_refusal_is_an_answer(door, tmp_path):
    refused, broken = file(tmp_path, "refused.json", DOCUMENT), file(tmp_path, "broken.json", b"{")
    door.answers[refused.read_bytes()] = (422, outcome(Handling.REFUSED, [FINDING]))
    door.answers[b"{"] = (400, failure("structure", "structure", "Dokumentet er afbrudt.", "linje 1, tegn 2"))
    said = deliver(refused, broken)
    assert [(line["status"], line["handling"]) for line in said] == [(422, "refused"), (400, "refused")]


def test_a_transaction_has_the_worst_handling_of_its_entries(door, tmp_path):
    sent = file(tmp_path, "t.json", TRANSACTION)
    told = [outcome(Handling.SHOW, []), outcome(Handling.ERROR, [FINDING]), outcome(Handling.DISCLAIMER, [])]
    entries = [{"response": {"status": "201", "outcome": each}} for each in told]
    door.answers[sent.read_bytes()] = (
        200,
        {"resourceType": "Bundle", "type": "transaction-response", "entry": entries},
    )
    line = deliver(sent)[0]
    assert (line["status"], line["handling"], [issue["rule"] for issue in line["issues"]]) == (200, "error", ["bdl-11"])


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_what_was_not_delivered_ends_in_failure(door, tmp_path, status):
    sent = file(tmp_path, "a.json", DOCUMENT)
    door.answers[sent.read_bytes()] = (status, failure("exception", "x", "Nej."))
    with pytest.raises(CommandError, match="1 af 2"):
        deliver(sent, file(tmp_path, "b.json", DOCUMENT | {"id": "2"}))


def test_a_file_that_is_not_there_and_a_server_that_is_not_there_are_said_plainly(
    door, key, tmp_path, settings, capsys
):
    with pytest.raises(CommandError):
        call_command("deliver", str(tmp_path / "nowhere.json"))
    assert json.loads(capsys.readouterr().out)["error"] == "No such file or directory"
    settings.SITE_URL = "http://127.0.0.1:9"
    with pytest.raises(CommandError):
        call_command("deliver", str(file(tmp_path, "a.json", DOCUMENT)))
    assert "svarer ikke" in json.loads(capsys.readouterr().out)["error"]


def test_without_a_demo_the_command_says_what_to_start(settings, tmp_path):
    settings.VAR = tmp_path
    with pytest.raises(CommandError, match="make demo"):
        call_command("deliver", "x.json")


def test_a_sweep_that_fails_stops_neither_the_next_nor_the_others(monkeypatch, caplog):
    looked = []

    def broken() -> int:
        raise OperationalError("2512489996")

    def fine() -> int:
        looked.append(1)
        return 1

    monkeypatch.setattr(sweep, "SWEEPERS", (broken, fine))
    call_command("sweep", "--once")
    assert looked == [1]
    assert "OperationalError" in caplog.text
    assert "2512489996" not in caplog.text


def test_a_sweep_goes_on_until_it_is_told_to_stop():
    stop, looked = threading.Event(), []

    def look() -> int:
        looked.append(1)
        if len(looked) == 3:
            stop.set()
        return 0

    sweep.keep_looking(look, stop, 0.01)
    assert len(looked) == 3
