"""What comes out of the printer: read back from the PDF that Chromium prints, in millimetres."""

import re
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import Screen, is_seen, picture
from sundhedsjournal.tests.browser.test_accessibility import clean

MM = 72 / 25.4
A4 = (210, 297)
STUB = "globalThis.printed = []; globalThis.print = () => { printed.push([...document.images].every((i) => i.complete)); };"


class Paper:
    """The printed pages: sizes, words and pictures, in millimetres."""

    def __init__(self, data: bytes) -> None:
        self.document = pypdfium2.PdfDocument(data)

    def __len__(self) -> int:
        return len(self.document)

    def size(self, page: int) -> tuple[int, int]:
        width, height = self.document[page].get_size()
        return round(width / MM), round(height / MM)

    def words(self, page: int) -> str:
        return " ".join(self.document[page].get_textpage().get_text_range().split())

    def pictures(self, page: int) -> list[tuple[float, float]]:
        """How large each lies on the paper."""
        found = [each for each in self.document[page].get_objects() if each.type == 3]
        bounds = [each.get_bounds() for each in found]
        return [((right - left) / MM, (top - bottom) / MM) for left, bottom, right, top in bounds]


def to_print(page: Page) -> Page:
    """Press "Udskriv", and wait for the print window of the page that opens."""
    page.context.add_init_script(STUB)
    with page.context.expect_page() as opened:
        page.locator("#udskriv").click()
    sheet = opened.value
    sheet.wait_for_function("globalThis.printed?.length")
    return sheet


def on_paper(page: Page) -> Paper:
    return Paper(page.pdf(prefer_css_page_size=True, print_background=False))


def near(found: tuple[float, float], wanted: tuple[float, float]) -> bool:
    return all(abs(a - b) <= 0.3 for a, b in zip(found, wanted, strict=True))


def test_a_recording_is_a_cover_and_its_sheet_in_full_size(reader: Screen) -> None:
    page = reader.open("nancy")
    sheet = to_print(page)
    assert sheet.evaluate("printed") == [True], "printed once, with every picture there"
    paper = on_paper(sheet)
    assert [paper.size(number) for number in range(len(paper))] == [A4, A4[::-1]]
    assert [near(each, (297, 210)) for each in paper.pictures(1)] == [True], paper.pictures(1)
    cover, running = paper.words(0), paper.words(1)
    print(cover, running)
