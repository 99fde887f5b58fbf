"""One question over the network, to an address that is registered or set: within a time and a size, and never twice.

No redirect is followed, no proxy is read from the environment, nothing is unpacked, and what does not end is hung up
on: a byte now and then keeps nobody waiting. What httpx says when it fails may hold what was sent, and is dropped.
"""

import contextlib
import functools
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from socket import SHUT_RDWR, socket
from typing import Any

import httpx


class Why(Enum):
    """Why there is no answer."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"


class NoAnswer(Exception):
    """Nothing came that can be used."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Answer:
    """What came, whatever it says."""

    status: int
    body: bytes


def ask(method: str, url: str, *, seconds: float, largest: int, **how: Any) -> Answer:
    """The answer to one request, whole; raises NoAnswer. `seconds` are for all of it, `largest` is in bytes."""
    line, late = _lines.line, _Late()
    try:
        with _within(seconds, line, url, late), line.client.stream(method, url, timeout=seconds, **how) as answer:
            return Answer(answer.status_code, _whole(answer, largest))
    except httpx.TimeoutException:
        raise NoAnswer(Why.TIMEOUT) from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise NoAnswer(Why.TIMEOUT if late.is_late else Why.UNREACHABLE) from None


def _whole(answer: httpx.Response, largest: int) -> bytes:
    read = bytearray()
    for part in answer.iter_raw():
        read += part
        if len(read) > largest:
            raise NoAnswer(Why.TOO_LARGE)
    return bytes(read)


class _Line:
    """The connections of one thread, kept open between questions, and their sockets, so that one can be hung up."""

    def __init__(self) -> None:
        self.sockets: dict[tuple[str, int], socket] = {}
        self.calling: tuple[str, int] = "", 0
        self.client = httpx.Client(
            headers={"Accept-Encoding": "identity", "User-Agent": "sundhedsjournal"},
            verify=_tls(),
            trust_env=False,
            follow_redirects=False,
            event_hooks={"request": [self._watch]},
        )

    def _watch(self, request: httpx.Request) -> None:
        request.extensions["trace"] = self._happened

    def _happened(self, event: str, told: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.started":
            self.calling = told["host"], told["port"]
        elif event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.sockets[self.calling] = told["return_value"].get_extra_info("socket")

    def hang_up(self, url: str) -> None:
        where = httpx.URL(url)
        there = self.sockets.get((where.host, where.port or (443 if where.scheme == "https" else 80)))
        if there is not None:
            with contextlib.suppress(OSError):
                socket.shutdown(there, SHUT_RDWR)  # not TLS's own, which waits for the other side


class _Lines(threading.local):
    @functools.cached_property
    def line(self) -> _Line:
        return _Line()


_lines = _Lines()


@functools.cache
def _tls() -> ssl.SSLContext:
    """One for the process: to make it takes longer than most answers."""
    return ssl.create_default_context()


@dataclass
class _Late:
    is_late: bool = False


@contextlib.contextmanager
def _within(seconds: float, line: _Line, url: str, late: _Late) -> Iterator[None]:
    def hang_up() -> None:
        late.is_late = True
        line.hang_up(url)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
