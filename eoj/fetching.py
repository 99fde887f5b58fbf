"""Asks a gateway for one page: in one place only, within limits of size and time, and never again and again.

Python's own client on purpose: it follows no redirect, reads no proxy from the environment, unpacks nothing. What it
says when it fails may hold the address, and is dropped.
"""

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from socket import SHUT_RDWR, socket
from time import sleep
from urllib.parse import urlsplit

from django.conf import settings

from eoj.models import Gateway
from eoj.searchset import VISIBLE

Ending = Gateway.Ending
PAUSES = (1.0, 5.0, 25.0)
"""Seconds between the tries of one page."""
LONGEST = 120.0
"""Seconds that we wait because the gateway asks us to; for longer the run ends, and the next one asks."""
SILENCE, WHOLE = 30.0, 120.0
"""Seconds without a byte, and for a whole page."""
GONE = frozenset({400, 404, 410, 422})
"""Answers that an address of a page, kept for a while, may get when the gateway has forgotten it."""


class Stopped(Exception):
    """The run cannot go on: `gone` when it can begin anew, `after` what the gateway asks us to wait."""

    def __init__(self, ending: Gateway.Ending, *, gone: bool = False, after: float = 0) -> None:
        super().__init__(ending.value)
        self.ending, self.gone, self.after = ending, gone, after


class Again(Exception):
    """This may go better in a moment."""

    def __init__(self, ending: Gateway.Ending, after: float | None = None) -> None:
        super().__init__(ending.value)
        self.ending, self.after = ending, after


@dataclass(frozen=True)
class Answer:
    """The bytes of one page, and when the gateway says that it was sent."""

    raw: bytes
    date: datetime | None


def fetch(url: str, beat: Callable[[], None]) -> Answer:
    """Ask for a page, again when it is worth it; `beat` is called before every try. Raises Stopped."""
    for pause in (*PAUSES, None):
        beat()
        try:
            return _asked(url)
        except Again as fault:
            ending, asked = fault.ending, fault.after
        if pause is None or (asked or 0) > LONGEST:
            break
        sleep(pause if asked is None else asked)
    raise Stopped(ending, after=asked or 0)


def token(url: str) -> str:
    """The bearer token for this host alone: whoever may change an address sends no token anywhere else by it."""
    told = urlsplit(url)
    name = f"{told.hostname}_{told.port}" if told.port else str(told.hostname)
    if not settings.EOJ_GATEWAY_TOKENS:
        return ""
    try:
        said = Path(settings.EOJ_GATEWAY_TOKENS, name).read_text("ascii").strip()
    except FileNotFoundError:
        return ""
    except (OSError, ValueError):
        raise Stopped(Ending.TOKEN) from None
    if not VISIBLE.fullmatch(said):
        raise Stopped(Ending.TOKEN)
    return said


def _asked(url: str) -> Answer:
    told = urlsplit(url)
    target = (told.path or "/") + (f"?{told.query}" if told.query else "")
    headers = {"Accept": "application/fhir+json", "Accept-Encoding": "identity", "User-Agent": "sundhedsjournal"}
    if said := token(url):
        headers["Authorization"] = f"Bearer {said}"
    connection = _connection(told.scheme, str(told.hostname), told.port)
    try:
        connection.connect()
        with _within(connection.sock):
            connection.request("GET", target, headers=headers)
            return _read(connection.getresponse())
    except ssl.SSLCertVerificationError:
        raise Stopped(Ending.UNTRUSTED) from None
    except (OSError, HTTPException, ValueError):
        raise Again(Ending.UNREACHABLE) from None
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=SILENCE, context=ssl.create_default_context())
    return HTTPConnection(host, port, timeout=SILENCE)


@contextlib.contextmanager
def _within(line: socket) -> Iterator[None]:
    """Hang up after WHOLE seconds: a byte now and then keeps nobody on the line for ever."""
    late = threading.Timer(WHOLE, _hang_up, [line])
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()


def _hang_up(line: socket) -> None:
    with contextlib.suppress(OSError):
        socket.shutdown(line, SHUT_RDWR)  # not TLS's own, which takes away what is being read from


def _read(answer: HTTPResponse) -> Answer:
    date = _date(answer.getheader("Date"))
    if answer.status != 200:
        _refuse(answer, date)
    most = settings.FHIR_MAX_BODY
    if answer.length is not None and answer.length > most:
        raise Stopped(Ending.TOO_LARGE)
    raw = answer.read(most + 1)
    if len(raw) > most:
        raise Stopped(Ending.TOO_LARGE)
    if answer.length:
        raise Again(Ending.UNREACHABLE)  # hung up before the end
    return Answer(raw, date)


def _refuse(answer: HTTPResponse, date: datetime | None) -> None:
    status = answer.status
    if 300 <= status < 400:
        raise Stopped(Ending.REDIRECTED)
    if status in (401, 403):
        raise Stopped(Ending.UNAUTHORISED)
    if status in (408, 429) or status >= 500:
        raise Again(Ending.BUSY, _after(answer.getheader("Retry-After"), date))
    raise Stopped(Ending.REFUSED, gone=status in GONE)


def _after(said: str | None, date: datetime | None) -> float | None:
    """The seconds that Retry-After asks for; a time is measured by the gateway's own clock."""
    if said is None:
        return None
    if said.isascii() and said.isdecimal():
        return float(said[:9])
    until = _date(said)
    return max(0.0, (until - date).total_seconds()) if until and date else None


def _date(said: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(said) if said else None
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found and found.tzinfo else None
