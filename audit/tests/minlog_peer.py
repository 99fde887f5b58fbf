"""A MinLog of the tests' own: a real server on this machine that remembers what it registered, lies, or hangs up."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lxml import etree

SOAP, ML = "http://schemas.xmlsoap.org/soap/envelope/", "urn:dk:nsp:minlog2:registration"
DGWS = "http://www.medcom.dk/dgws/2006/04/dgws-1.0.xsd"


@dataclass(frozen=True)
class Registered:
    """One message, read."""

    tree: Any
    action: str

    def __getitem__(self, path: str) -> str:
        """The text at Destination/Activity."""
        return str(self.tree.findtext(".//" + "/".join(f"{{{ML}}}{step}" for step in path.split("/"))))

    def register(self, path: str) -> str:
        """Which register the identifier at this path is of."""
        return str(self.tree.find(".//" + "/".join(f"{{{ML}}}{step}" for step in path.split("/"))).get("source"))

    @property
    def message_id(self) -> str:
        return str(self.tree.findtext(f".//{{{DGWS}}}MessageID"))


@dataclass
class Peer:
    """What the service has registered, by idempotency key, and how it answers next."""

    url: str = ""
    known: dict[str, Registered] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    """The key of each message, in the order they came."""
    down: bool = False
    """The connection is cut before anything is read."""
    cut: str = ""
    """before | after | half: hang up without registering, when it is registered, or in the middle of the answer."""
    raw: bytes | None = None
    fault: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answers_for: str = ""
    """Another key than that of the message."""
    twice: bool = False
    """Says everything two times over."""
    reference: str = "ml-"
    on_message: Callable[[str], None] = lambda _key: None

    def answer(self, message: Registered) -> bytes:
        key = message["Id"]
        self.calls.append(key)
        self.on_message(key)
        if self.cut == "before":
            return b""
        if self.raw is not None:
            return self.raw
        if self.fault:
            code = f'<m:FaultCode xmlns:m="{DGWS}">{self.fault}</m:FaultCode>'
            said = f"<faultcode>s:Server</faultcode><faultstring>nej</faultstring><detail>{code}</detail>"
            return envelope(f"<s:Fault>{said}</s:Fault>")
        status = "already_registered" if key in self.known else "registered"
        self.known.setdefault(key, message)
        return envelope(
            f"<b:LogDataAddResponse><b:Id>{self.answers_for or key}</b:Id><b:Status>{status}</b:Status>"
            f"<b:Reference>{self.reference}{list(self.known).index(key)}</b:Reference></b:LogDataAddResponse>"
        )


def envelope(content: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}" xmlns:b="{ML}"><s:Body>{content}</s:Body></s:Envelope>'.encode()


@contextlib.contextmanager
def service(settings: Any) -> Iterator[Peer]:
    """The service, listening; the house is told to register there."""
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = etree.fromstring(self.rfile.read(int(self.headers["Content-Length"])))
            if peer.down:
                return
            said = peer.answer(Registered(sent, self.headers["SOAPAction"].strip('"')))
            if peer.cut in ("before", "after"):
                return
            said *= 2 if peer.twice else 1
            self.send_response_only(500 if peer.fault else peer.status)
            for name, value in {"Content-Length": str(len(said)), **peer.headers}.items():
                self.send_header(name, value)
            with contextlib.suppress(OSError):
                self.end_headers()
                self.wfile.write(said[: len(said) // 2] if peer.cut == "half" else said)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Whoever hangs up is what the test is about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        settings.MINLOG_URL = peer.url = f"http://127.0.0.1:{server.server_port}/minlog2-registration/service"
        try:
            yield peer
        finally:
            server.shutdown()
            thread.join()
