"""A page that is one photograph is shown by the very bytes that the source sent; whatever else it may be is painted."""

import io
from typing import Any

import pikepdf
import pytest
from django.test import Client
from PIL import Image

from access.tests.cast import NANCY, launched
from ekg import pdf, preview, queries, renditions
from ekg.models import PageImage
from ekg.tests import making, scans
from ekg.tests.making import deliver, document, held
from ekg.tests.reading import OLD_BROWSER, Ask, asking, by_pdfium, sample, shown


def photograph(data: bytes) -> bytes:
    """The image of the first page as it lies in the file."""
    with pikepdf.open(io.BytesIO(data)) as file:
        resources: Any = file.pages[0].resources
        (image,) = (each for _, each in resources.XObject.items())
        found: bytes = image.read_raw_bytes()
        return found


@pytest.mark.parametrize("name", scans.KEPT)
def test_a_scan_is_kept_as_it_came(name: str) -> None:
    data = scans.KEPT[name]()
    (picture,) = pdf.render(data, 1, (75, 150)).pictures
    assert picture.data == photograph(data)
    assert picture[1:] == ("jpeg", 0, *scans.SIZE, 297.0, 210.0)


@pytest.mark.parametrize("name", scans.KEPT)
def test_what_is_kept_looks_as_pdfium_would_have_painted_it(name: str) -> None:
    """Not to the pixel: PDFium scales. A turned, mirrored or inverted one would be far off."""
    data = scans.KEPT[name]()
    kept = Image.open(io.BytesIO(photograph(data))).convert("L")
    painted = by_pdfium(data, 1, 100).convert("L")
    coarse = [image.resize((39, 27), Image.Resampling.BOX).tobytes() for image in (kept, painted)]
    apart = [abs(a - b) for a, b in zip(*coarse, strict=True)]
    assert sum(apart) / len(apart) < 2


@pytest.mark.parametrize("name", scans.PAINTED)
def test_a_page_in_any_doubt_is_painted(name: str) -> None:
    data = scans.PAINTED[name]()
    pictures = pdf.render(data, 1, (75, 150)).pictures
    assert [(picture.format, picture.dpi) for picture in pictures] == [("png", 75), ("png", 150)]
    image = Image.open(io.BytesIO(pictures[1].data)).convert("RGB")
    assert image.tobytes() == by_pdfium(data, 1, 150).tobytes()


@pytest.fixture
def ask(client: Client) -> Ask:
    return asking(client, launched(client, "holm", NANCY))


def stored(data: bytes, pages: int = 1) -> Any:
    deliver(document("one", making.recording(pdf=data, pdf_sha256=making.sha256(data), pages=pages)))
    assert preview.make(held().pk)
    return held()


@pytest.mark.django_db
def test_the_door_gives_the_photograph_whatever_is_asked_for(ask: Ask) -> None:
    data = sample("ingrid-2019-10-14-scanned")
    recording = stored(data)
    for dpi in (75, 150, 300):
        for accept in ({}, {"accept": OLD_BROWSER}):
            answer = ask(recording, 1, dpi, **accept)
            assert answer["Content-Type"] == "image/jpeg"
            assert answer.content == photograph(data)
    assert PageImage.objects.count() == 1, "nothing else is made of it"
    assert renditions.sweep_once() == 0
    (page,) = queries.recording(making.grant(), recording.pk).pages
    assert (page.width_mm, page.height_mm) == (297.0, 210.0)


@pytest.mark.django_db
def test_a_drawn_page_behind_a_scan_is_painted(ask: Ask) -> None:
    recording = stored(scans.two_pages(), pages=2)
    assert ask(recording, 1)["Content-Type"] == "image/jpeg"
    assert shown(ask(recording, 2)).tobytes() == by_pdfium(scans.two_pages(), 2, 150).tobytes()
