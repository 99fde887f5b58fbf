"""The text layer of a page, line by line, as ekg.printed reads it. Runs in the limited child and imports no Django.

Invisible text is left out: it is what a machine took a scanned sheet to say, and an eight read as a three is no scale.
"""

import ctypes

import pypdfium2
from pypdfium2 import raw

from ekg.printed import Line

MOST = 20_000
"""Characters; a sheet has a few hundred. What has more is no sheet, and is taken to say nothing."""


def lines(data: bytes, number: int) -> list[Line]:
    """The lines of a page (1 is the first) that a reader can see."""
    document = pypdfium2.PdfDocument(data)
    try:
        page = document[number - 1]
        layer = page.get_textpage()
        count = layer.count_chars()
        return _lines(page, layer, count) if count <= MOST else []
    finally:
        document.close()


def _lines(page: pypdfium2.PdfPage, layer: pypdfium2.PdfTextPage, count: int) -> list[Line]:
    found: list[Line] = []
    text, top = "", -1.0
    for index in range(count):
        sign = chr(raw.FPDFText_GetUnicode(layer, index))
        if sign in "\r\n":
            found, text, top = [*found, Line(text, top)], "", -1.0
        elif sign.isspace() or _is_visible(layer, index):
            text += sign
            top = _top(page, layer, index) if top < 0 and not sign.isspace() else top
    return [line for line in [*found, Line(text, top)] if 0 <= line.top <= 1]


def _is_visible(layer: pypdfium2.PdfTextPage, index: int) -> bool:
    drawn = raw.FPDFText_GetTextObject(layer, index)
    return not drawn or raw.FPDFTextObj_GetTextRenderMode(drawn) != raw.FPDF_TEXTRENDERMODE_INVISIBLE


def _top(page: pypdfium2.PdfPage, layer: pypdfium2.PdfTextPage, index: int) -> float:
    """How far down the page as it is shown, turned and cropped, a character stands; -1 beside it."""
    x, y, right, down = ctypes.c_double(), ctypes.c_double(), ctypes.c_int(), ctypes.c_int()
    raw.FPDFText_GetCharOrigin(layer, index, x, y)
    raw.FPDF_PageToDevice(page, 0, 0, 10_000, 10_000, 0, x, y, right, down)
    return down.value / 10_000 if 0 <= right.value <= 10_000 else -1.0
