"""What citizens block, for the tests of every room; and a service shaped like MinSpærring."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.test import Client

from access.consent import Question, Unknown
from access.models import Block
from access.tests.cast import ISSUER, NANCY
from patients.registry import patient_for

REASON = "Bevidstløs, og ingen pårørende kan kontaktes."
UNREACHABLE = {"ground": "patient-unreachable", "reason": REASON}


def block(kind: str, cpr: str = NANCY, **said: Any) -> Block:
    """A block of this citizen that stands from now on."""
    return Block.objects.create(patient=patient_for(cpr), kind=kind, **said)


def person(subject: str = "holm", **said: Any) -> Block:
    return block("person", issuer=ISSUER, subject=subject, **said)


def override(client: Client, context: str, **said: Any) -> Any:
    """What a clinician posts who overrides a block."""
    return client.post(f"/k/{context}/vaerdispring/", UNREACHABLE | said)


def nobody_knows(question: Question) -> None:
    """A source of consent that cannot say."""
    raise Unknown("test")


@dataclass
class Peer:
    """What the service answers next, and what it was asked."""

    url: str = ""
    status: int = 200
    answer: Any = field(default_factory=lambda: {"consent": "positive"})
    waits: float = 0
    location: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def minspaerring() -> Iterator[Peer]:
    """A service on this machine, until the test is over."""
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            peer.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(peer.waits)
            body = peer.answer if isinstance(peer.answer, bytes) else json.dumps(peer.answer).encode()
            self.send_response(peer.status)
            if peer.location:
                self.send_header("Location", peer.location)
            self.send_header("Content-Length", str(len(body)))
            with contextlib.suppress(OSError):  # who asked has lost patience
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    peer.url = f"http://127.0.0.1:{server.server_port}/samtykke"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
