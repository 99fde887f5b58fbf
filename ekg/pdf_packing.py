"""A page image as lossless WebP, checked before it is given away. Runs in the limited child and imports no Django."""

import io

from PIL import Image

_EFFORT = {"quality": 80, "method": 4}
"""Measured on an EKG at 150 dpi: 234 kB in 0.16 s; the most effort (100, 4) gives 233 kB in 1.1 s, (75, 2) 247 kB."""


def webp(png: bytes) -> bytes:
    """The same pixels as WebP; raises ValueError when they are not the same."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        pixels = image.convert("RGB")
    packed = io.BytesIO()
    pixels.save(packed, "WEBP", lossless=True, exact=True, **_EFFORT)
    with Image.open(packed, formats=["WEBP"]) as again:
        if again.convert("RGB").tobytes() != pixels.tobytes():
            raise ValueError("not the same pixels")
    return packed.getvalue()
