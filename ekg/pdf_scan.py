"""The JPEG of a page that is nothing else. Runs in the limited child and imports no Django.

A scanner's page is one photograph; painted anew it would be larger and softer than it came. Everything that could make
what a reader sees differ from the photograph (another drawing, a mask, a turn, a profile of other colours, a JPEG that
a browser would turn by itself) makes this module say nothing, and the page is painted like any other.
"""

import io
import math
from collections.abc import Iterable, Sequence
from typing import Any

import pikepdf
from PIL import Image

from ekg.pdf_rendering import MAX_PIXELS, Picture

KEYS = {"/Type", "/Subtype", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/Filter", "/Length"}
KEYS |= {"/Interpolate", "/Name", "/Intent", "/Metadata"}
"""What an image may say of itself; any other word is doubt."""
MODES = {"/DeviceGray": "L", "/DeviceRGB": "RGB"}
PROFILES = {b"GRAY": "L", b"RGB ": "RGB"}
DRAWING_BYTES = 2_000
"""A page that only places a photograph says so in less; WeasyPrint takes 131 bytes."""
ORIENTATION = 0x0112
EDGE = 0.5
"""Points that the picture may stand off the page's edge, or reach over it: 0.2 mm."""
SQUARE = 0.005
"""How far its dots may be from square: a page of 297 mm is at most 1.5 mm off."""

Matrix = tuple[float, float, float, float, float, float]


def scanned(data: bytes, number: int, unit: float) -> Picture | None:
    """The page's JPEG as it came, and the size of the paper; None for any page that is something else."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        page = pdf.pages[number - 1]
        if page.obj.get("/Annots") or page.rotation or _is_drawn_on(page):
            return None
        placed = _placed(page)
        if placed is None:
            return None
        image, at = placed
        jpeg, mode = image.read_raw_bytes(), _mode(image)
        size = (int(image.Width), int(image.Height))
        x1, y1, x2, y2 = _box(page)
    if not all(math.isclose(a, b, abs_tol=EDGE) for a, b in zip(at, (x2 - x1, 0, 0, y2 - y1, x1, y1), strict=True)):
        return None
    dots_are_square = math.isclose(size[0] / size[1], (x2 - x1) / (y2 - y1), rel_tol=SQUARE)
    if size[0] * size[1] > MAX_PIXELS or not dots_are_square or not _is_plain(jpeg, mode, size):
        return None
    inch = unit / 72 * 25.4
    return Picture(jpeg, "jpeg", 0, *size, round((x2 - x1) * inch, 2), round((y2 - y1) * inch, 2))


def _is_drawn_on(page: pikepdf.Page) -> bool:
    """Whether there is more on the page than a photograph needs."""
    contents: Any = page.obj.get("/Contents")
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    colours: Any = page.resources.get("/ColorSpace", {})
    long = sum(int(each.Length) for each in streams) > DRAWING_BYTES
    return long or bool({"/DefaultGray", "/DefaultRGB"} & {*colours.keys()})


def _placed(page: pikepdf.Page) -> tuple[Any, Matrix] | None:
    """The one image that the page draws, and where."""
    drawn: list[tuple[Any, Matrix]] = []
    stack: list[Matrix] = []
    here: Matrix = (1, 0, 0, 1, 0, 0)
    clips = False
    for step in pikepdf.parse_content_stream(page):
        operands: Any = step.operands
        said = str(step.operator)
        if said == "q":
            stack.append(here)
        elif said == "Q" and stack:
            here = stack.pop()
        elif said == "cm":
            here = _times([float(each) for each in operands], here)
        elif said == "Do":
            image = page.resources.XObject[str(operands[0])]
            drawn.append((image, here))
        elif said == "re":
            if here[1] or here[2] or not _covers(_corners([float(each) for each in operands], here), _box(page)):
                return None
        elif said in ("W", "W*"):
            clips = True
        elif said == "n" and clips:
            clips = False
        elif said != "gs" or not _is_idle(page.resources.ExtGState[str(operands[0])]):
            return None
    return drawn[0] if len(drawn) == 1 and drawn[0][0].get("/Subtype") == "/Image" else None


def _is_idle(state: Any) -> bool:
    """Whether a graphics state changes nothing: fully opaque, no mask, no mixing of colours."""
    usual = {"/Type": "/ExtGState", "/ca": 1, "/CA": 1, "/BM": "/Normal", "/SMask": "/None", "/AIS": False}
    return all(key in usual and value == usual[key] for key, value in state.items())


def _mode(image: Any) -> str:
    """L or RGB, as the image's colours are to be understood; "" for all doubt."""
    if set(image.stream_dict.keys()) - KEYS or int(image.get("/BitsPerComponent", 0)) != 8:
        return ""
    filters = image.get("/Filter")
    if filters != "/DCTDecode" and not (isinstance(filters, pikepdf.Array) and list(filters) == ["/DCTDecode"]):
        return ""
    colours = image.get("/ColorSpace")
    if not isinstance(colours, pikepdf.Array):
        return MODES.get(str(colours), "")
    return PROFILES.get(colours[1].read_bytes()[16:20], "") if colours[0] == "/ICCBased" else ""


def _is_plain(jpeg: bytes, mode: str, size: tuple[int, int]) -> bool:
    """Whether it is a whole JPEG of this kind that a browser shows upright."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
            image.load()
            upright = image.getexif().get(ORIENTATION, 1) == 1
            return (image.mode, image.size) == (mode, size) and upright and _frame(jpeg) in b"\xc0\xc1\xc2"
    except (OSError, ValueError, SyntaxError):
        return False


def _frame(jpeg: bytes) -> bytes:
    """The kind of its first frame; browsers show C0 to C2 (baseline, extended, progressive)."""
    at = 2
    while jpeg[at] == 0xFF:
        kind = jpeg[at + 1]
        if kind in range(0xC0, 0xD0) and kind not in (0xC4, 0xC8, 0xCC):
            return jpeg[at + 1 : at + 2]
        at += 1 if kind == 0xFF else 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return b"?"


def _box(page: pikepdf.Page) -> tuple[float, float, float, float]:
    """What is seen of the page: its crop box within its media box."""
    crop, media = ([float(side) for side in box] for box in (page.cropbox, page.mediabox))
    low = [max(min(c[i], c[i + 2]), min(m[i], m[i + 2])) for c, m, i in ((crop, media, 0), (crop, media, 1))]
    high = [min(max(c[i], c[i + 2]), max(m[i], m[i + 2])) for c, m, i in ((crop, media, 0), (crop, media, 1))]
    return low[0], low[1], high[0], high[1]


def _times(m: Sequence[float], n: Matrix) -> Matrix:
    a, b, c, d, e, f = m
    return (
        a * n[0] + b * n[2], a * n[1] + b * n[3], c * n[0] + d * n[2], c * n[1] + d * n[3],
        e * n[0] + f * n[2] + n[4], e * n[1] + f * n[3] + n[5],
    )  # fmt: skip


def _corners(rectangle: Iterable[float], at: Matrix) -> tuple[float, float, float, float]:
    x, y, width, height = rectangle
    moved = [
        (px * at[0] + py * at[2] + at[4], px * at[1] + py * at[3] + at[5])
        for px, py in ((x, y), (x + width, y), (x, y + height), (x + width, y + height))
    ]
    xs, ys = zip(*moved, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _covers(outer: Sequence[float], inner: Sequence[float]) -> bool:
    return all(o <= i + EDGE for o, i in zip(outer[:2], inner[:2], strict=True)) and all(
        o >= i - EDGE for o, i in zip(outer[2:], inner[2:], strict=True)
    )
