"""Decodes the streams of a PDF, to their checksums and within bounds. Runs in the limited child, imports no Django.

zlib streams, which is nearly all, are unpacked here piece by piece: that tells a stream cut short from a whole one, and
a bomb from a picture, without holding it. Other filters are qpdf's.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

CONTENT_BYTES = 8 << 20
"""The most one drawing may decode to; the largest EKG page seen is 0.4 MB."""
STREAM_BYTES = 256 << 20
"""The most one other stream (a scanned page: 600 dpi in colour is 104 MB) may decode to."""
_CHUNK = 1 << 20

_UNREADABLE_HERE = frozenset({"/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode"})
"""Picture formats that qpdf passes through untouched; PDFium alone reads them."""


class Damaged(Exception):
    """The stream cannot be decoded, or does not end as a drawing ends."""


class TooLarge(Exception):
    """The stream decodes to more than a page can need."""


def over_limits(error: BaseException) -> bool:
    """Whether qpdf gave up because of a limit, its own or the process's; it says so in words alone."""
    return bool(re.search("limit exceeded|bad_alloc|too many", str(error)))


def _cause(error: pikepdf.PdfError) -> Exception:
    return TooLarge() if over_limits(error) else Damaged("filter")


def inflate(raw: bytes, limit: int) -> Iterator[bytes]:
    """Give a zlib stream in pieces, to its checksum; raises Damaged (also when cut short) and TooLarge."""
    decoder, total, rest = zlib.decompressobj(), 0, raw
    while not decoder.eof:
        try:
            piece = decoder.decompress(rest, _CHUNK)
        except zlib.error as error:
            raise Damaged("zlib") from error
        rest, total = decoder.unconsumed_tail, total + len(piece)
        if total > limit:
            raise TooLarge
        if not piece and not rest and not decoder.eof:
            raise Damaged("cut short")
        yield piece


def jpeg(raw: bytes) -> None:
    """Follow a JPEG's segments to its picture and that to the end mark; raises Damaged.

    A JPEG carries no checksum: a decoder paints what it has and tells only what this finds in a hundredth of the time,
    a picture cut short or not begun (ITU-T T.81, annex B).
    """
    place = 2 if raw[:2] == b"\xff\xd8" else len(raw)
    while raw[place : place + 1] == b"\xff" and raw[place + 1 : place + 2] not in (b"", b"\xda"):
        filling = raw[place + 1] == 0xFF
        place += 1 if filling else 2 + int.from_bytes(raw[place + 2 : place + 4], "big")
    if raw[place : place + 2] != b"\xff\xda" or raw.find(b"\xff\xd9", place) < 0:
        raise Damaged("JPEG")


def filters(stream: Any) -> list[str]:
    """The names of a stream's filters, in the order they are undone."""
    value = stream.get("/Filter")
    return [] if value is None else [str(name) for name in value] if isinstance(value, pikepdf.Array) else [str(value)]


def decoded(stream: Any) -> tuple[bytes, bool]:
    """A drawing's bytes, and whether a checksum vouches for them; raises Damaged, TooLarge."""
    if filters(stream) == ["/FlateDecode"] and stream.get("/DecodeParms") is None:
        return b"".join(inflate(stream.read_raw_bytes(), CONTENT_BYTES)), True
    try:
        data = bytes(stream.read_bytes())
    except pikepdf.PdfError as error:
        raise _cause(error) from error
    if len(data) > CONTENT_BYTES:
        raise TooLarge
    return data, False


def verify(stream: Any) -> None:
    """Decode a stream that is no drawing (image, font, profile) and drop the bytes; raises Damaged, TooLarge."""
    names = filters(stream)
    if names == ["/DCTDecode"]:
        jpeg(stream.read_raw_bytes())
        return
    if names[:1] == ["/FlateDecode"]:
        for _ in inflate(stream.read_raw_bytes(), STREAM_BYTES):
            pass
        names = names[1:]
    if not names or _UNREADABLE_HERE.intersection(names):
        return
    try:
        memoryview(stream.get_stream_buffer(pikepdf.StreamDecodeLevel.all))
    except pikepdf.PdfError as error:
        raise _cause(error) from error
