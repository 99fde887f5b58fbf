"""Bytes to a tree, within limits: what is refused here never becomes a document. Pure: imports no Django.

JSON: strict UTF-8 (a byte order mark is skipped, RFC 8259 §8.1), no NaN, no duplicate names, no NUL, no lone
surrogates, nested at most `max_depth` deep. Decimals become floats: what we read carries no quantities that need more.
"""

import json
import re
from typing import Any

import orjson

from fhir.bundle import Rejected, Tree
from fhir.tree import NODE
from fhir.xml import to_tree

DEPTH = 64
"""Lists and objects inside each other; a FHIR document needs about 20."""
VALUES = 500_000
"""Values in one document, counted by the characters that separate them: bounds memory before anything is built."""
LONG = 16_384
"""Characters from which a string is taken out before the rest is searched."""
BOM = b"\xef\xbb\xbf"
TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}:,]', re.DOTALL)

TRUNCATED = "Dokumentet er afbrudt: det slutter, før det er helt."
MALFORMED = "Dokumentet er ikke gyldig JSON."
NO_UTF8 = "Dokumentet er ikke gyldig UTF-8."
TOO_DEEP = "Dokumentet har for mange niveauer inden i hinanden."
TOO_MANY = "Dokumentet har for mange enkelte værdier."
DUPLICATE = "Det samme navn forekommer to gange i det samme objekt."
CONTROL = "Dokumentet indeholder tegn, der ikke er tilladt (NUL)."
NO_OBJECT = "Dokumentet er ikke en FHIR-ressource: det yderste skal være et objekt med resourceType."


def from_json(raw: bytes, max_depth: int = DEPTH) -> Tree:
    """The tree of a JSON document; raises Rejected with the line and column of the first fault."""
    raw = raw.removeprefix(BOM)
    if len(raw) > VALUES and raw.count(b",") + raw.count(b"{") + raw.count(b"[") > VALUES:
        raise Rejected(TOO_MANY)
    try:
        tree = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _rejected(raw, error, max_depth) from None
    if not isinstance(tree, dict):
        raise Rejected(NO_OBJECT)
    names, strings = _walk(tree, raw, max_depth)
    rest = _without_payloads(raw, strings)
    escapes = rest.lower() if b"\\u00" in rest else b""
    if b"\\u0000" in escapes and any("\0" in string for string in strings):
        raise Rejected(CONTROL, _place(raw.decode(), raw.decode().find("\\u0000")))
    # Every name brings one colon; the others stand in strings. More than that in the bytes: a name was dropped.
    # A colon written as an escape would upset the sum, so such bytes are read name by name.
    colons = sum(string.count(":") for string in strings if ":" in string)
    if rest.count(b":") != names + colons or b"\\u003a" in escapes:
        _refuse_duplicates(raw.decode())
    return tree


def from_xml(raw: bytes, max_depth: int = DEPTH) -> Tree:
    """The tree of an XML document (`fhir.xml`); raises Rejected with the line and column of the first fault."""
    return to_tree(raw, max_depth)


def _walk(tree: Tree, raw: bytes, max_depth: int) -> tuple[int, list[str]]:
    """The number of names and every string (names too) of a tree; level by level, so no depth can hurt."""
    names = depth = 0
    strings: list[str] = []
    level: list[Any] = [tree]
    while level:
        depth += 1
        if depth > max_depth:
            raise Rejected(TOO_DEEP, _too_deep_at(raw.decode(), max_depth))
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                names += len(node)
                strings.extend(node)
                node = node.values()
            for one in node:
                if isinstance(one, str):
                    strings.append(one)
                elif isinstance(one, NODE):
                    below.append(one)
        level = below
    return names, strings


def _without_payloads(raw: bytes, strings: list[str]) -> bytes:
    """The bytes without long strings that hold neither colon nor escape: nothing that is counted goes with them."""
    for string in strings:
        if len(string) > LONG and ":" not in string and "\\" not in string:
            payload = string.encode()
            start = raw.find(payload[:64])
            if raw.startswith(payload, start):
                raw = raw[:start] + raw[start + len(payload) :]
    return raw


def _rejected(raw: bytes, error: orjson.JSONDecodeError, max_depth: int) -> Rejected:
    """What orjson refused, in our words."""
    try:
        document = raw.decode()
    except UnicodeDecodeError as fault:
        return Rejected(NO_UTF8, _place(raw[: fault.start].decode(), fault.start))
    if "depth" in error.msg or "memory" in error.msg:  # many open lists: orjson runs out of the room it made for them
        return Rejected(TOO_DEEP, _too_deep_at(document, max_depth))
    truncated = error.pos >= len(document.rstrip()) or "end of data" in error.msg or not document.strip()
    return Rejected(TRUNCATED if truncated else MALFORMED, _place(document, error.pos))


def _place(document: str, position: int) -> str:
    before = document[:position]
    return f"linje {before.count(chr(10)) + 1}, tegn {len(before) - before.rfind(chr(10))}"


def _too_deep_at(document: str, max_depth: int) -> str:
    """Where the level that is one too many begins."""
    depth = 0
    for token in TOKEN.finditer(document):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > max_depth:
            return _place(document, token.start())
    return ""


def _refuse_duplicates(document: str) -> None:
    """Read well-formed JSON name by name; raises Rejected at the first name that its object already has."""
    names: list[set[str] | None] = []
    last: re.Match[str] | None = None
    for token in TOKEN.finditer(document):
        match token[0]:
            case "{":
                names.append(set())
            case "[":
                names.append(None)
            case "}" | "]":
                names.pop()
            case ":" if last is not None and names[-1] is not None:
                name = json.loads(last[0])
                if name in names[-1]:
                    raise Rejected(DUPLICATE, _place(document, last.start()))
                names[-1].add(name)
        last = token
