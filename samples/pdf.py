"""PDF files of the sheets: drawn by WeasyPrint, one scanned from paper, one damaged on its way."""

import base64
import io
import random
from pathlib import Path

import pikepdf
import pypdfium2
from PIL import Image, ImageChops, ImageFilter

from samples import sheets
from samples.ids import uuid
from samples.recordings import Recording

FONTS = Path(__file__).parent / "fonts"


def pdf(recording: Recording) -> bytes:
    """The PDF that the document of this recording carries."""
    name = recording.replaces or recording.name  # a corrected document carries the same sheet
    plain = _printed(sheets.html(recording, FONTS.as_uri() + "/"), name)
    if recording.paper == "scan":
        return _printed(_scanned(plain), name)
    return _damaged(plain) if recording.deviation == "broken-pdf" else plain


def _printed(html: str, name: str) -> bytes:
    try:
        from weasyprint import HTML  # needs Pango from the system, so only when something is drawn
    except OSError as missing:
        raise SystemExit(
            f"PDF'er kan ikke tegnes: {missing}. Installer libpango-1.0-0 og libpangoft2-1.0-0."
        ) from missing
    written = HTML(string=html).write_pdf(pdf_identifier=bytes.fromhex(uuid("pdf", name).replace("-", "")))
    assert isinstance(written, bytes)
    return written


def _scanned(sheet: bytes) -> str:
    """The sheet out of a flatbed scanner: a picture, a little crooked, a little grey, without any words in it."""
    page = pypdfium2.PdfDocument(sheet)[0]
    paper = page.render(scale=130 / 72).to_pil().convert("RGB")
    crooked = paper.rotate(0.6, Image.Resampling.BICUBIC, fillcolor=(250, 248, 243)).filter(
        ImageFilter.GaussianBlur(0.5)
    )
    dust = random.Random(7)
    grain = Image.frombytes(
        "L", crooked.size, bytes(dust.randrange(238, 256) for _ in range(crooked.width * crooked.height))
    )
    picture = ImageChops.multiply(crooked, grain.filter(ImageFilter.GaussianBlur(0.6)).convert("RGB"))
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=62)
    data = base64.b64encode(packed.getvalue()).decode()
    return (
        '<!DOCTYPE html><html lang="da"><head><title>Skannet EKG</title><style>@page{size:297mm 210mm;margin:0}'
        "body{margin:0}img{width:297mm;height:210mm;display:block}</style></head>"
        f'<body><img alt="" src="data:image/jpeg;base64,{data}"></body></html>'
    )


def _damaged(good: bytes) -> bytes:
    """The curves' stream ends in the middle: readers open the file and paint the grid without all of its curves."""
    with pikepdf.Pdf.open(io.BytesIO(good)) as file:
        contents = file.pages[0].Contents
        raw = contents.read_raw_bytes()
        contents.write(raw[: len(raw) * 2 // 5], filter=pikepdf.Name.FlateDecode)
        packed = io.BytesIO()
        file.save(
            packed, deterministic_id=True, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none
        )
    return packed.getvalue()
