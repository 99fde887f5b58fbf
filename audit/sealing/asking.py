"""One question to a witness: what it answers is read to a size and within a time, however it comes.

The house asks others by access/outside.py; this room knows nobody, and asks over a connection that is not kept.
"""

import contextlib
import threading
import time
from dataclasses import dataclass, field
from socket import SHUT_RDWR, socket
from typing import Any

import httpx


class TooMuch(ValueError):
    """More was answered than any answer is long."""


@dataclass(frozen=True)
class Answer:
    """What came, whatever it says."""

    status: int
    text: str


def ask(url: str, content: bytes, *, seconds: float, largest: int) -> Answer:
    """POST it, and the whole answer; raises httpx.HTTPError or TooMuch. `seconds` are for all of it."""
    line = _Line(time.monotonic() + seconds)
    timer = threading.Timer(seconds, line.hang_up)
    timer.daemon = True
    timer.start()
    how: dict[str, Any] = {
        "headers": {"Accept-Encoding": "identity", "User-Agent": "sundhedsjournal"},
        "extensions": {"trace": line.happened},
    }
    try:
        with (
            httpx.Client(timeout=seconds, trust_env=False, follow_redirects=False) as client,
            client.stream("POST", url, content=content, **how) as answer,
        ):
            read = bytearray()
            for part in answer.iter_raw():
                read += part
                if len(read) > largest:
                    raise TooMuch("the answer does not end")
                line.check()
            line.check()  # hung up on, a body without a length looks whole
            return Answer(answer.status_code, read.decode(errors="replace"))
    finally:
        timer.cancel()


@dataclass
class _Line:
    """The one connection of a question, so that it can be hung up while it is waited for."""

    ends: float
    sockets: list[socket] = field(default_factory=list)

    def happened(self, event: str, told: dict[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.sockets.append(told["return_value"].get_extra_info("socket"))
            self.check()

    def check(self) -> None:
        if time.monotonic() >= self.ends:
            raise httpx.ReadTimeout("the answer does not end")

    def hang_up(self) -> None:
        for each in self.sockets:
            with contextlib.suppress(OSError):
                socket.shutdown(each, SHUT_RDWR)  # not TLS's own, which waits for the other side
