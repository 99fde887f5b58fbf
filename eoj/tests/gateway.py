"""A gateway of the tests' own: a real server on this machine that pages what has changed, and fails when told to."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from eoj.tests.reports import Tree

DATE = "Thu, 12 Mar 2026 21:00:00 GMT"
MADE = "2026-03-12T21:00:00Z"
"""When the gateway says that it answers; the same moment twice."""


@dataclass
class Fault:
    """An answer that is no page."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    stall: threading.Event | None = None
    """Say half of the body, and the rest only when this is set."""
    hang_up: bool = False
    """Say half of the body and no more."""


@dataclass(frozen=True)
class Request:
    """What was asked."""

    path: str
    headers: dict[str, str]

    @property
    def query(self) -> dict[str, str]:
        return {name: said[0] for name, said in parse_qs(urlsplit(self.path).query).items()}


@dataclass
class Peer:
    """What the gateway holds, in the order of change, and what it has been asked."""

    base: str
    held: list[tuple[str, Tree]] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    """Page number → what is answered in its stead, once each."""
    on_page: Callable[[int], None] = lambda _: None
    """Called before a page is answered."""
    made: str | None = MADE
    date: str | None = DATE
    change: Callable[[int, Tree], None] = lambda _number, _page: None
    """What a test does to a page before it is sent."""

    def holds(self, *reports: Tree, at: str = "2026-03-12T20:00:00Z") -> None:
        """These reports changed at this time."""
        self.held += [(at, report | {"meta": report["meta"] | {"lastUpdated": at}}) for report in reports]
        self.held.sort(key=lambda pair: pair[0])

    @property
    def pages(self) -> list[int]:
        """The numbers of the pages that were asked for, in order."""
        return [int(each.query.get("page", 1)) for each in self.asked]

    def page(self, query: dict[str, str]) -> Tree:
        """One page of what has changed: links carry all that is asked."""
        number, count, since = int(query.get("page", 1)), int(query["_count"]), query.get("_lastUpdated", "ge")[2:]
        changed = [report for at, report in self.held if at >= since]
        shown = changed[(number - 1) * count : number * count]
        asked = "&".join(f"{name}={said}" for name, said in query.items() if name != "page")
        here = f"{self.base}/Bundle?{asked}&page="
        link = [{"relation": "self", "url": f"{here}{number}"}]
        if number * count < len(changed):
            link.append({"relation": "next", "url": f"{here}{number + 1}"})
        entry = [{"fullUrl": f"{self.base}/Bundle/{each['id']}", "resource": each} for each in shown]
        tree = {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entry}
        return tree | ({"meta": {"lastUpdated": self.made}} if self.made else {})

    def answer(self, request: Request) -> Fault:
        """The page, or the fault that takes its place."""
        self.asked.append(request)
        number = int(request.query.get("page", 1))
        self.on_page(number)
        if waiting := self.faults.get(number):
            return waiting.pop(0)
        tree = self.page(request.query)
        self.change(number, tree)
        return Fault(body=json.dumps(tree).encode(), headers={"Content-Type": "application/fhir+json"})


@contextlib.contextmanager
def gateway(wrap: Callable[[Any], Any] = lambda line: line) -> Iterator[Peer]:
    """A gateway that listens; `wrap` may put TLS around its socket."""
    peer = Peer("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = peer.answer(Request(self.path, dict(self.headers)))
            self.send_response_only(said.status)
            if peer.date:
                self.send_header("Date", peer.date)
            for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            half = len(said.body) // 2 if said.hang_up or said.stall else len(said.body)
            with contextlib.suppress(OSError):
                self.wfile.write(said.body[:half])
                self.wfile.flush()
                if said.stall:
                    said.stall.wait(30)
                    self.wfile.write(said.body[half:])

        def log_message(self, *_: Any) -> None:
            """Silent."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Whoever hangs up is what the test is about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = wrap(server.socket)
        peer.base = f"http://127.0.0.1:{server.server_port}/fhir"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield peer
        finally:
            server.shutdown()
            thread.join()
