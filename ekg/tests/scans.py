"""Makes pages that are one photograph, and pages that only look so."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from PIL import Image

from ekg.tests import hostile_pdfs as make

SIZE = (1170, 827)
PLACED = b"q 841.89 0 0 595.28 0 0 cm /I Do Q"
PAGE = b"/MediaBox[0 0 841.89 595.28]"
IMAGE = b"/ColorSpace/%s/BitsPerComponent 8/Filter/DCTDecode"


def jpeg(mode: str = "RGB", size: tuple[int, int] = SIZE, **how: Any) -> bytes:
    """A photograph of noise."""
    packed = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(packed, "JPEG", quality=60, **how)
    return packed.getvalue()


def scan(
    photo: bytes | None = None,
    *,
    drawing: bytes = PLACED,
    says: bytes = IMAGE % b"DeviceRGB",
    size: tuple[int, int] = SIZE,
    page: bytes = PAGE,
    resources: bytes = b"",
    more: tuple[bytes, ...] = (),
) -> bytes:
    """A page that draws one image; by default as a scanner writes it."""
    head = b"/Type/XObject/Subtype/Image/Width %d/Height %d%s" % (*size, says)
    image = make.stream(jpeg() if photo is None else photo, head)
    return make.sheet(
        make.stream(drawing), page=page, resources=b"/XObject<</I 5 0 R>>" + resources, more=[image, *more]
    )


def grey() -> bytes:
    return scan(jpeg("L"), says=IMAGE % b"DeviceGray")


def icc(n: int, profile: bytes) -> bytes:
    """Colours by a profile, as object 6."""
    return scan(
        jpeg("RGB" if n == 3 else "L"),
        says=b"/ColorSpace[/ICCBased 6 0 R]/BitsPerComponent 8/Filter/DCTDecode",
        more=(make.stream(profile, b"/N %d" % n),),
    )


def profile(kind: bytes) -> bytes:
    """As much of a colour profile as says what it is for."""
    return b"\0\0\0\x80" + b"\0" * 12 + kind + b"\0" * 108


def turned_by_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return scan(jpeg(exif=exif))


def upright_by_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 1
    return scan(jpeg(exif=exif))


def by_weasyprint() -> bytes:
    """Clips to the page and a state that changes nothing around the photograph."""
    drawing = b"1 0 0 -1 0 595.28 cm q 0 0 841.89 595.28 re W n /G gs q 841.89 0 0 -595.28 0 595.28 cm /I Do Q Q"
    return scan(drawing=drawing, resources=b"/ExtGState<</G<</ca 1/CA 1/BM/Normal>>>>")


def two_pages() -> bytes:
    """A scan and a drawn page."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(scan())) as first, pikepdf.open(io.BytesIO(make.sheet())) as second:
        first.pages.extend(second.pages)
        first.save(out)
    return out.getvalue()


KEPT: dict[str, Callable[[], bytes]] = {
    "colour": scan,
    "grey": grey,
    "profile": lambda: icc(3, profile(b"RGB ")),
    "grey profile": lambda: icc(1, profile(b"GRAY")),
    "progressive": lambda: scan(jpeg(progressive=True)),
    "filter in a list": lambda: scan(says=b"/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter[/DCTDecode]"),
    "clipped to the page": by_weasyprint,
    "two turns make none": lambda: scan(drawing=b"q 0 -1 1 0 0 595.28 cm 0 841.89 -595.28 0 595.28 0 cm /I Do Q"),
    "upright by Exif": upright_by_exif,
    "cropped to the photograph": lambda: scan(
        drawing=b"q 841.89 0 0 595.28 20 30 cm /I Do Q", page=b"/MediaBox[0 0 900 700]/CropBox[20 30 861.89 625.28]"
    ),
}
PAINTED: dict[str, Callable[[], bytes]] = {
    "text beside it": lambda: scan(drawing=PLACED + b" BT /F1 12 Tf 30 30 Td (25 mm/s) Tj ET"),
    "invisible text": lambda: scan(drawing=PLACED + b" BT 3 Tr /F1 12 Tf 30 30 Td (25 mm/s) Tj ET"),
    "a line over it": lambda: scan(drawing=PLACED + b" 0 0 m 9 9 l S"),
    "twice": lambda: scan(drawing=PLACED + b" " + PLACED),
    "a margin": lambda: scan(drawing=b"q 821.89 0 0 575.28 10 10 cm /I Do Q"),
    "turned": lambda: scan(drawing=b"q 0 595.28 -841.89 0 841.89 0 cm /I Do Q"),
    "upside down": lambda: scan(drawing=b"q 841.89 0 0 -595.28 0 595.28 cm /I Do Q"),
    "mirrored": lambda: scan(drawing=b"q -841.89 0 0 595.28 841.89 0 cm /I Do Q"),
    "askew": lambda: scan(drawing=b"q 841.89 9 -9 595.28 0 0 cm /I Do Q"),
    "a clip": lambda: scan(drawing=b"q 0 0 400 400 re W n 841.89 0 0 595.28 0 0 cm /I Do Q"),
    "half transparent": lambda: scan(drawing=b"/G gs " + PLACED, resources=b"/ExtGState<</G<</ca 0.5>>>>"),
    "multiplied": lambda: scan(drawing=b"/G gs " + PLACED, resources=b"/ExtGState<</G<</BM/Multiply>>>>"),
    "rotated page": lambda: scan(page=PAGE + b"/Rotate 180"),
    "a note on it": lambda: scan(
        page=PAGE + b"/Annots[6 0 R]", more=(b"<</Type/Annot/Subtype/Square/Rect[9 9 99 99]/F 4>>",)
    ),
    "reversed greys": lambda: scan(jpeg("L"), says=IMAGE % b"DeviceGray" + b"/Decode[1 0]"),
    "a soft mask": lambda: scan(
        says=IMAGE % b"DeviceRGB" + b"/SMask 6 0 R",
        more=(
            make.stream(
                b"\x80",
                b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8",
            ),
        ),
    ),
    "a colour that is no ink": lambda: scan(says=IMAGE % b"DeviceRGB" + b"/Mask[0 9 0 9 0 9]"),
    "four inks": lambda: scan(jpeg("CMYK"), says=IMAGE % b"DeviceCMYK"),
    "grey said of colours": lambda: scan(jpeg(), says=IMAGE % b"DeviceGray"),
    "another size said": lambda: scan(jpeg(size=(585, 414))),
    "a profile of other colours": lambda: icc(3, profile(b"Lab ")),
    "other default colours": lambda: scan(resources=b"/ColorSpace<</DefaultRGB[/ICCBased 6 0 R]>>", more=(
        make.stream(profile(b"RGB "), b"/N 3"),)),
    "packed twice": lambda: scan(
        zlib.compress(jpeg()),
        says=b"/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter[/FlateDecode/DCTDecode]",
    ),
    "long dots": lambda: scan(jpeg(size=(1170, 414)), size=(1170, 414)),
    "turned by Exif": turned_by_exif,
    "too many dots": lambda: scan(jpeg("L", (4961, 3508)), says=IMAGE % b"DeviceGray", size=(4961, 3508)),
}  # fmt: skip
