"""What a reader is shown is what PDFium paints, to the pixel: compared at the door, with PDFium called by the test."""

from collections.abc import Callable

import pypdfium2
import pytest
from django.test import Client

from access.tests.cast import NANCY, launched
from ekg import preview, renditions
from ekg.tests import hostile_pdfs as make
from ekg.tests import making
from ekg.tests.making import deliver, document, held
from ekg.tests.reading import OLD_BROWSER, Ask, asking, by_pdfium, sample, shown

pytestmark = pytest.mark.django_db
UNIT = 2.0
SHEETS: dict[str, Callable[[], bytes]] = {
    "nancy": lambda: sample("nancy-2026-11-20-swapped-v1-v2"),
    "six-by-two": lambda: sample("nancy-2019-05-21-routine"),
    "fast": lambda: sample("emil-2026-11-18-fainted"),
    "two-pages": lambda: sample("ingrid-2026-05-19-two-pages"),
    "standing": make.sheet,
    "turned": lambda: make.sheet(page=make.BOX + b"/Rotate 90"),
    "turned-back": lambda: make.sheet(page=make.BOX + b"/Rotate 270"),
    "large-units": lambda: make.sheet(page=b"/MediaBox[0 0 297.5 421]/UserUnit 2"),
    "cropped": lambda: make.sheet(page=make.BOX + b"/CropBox[33.3 71 501.7 777.7]"),
    "odd": lambda: make.sheet(page=b"/MediaBox[-11.5 -7.25 613.3 301.1]"),
    "mended": make.broken_xref,
    "three": lambda: make.pages(3),
}


@pytest.fixture
def ask(client: Client) -> Ask:
    return asking(client, launched(client, "holm", NANCY))


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions, "ring", lambda task, about: True)


@pytest.mark.parametrize("name", SHEETS)
def test_every_page_is_shown_to_the_pixel_at_every_resolution_and_in_both_formats(name: str, ask: Ask) -> None:
    data, unit = SHEETS[name](), UNIT if name == "large-units" else 1
    count = len(pypdfium2.PdfDocument(make.sheet() if name == "mended" else data))
    deliver(document("one", making.recording(pdf=data, pdf_sha256=making.sha256(data), pages=count)))
    recording = held()
    assert preview.make(recording.pk)
    for number in range(1, count + 1):
        assert ask(recording, number, 300).status_code == 202
    plain = make.sheet() if name == "mended" else data
    expected = {
        (number, dpi): by_pdfium(plain, number, dpi, unit) for number in range(1, count + 1) for dpi in (75, 150, 300)
    }
    fast = {page: ask(recording, *page) for page in expected if page[1] != 300}
    while renditions.sweep_once():
        pass
    packed = {page: ask(recording, *page) for page in expected}
    unpacked = {page: ask(recording, *page, accept=OLD_BROWSER) for page in expected}
    for kind, answers in (("png", fast), ("webp", packed), ("png", unpacked)):
        for page, answer in answers.items():
            assert answer["Content-Type"] == f"image/{kind}"
            image = shown(answer)
            assert image.size == expected[page].size, page
            assert image.tobytes() == expected[page].tobytes(), page
