"""Reads PDF content streams to their end: does the drawing stop in the middle?

Runs in the limited child and imports no Django. PDFium paints what it understands and is silent about the rest: a grid
without its curves looks finished. So every stream that draws is decoded with its checksum and then read as tokens (ISO
32000-2 §7.8.2): strings, arrays and dictionaries must close, and the last token must be an operator. Plain streams,
which is nearly all, are read with a few passes over the bytes (1 ms for 400 kB); whatever those passes do not know
goes to qpdf's own parser (90 ms for that).
"""

import re
from decimal import Decimal
from typing import Any, NamedTuple

import pikepdf

from ekg.pdf_streams import Damaged

OPERATORS = frozenset(
    b"b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re"
    b" RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"".split()
)
"""ISO 32000-2, annex A."""

_ESCAPE = re.compile(rb"\\.", re.S)
_HEX_OR_DICTIONARY = re.compile(rb"<[0-9A-Fa-f\s]*+>|<<[^<>(){}%]*+>>")
_ARRAY = re.compile(rb"\[[^\[\]<>(){}%]*+\]")
_REGULAR = bytes(c for c in range(0x21, 0x7F) if c not in b"()<>[]{}%\\") + b"\0\t\n\f\r "
_PLAIN_TOKEN = re.compile(rb"[-+]?[0-9]*\.?[0-9]+\.?\Z|/[^/]+\Z")
_LAST_TOKEN = re.compile(rb"(?:^|[\0\t\n\f\r ])([A-Za-z0-9*'\"]{1,3})[\0\t\n\f\r ]*\Z")
_NAME_USED = re.compile(rb"/([^\0\t\n\f\r /]+)(?:[\0\t\n\f\r ]+[-+.0-9]+)?[\0\t\n\f\r ]+(Do|Tf)(?![A-Za-z0-9*])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


class Uses(NamedTuple):
    """The names a drawing takes from its resources, without the slash."""

    xobjects: frozenset[str]
    fonts: frozenset[str]


def read(data: bytes, checksummed: bool) -> Uses:
    """Read a drawing's tokens to the end; raises Damaged. Without a checksum every operator must be a known one."""
    return _read_plain(data, checksummed) or _read_thoroughly(data, checksummed)


def _read_plain(data: bytes, checksummed: bool) -> Uses | None:
    """The fast way; None when the stream holds anything that is not plainly right."""
    rest = _without_strings(data)
    if b"<" in rest:
        rest = _HEX_OR_DICTIONARY.sub(b" ", rest)
    if b"[" in rest:
        rest = _ARRAY.sub(b" ", rest)
    if rest.translate(None, _REGULAR) or (b"I" in rest and b"BI" in rest) or (not checksummed and b"BX" in rest):
        return None
    last = _LAST_TOKEN.search(rest[-256:])
    if last[1] not in OPERATORS if last else rest and not rest.isspace():
        return None
    if not checksummed and not all(map(_PLAIN_TOKEN.match, set(rest.split()) - OPERATORS)):
        return None
    return _uses(set(_NAME_USED.findall(rest)))


def _without_strings(data: bytes) -> bytes:
    """Replace each string by a space; one that does not close stays, and its parenthesis with it."""
    pieces = _ESCAPE.sub(b"", data).split(b"(")
    for number, piece in enumerate(pieces[1:], start=1):
        inside, closed, after = piece.partition(b")")
        pieces[number] = b" " + after if closed else b"(" + inside
    return b"".join(pieces)


def _uses(found: set[tuple[bytes, bytes]]) -> Uses:
    def names(operator: bytes) -> frozenset[str]:
        return frozenset(
            _ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), name).decode("utf-8", "replace")
            for name, used_by in found
            if used_by == operator
        )

    return Uses(names(b"Do"), names(b"Tf"))


_NUMBERS = frozenset({int, Decimal})


class _Reader(pikepdf.StreamParser):
    """Counts what qpdf's parser sees: operands without an operator, operators that do not exist."""

    def __init__(self) -> None:
        super().__init__()
        self.pending, self.tolerant, self.unknown = 0, 0, False
        self.name = ""
        self.xobjects: set[str] = set()
        self.fonts: set[str] = set()

    def handle_object(self, token: Any, offset: int, length: int) -> None:
        """Take one operand or operator, in order."""
        if type(token) in _NUMBERS or not isinstance(token, pikepdf.Operator):
            self.pending += 1
            if isinstance(token, pikepdf.Name):
                self.name = str(token)[1:]
            return
        self.pending = 0
        operator = str(token)
        if operator == "Do":
            self.xobjects.add(self.name)
        elif operator == "Tf":
            self.fonts.add(self.name)
        elif operator == "BX":
            self.tolerant += 1
        elif operator == "EX":
            self.tolerant -= 1
        elif not self.tolerant and operator.encode("utf-8", "replace") not in OPERATORS:
            self.unknown = True

    def handle_eof(self) -> None:
        """Nothing more: what is pending stays pending."""


def _read_thoroughly(data: bytes, checksummed: bool) -> Uses:
    """Let qpdf's parser read the stream on a page of its own."""
    with pikepdf.new() as scratch:
        page = scratch.add_blank_page()
        page.obj.Contents = scratch.make_stream(data)
        scratch.get_warnings()
        reader = _Reader()
        try:
            page.parse_contents(reader)
        except pikepdf.PdfError as error:
            raise Damaged("syntax") from error
        if scratch.get_warnings() or reader.pending or (reader.unknown and not checksummed):
            raise Damaged("syntax")
    return Uses(frozenset(reader.xobjects), frozenset(reader.fonts))
