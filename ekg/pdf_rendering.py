"""Paints pages as PNG with PDFium, one job at a time (PDFium is not thread-safe).

Runs in the limited child and imports no Django. No scripts run (this build of PDFium has none) and no font of the
machine is opened (the child has no file handles left), so the same file gives the same pixels everywhere.
"""

import io
import math
import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import pikepdf
import pypdfium2

MAX_PIXELS = 16_000_000
"""One page: 48 MB of RGB. A4 at 150 dpi is 2.2 million; a larger page gets fewer dots per inch, never more memory."""
_LEVEL = 6
"""zlib level, measured on an EKG at 150 dpi: 3 gives 262 kB in 40 ms, 6 gives 203 kB in 87 ms, 9 gains nothing."""


class PageFailed(Exception):
    """One page could not be painted; carries a Danish sentence."""


class Picture(NamedTuple):
    """One page as it was painted, at so many dots per inch."""

    data: bytes
    format: str
    dpi: int
    width: int
    height: int
    width_mm: float
    height_mm: float


def mended(data: bytes) -> bytes:
    """The file as qpdf reads it, written anew: PDFium would mend a damaged file in its own way."""
    copy = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(copy, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return copy.getvalue()


def count(data: bytes) -> int:
    """How many pages PDFium finds; 0 when it cannot open the file."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return 0
    pages = len(document)
    document.close()
    return pages


def paint(data: bytes, number: int, dpis: Sequence[int], units: Sequence[float]) -> list[Picture]:
    """A page (1 is the first) at each of `dpis`; `units` are the points per unit of each page. Raises PageFailed."""
    document = pypdfium2.PdfDocument(data)
    try:
        document.init_forms()
        return [_page(document, number, dpi, units[number - 1]) for dpi in dpis]
    finally:
        document.close()


def _page(document: pypdfium2.PdfDocument, number: int, dpi: int, unit: float) -> Picture:
    try:
        page = document[number - 1]
        width, height = page.get_size()
        scale = min(dpi / 72 * unit, math.sqrt(MAX_PIXELS / (width * height)))
        bitmap = page.render(scale=scale, rev_byteorder=True)
    except (pypdfium2.PdfiumError, ValueError, ZeroDivisionError) as error:
        raise PageFailed(f"Side {number} kan ikke tegnes.") from error
    inch = unit / 72 * 25.4
    png = _png(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, scale / unit * 72 / 0.0254)
    size = (bitmap.width, bitmap.height, round(width * inch, 2), round(height * inch, 2))
    bitmap.close()
    page.close()
    return Picture(png, "png", dpi, *size)


def _png(pixels: bytes, width: int, height: int, stride: int, dots_per_metre: float) -> bytes:
    """RGB rows as PNG, as grey when every pixel is grey: exact, and unfiltered: line art packs best so."""
    depth, colour = 3, 2
    if stride == width * 3 and pixels[0::3] == pixels[1::3] == pixels[2::3]:
        pixels, stride, depth, colour = pixels[0::3], width, 1, 0
    packer = zlib.compressobj(_LEVEL)
    view = memoryview(pixels)
    rows = [part for y in range(height) for part in (b"\0", view[y * stride : y * stride + width * depth])]
    packed = packer.compress(b"".join(rows)) + packer.flush()
    per_metre = round(dots_per_metre)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
            _chunk(b"IDAT", packed),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
