"""Asks the door for pictures, as a browser does, and for the same from PDFium, with none of our code in between."""

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
from django.test import Client
from PIL import Image

from ekg.ingest import EKG
from samples import files

BROWSER = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
OLD_BROWSER = "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
Ask = Callable[..., Any]


def asking(client: Client, context: str) -> Ask:
    """A GET of one page's picture, as a browser that knows WebP, or (accept=…) as another one."""

    def ask(recording: Any, number: int = 1, dpi: int = 150, *, accept: str = BROWSER) -> Any:
        path = f"/k/{context}/ekg/{recording.pk}/side/{number}/{dpi}"
        return client.get(path, headers={"Accept": accept})

    return ask


def shown(answer: Any) -> Image.Image:
    """The pixels of an answer, as a browser decodes them."""
    assert answer.status_code == 200
    image = Image.open(io.BytesIO(answer.content))
    image.load()
    assert answer["Content-Type"] == f"image/{str(image.format).lower()}"
    return image.convert("RGB")


def by_pdfium(data: bytes, number: int, dpi: int, unit: float = 1) -> Image.Image:
    """What PDFium makes of the page; it does not read UserUnit, so the caller says it."""
    document = pypdfium2.PdfDocument(data)
    image: Image.Image = document[number - 1].render(scale=dpi / 72 * unit).to_pil().convert("RGB")
    document.close()
    return image


def sample(name: str) -> bytes:
    """The PDF of the first recording of a sample document."""
    found: bytes = EKG.read(files.tree(f"ekg/{name}.json")).document.recordings[0].pdf
    return found
