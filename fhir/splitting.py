"""Finds the resources in a Bundle too large to be read whole, by their place in its bytes. Pure: imports no Django.

Only what stands around them is read as a document; each resource is read by itself, and so everything is read once, by
the same strict reader (`fhir.parse`). The bytes may be a memory map: nothing but the places is held.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from mmap import mmap

from fhir.bundle import Rejected
from fhir.parse import MALFORMED, TRUNCATED

STUB = b'{"resourceType":"Bundle"}'
FRAME = 20_000_000
"""Bytes around the resources; a national night's are a tenth of that."""
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)
BRACE = re.compile(rb'(?:[^"{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([{}])', re.DOTALL)
"""The next brace that stands in no string."""


@dataclass(frozen=True)
class Split:
    """A Bundle with a stub in the place of each entry's resource, and where those begin and end."""

    frame: bytes
    places: tuple[tuple[int, int], ...]


def split(data: bytes | mmap, passed: Callable[[int], None] = lambda place: None) -> Split:
    """Raises Rejected when bytes are missing or few of them are resources; `passed` hears how far it has come."""
    places: list[tuple[int, int]] = []
    frame: list[bytes] = []
    last, depth, begun, size, entries = b"", 0, 0, 0, False
    found = TOKEN.search(data)
    while found is not None:
        token, end = found[0], found.end()
        if token == b"{" and depth == 3 and entries and last == b'"resource"':
            end = _end(data, found.start())
            places.append((found.start(), end))
            frame += (data[begun : found.start()], STUB)
            size += found.start() - begun + len(STUB)
            begun = end
            passed(end)
            if size > FRAME:
                raise Rejected(MALFORMED)
        elif token in b"[{":
            entries = (last == b'"entry"') if token == b"[" and depth == 1 else entries
            depth += 1
        elif token in b"]}":
            depth -= 1
        last = token if len(token) < 16 else b""
        found = TOKEN.search(data, end)
    if size + len(data) - begun > FRAME:
        raise Rejected(MALFORMED)
    return Split(b"".join((*frame, data[begun:])), tuple(places))


def _end(data: bytes | mmap, start: int) -> int:
    """Where the object that begins here ends."""
    depth, at = 0, start
    while (found := BRACE.match(data, at)) is not None:
        depth += 1 if found[1] == b"{" else -1
        at = found.end()
        if not depth:
            return at
    raise Rejected(TRUNCATED)
