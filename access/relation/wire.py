"""One question over the network: to one address, within a time and a size, never forwarded, never tried twice.

What the client says when it fails may hold what was sent, and is dropped.
"""

import contextlib
import threading
from collections.abc import Iterator
from socket import SHUT_RDWR, socket
from typing import Any

import httpx
from django.conf import settings

from access.relation.question import Unavailable

LARGEST = 1_000_000


def post(url: str, action: str, content: bytes) -> bytes:
    """The answer's bytes, a fault's too (SOAP sends it with 500); raises Unavailable."""
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"', "Accept-Encoding": "identity"}
    seconds = settings.RELATION_BRS_TIMEOUT / 1000
    client, line = httpx.Client(timeout=seconds, follow_redirects=False, trust_env=False), _Line()
    try:
        with (
            client,
            _within(seconds, line),
            client.stream("POST", url, content=content, headers=headers, extensions={"trace": line}) as answer,
        ):
            if answer.status_code not in (200, 500):
                raise Unavailable("brs-status")
            return _bytes(answer)
    except httpx.TimeoutException:
        raise Unavailable("brs-timeout") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Unavailable("brs-timeout" if line.is_late else "brs-unreachable") from None


def _bytes(answer: httpx.Response) -> bytes:
    read = bytearray()
    for part in answer.iter_raw():
        read += part
        if len(read) > LARGEST:
            raise Unavailable("brs-too-large")
    return bytes(read)


class _Line:
    """The connection of a call, from the moment it is made, so that it can be hung up."""

    def __init__(self) -> None:
        self.socket: socket | None = None
        self.is_late = False

    def __call__(self, event: str, told: dict[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.socket = told["return_value"].get_extra_info("socket")

    def hang_up(self) -> None:
        self.is_late = True
        if self.socket is not None:
            with contextlib.suppress(OSError):
                socket.shutdown(self.socket, SHUT_RDWR)  # not TLS's own, which waits for the other side


@contextlib.contextmanager
def _within(seconds: float, line: _Line) -> Iterator[None]:
    """Hang up when the whole call takes longer: a byte now and then keeps no clinician waiting."""
    late = threading.Timer(seconds, line.hang_up)
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()
