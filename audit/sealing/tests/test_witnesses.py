"""A second pair of eyes: told of each checkpoint, never waited for, and heard when it has seen something else."""

import base64
import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as current

from audit import checkpoint, merkle
from audit.sealing import sealer, store, witnesses
from audit.sealing.publishing import Folder
from audit.sealing.tests.conftest import Log
from audit.sealing.witnesses import Disagrees, Witness

KEY = Ed25519PrivateKey.generate()


@dataclass
class Peer:
    """A witness as C2SP tlog-witness describes it: it signs what continues what it has seen."""

    vkeys: list[str]
    size: int = 0
    root: bytes = merkle.EMPTY
    url: str = ""
    asked: list[str] = field(default_factory=list)
    answer: Callable[[str], tuple[int, str]] | None = None

    def add(self, body: str) -> tuple[int, str]:
        self.asked.append(body)
        if self.answer:
            return self.answer(body)
        proof, _, note = body.partition("\n\n")
        first, *lines = proof.split("\n")
        told, old = checkpoint.verify(note, self.vkeys), int(re.fullmatch(r"old (\d+)", first)[1])  # type: ignore[index]
        if old != self.size:
            return 409, f"{self.size}\n"
        path = [base64.b64decode(line) for line in lines]
        if not merkle.verify_consistency(old, told.size, self.root, told.root, path):
            return 422, ""
        self.size, self.root = told.size, told.root
        return 200, checkpoint.cosign(note.partition("\n\n")[0] + "\n", "witness.example.dk", KEY, int(time.time()))


@pytest.fixture
def peer(sealing: Log) -> Iterator[Peer]:
    from audit.sealing import keys

    told = Peer(keys.read(current.AUDIT_KEY).vkeys)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            code, said = told.add(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(code if self.path == "/log/add-checkpoint" else 404)
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_told: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/log/"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def signed(log: Log, count: int) -> Any:
    log.write(count)
    log.seal()
    with store.connect("default") as connection:
        return store.latest(connection)


def test_it_is_told_each_checkpoint_with_the_proof_and_its_signature_is_kept(sealing: Log, peer: Peer) -> None:
    witness = Witness(peer.url, sealing.folder, store.address("sequencer"))
    for count in (3, 300):
        witness.send(signed(sealing, count))
    assert (peer.size, witness.known, len(peer.asked)) == (303, 303, 2)
    again = Witness(
        peer.url, sealing.folder, store.address("sequencer")
    )  # after a restart nothing is known: the witness says where it stands
    again.send(signed(sealing, 1))
    assert (peer.size, again.known, len(peer.asked)) == (304, 304, 4)
    assert sealing.folder.witnessed(peer.url) == 304
    (kept,) = sealing.folder.path.glob("witnessed/*/000/000/000/304")
    public = checkpoint.vkey("witness.example.dk", KEY, checkpoint.WITNESS)
    note = kept.read_text()
    log_line = sealing.folder.note(304).partition("\n\n")[2]  # type: ignore[union-attr]
    both = checkpoint.verify(note + log_line, [public, *peer.vkeys])
    assert [each.name for each in both.signatures] == ["witness.example.dk", "test.example.dk/audit"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((409, "99\n"), "99 rows, and the log has 2: the log has been set back"),
        ((409, "0\n"), "other rows than the first 0"),
        ((409, "garbage"), "tells no size"),
        ((422, ""), "answers 422"),
        ((403, ""), "answers 403"),
    ],
)
def test_a_witness_that_has_seen_something_else_is_an_alarm(
    sealing: Log, peer: Peer, answer: tuple[int, str], told: str
) -> None:
    peer.answer = lambda _body: answer
    with pytest.raises(Disagrees, match=told):
        Witness(peer.url, sealing.folder, store.address("sequencer")).send(signed(sealing, 2))


def test_a_log_that_was_set_back_and_went_on_differently_is_refused_by_the_witness(sealing: Log, peer: Peer) -> None:
    witness = Witness(peer.url, sealing.folder, store.address("sequencer"))
    witness.send(signed(sealing, 4))
    peer.root = merkle.leaf_hash(b"another history")
    with pytest.raises(Disagrees, match="422"):
        witness.send(signed(sealing, 1))


def test_garbage_of_a_witness_is_not_kept(sealing: Log, peer: Peer) -> None:
    witness, two = Witness(peer.url, sealing.folder, store.address("sequencer")), signed(sealing, 2)
    peer.answer = lambda _body: (200, "<html>\x00")
    witness.send(two)
    peer.answer = lambda _body: (200, "x" * 100_000)
    with pytest.raises(ValueError, match="does not end"):
        witness.send(two)
    assert not (sealing.folder.path / "witnessed").exists()


@pytest.mark.parametrize("said", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["head", "body"])
def test_a_witness_that_sends_a_byte_now_and_then_is_hung_up_on(
    sealing: Log, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    """Each byte comes in time, and the answer never ends: the test would not either."""
    monkeypatch.setattr(witnesses, "SECONDS", 1.0, raising=False)
    two = signed(sealing, 2)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            other, _ = server.accept()
            with other, contextlib.suppress(OSError):
                other.sendall(said)
                for _ in range(300):
                    other.sendall(b"x")
                    time.sleep(0.1)
                drained.set()

        drained, thread = threading.Event(), threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(httpx.HTTPError):
            Witness(url, sealing.folder, store.address("sequencer")).send(two)
        thread.join()
    assert not drained.is_set(), "hung up on before it had sent all that it would"


def test_a_witness_that_is_down_or_slow_stops_nothing_and_an_alarm_is_told(
    sealing: Log, peer: Peer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The loop as it runs: two witnesses, of which one never answers and one disagrees."""
    held, stop = threading.Event(), threading.Event()
    peer.answer = lambda _body: ((held.wait(30) and 409) or 500, "77\n")
    monkeypatch.setattr(current, "AUDIT_WITNESSES", [peer.url, "http://127.0.0.1:9/"])
    monkeypatch.setattr(sealer, "EVERY", 0.1)

    def run() -> None:
        with sealing.scratch.entered():
            sealer.run(stop)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        for count in (1, 2, 3):
            sealing.write(1)
            wait_for(partial(sealing.value, "SELECT max(size) = %s FROM audit_checkpoint", count))
        wait_for(lambda: "http://127.0.0.1:9/ not reached: ConnectError" in caplog.text)
        held.set()
        wait_for(lambda: f"{peer.url} disagrees: it has seen 77 rows" in caplog.text)
    finally:
        held.set()
        stop.set()
        thread.join()


def wait_for(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_addresses_of_witnesses_are_names_of_folders(tmp_path: Any) -> None:
    folder = Folder(tmp_path)
    folder.cosigned(7, "https://w.example.dk/../../etc/", "x")
    assert [each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*") if each.is_file()] == [
        "witnessed/https_w.example.dk_.._.._etc/000/000/000/007"
    ]
