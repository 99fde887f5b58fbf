"""What comes out of the printer: read back from the PDF that Chromium prints, in millimetres."""

import io
from typing import Any

import pypdfium2
import pypdfium2.raw
from PIL import Image
from playwright.sync_api import Page, expect

from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import Screen, rows
from sundhedsjournal.tests.browser.test_accessibility import clean

MM = 72 / 25.4
UPRIGHT, LYING = (210, 297), (297, 210)
STUB = """
globalThis.printed = [];
globalThis.print = () => { printed.push([...document.images].every((image) => image.complete && image.naturalWidth)); };
"""


class Paper:
    """The printed pages: sizes, words and pictures, in millimetres."""

    def __init__(self, data: bytes) -> None:
        with pypdfium2.PdfDocument(data) as document:
            self.pages = [self._page(page) for page in document]

    def _page(self, page: Any) -> tuple[tuple[float, float], str, list[tuple[float, float]], Image.Image]:
        width, height = page.get_size()
        words = " ".join(page.get_textpage().get_text_range().split())
        found = [each.get_bounds() for each in page.get_objects() if each.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
        pictures = [((right - left) / MM, (top - bottom) / MM) for left, bottom, right, top in found]
        return (width / MM, height / MM), words, pictures, page.render(scale=1).to_pil()

    @property
    def sizes(self) -> list[tuple[float, float]]:
        return [size for size, *_ in self.pages]

    @property
    def words(self) -> list[str]:
        return [words for _, words, *_ in self.pages]

    @property
    def pictures(self) -> list[list[tuple[float, float]]]:
        return [pictures for _, _, pictures, _ in self.pages]


def near(found: Any, wanted: Any) -> bool:
    """To three tenths of a millimetre."""
    return len(found) == len(wanted) and all(abs(a - b) <= 0.3 for a, b in zip(found, wanted, strict=True))


def to_print(page: Page, key: str = "") -> Page:
    """Press "Udskriv", or its key, and wait until the page that opens has asked for the printer."""
    page.context.add_init_script(STUB)
    with page.context.expect_page() as opened:
        if key:
            page.keyboard.press(key)
        else:
            page.locator("#udskriv").click()
    sheet = opened.value
    page.close()
    return ready(sheet)


def ready(sheet: Page) -> Page:
    expect(sheet.locator("#udskrift")).to_contain_text("Klar til udskrift i 100 %")
    return sheet


def on_paper(page: Page) -> Paper:
    return Paper(page.pdf(prefer_css_page_size=True, print_background=False))


def test_a_recording_is_a_cover_and_its_sheet_in_full_size(reader: Screen) -> None:
    page = reader.open("nancy")
    sheet = to_print(page, "p")
    assert sheet.evaluate("printed") == [True], "printed once, when every picture was there"
    paper = on_paper(sheet)
    assert [near(*pair) for pair in zip(paper.sizes, (UPRIGHT, LYING), strict=True)] == [True, True], paper.sizes
    assert paper.pictures[0] == []
    assert [near(each, LYING) for each in paper.pictures[1]] == [True], paper.pictures
    cover, running = paper.words
    for said in (
        "EKG 20.11.2026 kl. 14.32", "Hospital · Hjertesygdomme, Østfjord Universitetshospital", "Nancy Ann Berggren",
        "251248-••••", "Kommentar til tolkning: Elektroder V1 og V2 er byttet om.", "25 mm/s · 10 mm/mV",
        "EKG-deling, hentet kl.", "af Læge Anna Holm · Lægehuset Nord", "Formål Aktuel behandling", "side 1 af 2",
    ):  # fmt: skip
        assert said in cover
    assert "Nancy Ann Berggren 251248-•••• 20.11.2026 kl. 14.32" in running
    assert "Kommentar: Elektroder V1 og V2 er byttet om." in running
    assert "side 2 af 2" in running
    assert "251248-9996" not in cover + running
    assert "Formindsket" not in running
    for tool in ("Tilbage til optagelsen", "Hent som PDF", "Luk journalen", "Dit opslag er registreret"):
        assert tool not in cover + running


def test_the_line_lies_on_blank_paper_alone(reader: Screen) -> None:
    """Where the printed sheet and the picture differ there is the line, and the picture is white there."""
    sheet = to_print(reader.open("nancy"))
    data = sheet.pdf(prefer_css_page_size=True)
    shown = sheet.locator(".a4 img").get_attribute("src")
    answer = sheet.request.get(f"{reader.demo.at.site}{shown}")
    with pypdfium2.PdfDocument(data) as document:
        printed = document[1].render(scale=150 / 72).to_pil().convert("L")
    plain = Image.open(io.BytesIO(answer.body())).convert("L").resize(printed.size)
    strip = (0, round(4.5 / 210 * printed.height), printed.width, round(9.5 / 210 * printed.height))
    assert min(plain.crop(strip).tobytes()) > 240, "the sheet is blank there"
    assert min(printed.crop(strip).tobytes()) < 120, "and there is the line"


def test_every_sheet_of_a_document_of_two_pages_has_its_own_paper_and_number(reader: Screen) -> None:
    paper = on_paper(to_print(reader.open("ingrid")))
    assert [near(*pair) for pair in zip(paper.sizes, (UPRIGHT, LYING, LYING), strict=True)] == [True] * 3
    assert all(near(pictures[0], LYING) for pictures in paper.pictures[1:])
    assert [f"side {n} af 3" in words for n, words in enumerate(paper.words, 1)] == [True] * 3


def test_a_scan_without_a_blank_margin_is_made_smaller_and_says_so(reader: Screen) -> None:
    page = reader.open("ingrid")
    rows(page).last.click()
    expect(page.locator(".comment", has_text="Skannet fra papir.")).to_be_visible()
    paper = on_paper(to_print(page))
    assert near(paper.sizes[1], LYING)
    assert near(paper.pictures[1][0], (297 * 0.95, 210 * 0.95)), paper.pictures
    assert "Formindsket til 95 %" in paper.words[1]


def test_a_small_sheet_keeps_its_size_on_a4_with_the_line_beneath_it(reader: Screen) -> None:
    page = reader.open("bent")
    rows(page).filter(has_text="Optaget i hjemmet").click()
    expect(page.locator(".comment", has_text="Optaget i hjemmet")).to_be_visible()
    paper = on_paper(to_print(page))
    assert near(paper.sizes[1], LYING)
    assert near(paper.pictures[1][0], (210, 148)), paper.pictures
    assert "Formindsket" not in paper.words[1]


def test_a_long_comment_stands_on_the_cover_and_the_line_leads_there(reader: Screen) -> None:
    paper = on_paper(to_print(reader.open("farid")))
    assert "Kommentar: se side 1" in paper.words[-1]
    covers = paper.words[:-1]
    assert f"side {len(paper.words)} af {len(paper.words)}" in paper.words[-1]
    assert "Kommentar til tolkning:" in covers[0]


def test_a_protected_name_is_printed_as_it_is_shown_and_said_to_be_protected(reader: Screen) -> None:
    cover, running = on_paper(to_print(reader.open("beskyttet"))).words
    assert "Navne- og adressebeskyttet" in cover
    assert "Kommentar: se side 1" in running, "three long words leave it no room"
    assert "Optaget i liggende stilling efter ti minutters hvile." in cover


def test_a_document_without_a_picture_is_a_cover_that_says_so(reader: Screen) -> None:
    paper = on_paper(to_print(reader.open("grethe")))
    assert len(paper.words) == 1
    assert "Optagelsen kan ikke vises som billede." in paper.words[0]
    assert "Patienten ryster på højre arm." in paper.words[0]
    assert "side 1 af 1" in paper.words[0]


def test_a_comparison_is_printed_whole(reader: Screen) -> None:
    page = reader.open("nancy")
    page.locator("#sammenlign").click()
    expect(page.get_by_role("heading", name="Sammenlign EKG")).to_be_visible()
    paper = on_paper(to_print(page, "p"))
    assert [near(*pair) for pair in zip(paper.sizes, (UPRIGHT, LYING) * 2, strict=True)] == [True] * 4
    assert [f"side {n} af 4" in words for n, words in enumerate(paper.words, 1)] == [True] * 4
    assert "Sammenlignet med" in paper.words[0]
    assert "Kommentar: Elektroder V1 og V2 er byttet om." in paper.words[1]
    assert "Kommentar" not in paper.words[3]


def test_nothing_is_printed_when_a_picture_does_not_come(reader: Screen) -> None:
    page = reader.open("nancy")
    where = page.locator("#udskriv").get_attribute("href")
    reader.watch.expected.add(503)
    page.context.add_init_script(STUB)
    page.context.route("**/side/1/150", lambda route: route.fulfill(status=503))
    page.close()
    sheet = reader.context.new_page()
    sheet.goto(f"{reader.demo.at.site}{where}")
    expect(sheet.locator("#udskrift")).to_have_text("Et billede kunne ikke hentes. Udskriv ikke, men hent siden igen.")
    sheet.keyboard.press("p")
    assert sheet.evaluate("printed") == []


def test_the_full_number_is_printed_when_it_is_asked_for(reader: Screen) -> None:
    sheet = to_print(reader.open("nancy"))
    sheet.get_by_role("link", name="Med fuldt CPR-nummer").click()
    ready(sheet)
    assert "251248" not in sheet.url
    paper = on_paper(sheet)
    assert all("251248-9996" in words for words in paper.words)
    sheet.get_by_role("link", name="Uden fuldt CPR-nummer").click()
    ready(sheet)
    assert not any("251248-9996" in words.replace("CPR 251248-9996", "") for words in on_paper(sheet).words)


def test_the_page_of_the_print_has_no_fault_in_any_theme_and_stays_light(reader: Screen) -> None:
    sheet = to_print(reader.open("nancy"))
    clean(sheet)
    assert sheet.locator(".cover").evaluate("(each) => getComputedStyle(each).backgroundColor") == "rgb(255, 255, 255)"
    sheet.set_viewport_size({"width": 320, "height": 640})
    assert sheet.evaluate("document.documentElement.scrollWidth") == 320
    clean(sheet)


def test_a_pdf_is_asked_for_waited_for_and_downloaded(reader: Screen) -> None:
    page = reader.open("nancy")
    page.locator("#hent-pdf").click()
    expect(page.get_by_role("heading", name="EKG som PDF")).to_be_visible()
    clean(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Hent filen").click(timeout=60_000)
    clean(page)
    assert download.value.suggested_filename == "ekg-2026-11-20-1432.pdf"
    with pypdfium2.PdfDocument(download.value.path().read_bytes()) as document:
        assert len(document) == 2


def test_without_scripts_the_pdf_comes_by_trying_again(screen: NewScreen) -> None:
    page = screen(java_script_enabled=False).open("nancy")
    page.locator("#hent-pdf").click()
    again, fetch = page.get_by_role("link", name="Prøv igen"), page.get_by_role("link", name="Hent filen")
    for _ in range(60):
        if fetch.count():
            break
        again.click()
        page.wait_for_timeout(1000)
    with page.expect_download() as download:
        fetch.click()
    assert download.value.suggested_filename == "ekg-2026-11-20-1432.pdf"
