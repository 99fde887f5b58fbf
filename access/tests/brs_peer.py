"""The national service of the tests' own: a real server on this machine that answers, lies, or is slow."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lxml import etree

SOAP, BRS = "http://schemas.xmlsoap.org/soap/envelope/", "urn:dk:nsp:brs"
MEDCOM = "http://www.medcom.dk/dgws/2006/04/dgws-1.0.xsd"


@dataclass(frozen=True)
class Asked:
    """One request, read."""

    action: str
    body: Any

    def __getitem__(self, name: str) -> str:
        found = self.body.find(f".//{{{BRS}}}{name}")
        return "" if found is None else found.text or ""

    def kind(self, name: str) -> str:
        return str(self.body.find(f".//{{{BRS}}}{name}").get("type"))

    @property
    def fields(self) -> list[str]:
        return [child.tag.partition("}")[2] for child in self.body]


@dataclass
class Peer:
    """What the service knows, and what it has been asked."""

    level: str = "A"
    asked: list[Asked] = field(default_factory=list)
    notifications: list[tuple[str, str, str]] = field(default_factory=list)
    """Number, reference and level of each; all are told, whatever the offset."""
    fault: str = ""
    """A code, as DGWS says it: within the detail of a fault of the server."""
    plain_fault: str = ""
    """A code where SOAP itself has one."""
    raw: bytes | None = None
    """Said instead of an answer."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    reference: str = ""
    """Echoed instead of the one that was given."""
    drip: float = 0
    """Seconds between two bytes of the answer."""
    wait: float = 0
    on_ask: Callable[[], None] = lambda: None

    def answer(self, asked: Asked) -> bytes:
        self.asked.append(asked)
        self.on_ask()
        if self.raw is not None:
            return self.raw
        if self.fault:
            code = f'<m:FaultCode xmlns:m="{MEDCOM}">{self.fault}</m:FaultCode>'
            return fault("Server", f"<detail>{code}</detail>")
        if self.plain_fault:
            return fault(self.plain_fault)
        if asked.action.endswith("GetNotifications"):
            told = "".join(
                f"<b:Notification><b:Number>{number}</b:Number><b:ExternalReferenceId>{reference}"
                f"</b:ExternalReferenceId><b:Relation>{level}</b:Relation></b:Notification>"
                for number, reference, level in self.notifications
            )
            return envelope(f"<b:GetNotificationsResponse>{told}</b:GetNotificationsResponse>")
        reference = self.reference or asked["ExternalReferenceId"]
        return envelope(
            f"<b:GetRelationResponse><b:ExternalReferenceId>{reference}</b:ExternalReferenceId>"
            f"<b:Relation>{self.level}</b:Relation><b:Followup>true</b:Followup></b:GetRelationResponse>"
        )


def fault(code: str, detail: str = "") -> bytes:
    return envelope(f"<s:Fault><faultcode>s:{code}</faultcode><faultstring>nej</faultstring>{detail}</s:Fault>")


def envelope(content: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}" xmlns:b="{BRS}"><s:Body>{content}</s:Body></s:Envelope>'.encode()


@contextlib.contextmanager
def service(settings: Any) -> Iterator[Peer]:
    """The service, listening; the house is told to ask it."""
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = etree.fromstring(self.rfile.read(int(self.headers["Content-Length"])))
            (body,) = sent.iterchildren(f"{{{SOAP}}}Body")
            said = peer.answer(Asked(self.headers["SOAPAction"].strip('"'), body[0]))
            time.sleep(peer.wait)
            self.send_response_only(500 if peer.fault or peer.plain_fault else peer.status)
            for name, value in {"Content-Length": str(len(said)), **peer.headers}.items():
                self.send_header(name, value)
            with contextlib.suppress(OSError):
                self.end_headers()
                parts = [said[at : at + 1] for at in range(len(said))] if peer.drip else [said]
                for part in parts:
                    self.wfile.write(part)
                    time.sleep(peer.drip)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Whoever hangs up is what the test is about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        settings.RELATION_SOURCE, settings.RELATION_BRS_CVR = "brs", "12345678"
        settings.RELATION_BRS_URL = f"http://127.0.0.1:{server.server_port}/brs-nsp/service/brs"
        try:
            yield peer
        finally:
            server.shutdown()
            thread.join()
