"""Two recordings beside each other in a browser: one scale in millimetres, A fixed, and every note in sight."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import Screen, rows
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_keyboard import tab_to
from sundhedsjournal.tests.browser.test_narrow import TELEPHONE, ZOOMED, fits

NEWEST, ROUTINE, CHEST_PAIN = 0, 1, 6
"""Nancy's recordings as her list has them: with a note at 25 mm/s, without one, with one at 50 mm/s."""
PAPERS = """() => Object.fromEntries([...document.querySelectorAll("[data-side]")].map((side) => {
  const paper = side.querySelector(".paper"), sheet = side.querySelector(".sheet");
  const [view, image] = [paper, sheet.querySelector("img")].map((each) => each.getBoundingClientRect());
  const pxPerMm = image.width / parseFloat(sheet.dataset.mm);
  const x = view.left + paper.clientLeft + paper.clientWidth / 2;
  const y = view.top + paper.clientTop + paper.clientHeight / 2;
  return [side.dataset.side, {
    pxPerMm, x: (x - image.left) / pxPerMm, y: (y - image.top) / pxPerMm,
    left: image.left, top: image.top, mm: sheet.dataset.mm,
  }];
}))"""


def ids(page: Page) -> list[str]:
    return [(row.get_attribute("id") or "").removeprefix("r-") for row in rows(page).all()]


def compare(screen: Screen, patient: str, a: int, b: int, user: str = "holm") -> Page:
    """By the address alone: a comparison is a page of its own."""
    page = screen.open(patient, user)
    chosen = ids(page)
    page.goto(f"{page.url}{chosen[a]}/?med={chosen[b]}", wait_until="networkidle")
    for letter in "AB":
        expect(side(page, letter).locator(".sheet img").first).to_be_attached()
    return page


def side(page: Page, letter: str) -> Locator:
    return page.locator(f"[data-side={letter}]")


def taken(page: Page, letter: str) -> str:
    return side(page, letter).locator("h3").inner_text().split("\n")[-1].removeprefix(letter).strip()


def papers(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(PAPERS)
    return found


def together(page: Page, dx: float = 0, dy: float = 0) -> None:
    """Both papers at one scale, and what is in the middle of B lies (dx, dy) millimetres from that of A."""
    both = papers(page)
    assert both["A"]["pxPerMm"] == pytest.approx(both["B"]["pxPerMm"], rel=0.002)
    assert both["B"]["x"] - both["A"]["x"] == pytest.approx(dx, abs=1)
    assert both["B"]["y"] - both["A"]["y"] == pytest.approx(dy, abs=1)


def test_an_address_alone_opens_a_comparison_that_warns_and_counts_the_time(reader: Screen) -> None:
    page = compare(reader, "nancy", NEWEST, CHEST_PAIN)
    expect(page.get_by_role("heading", name="Sammenlign EKG")).to_be_focused()
    expect(page.get_by_text("De to optagelser har forskellig papirhastighed.")).to_be_visible()
    expect(page.get_by_text("Afstand i tid: 2 år 8 måneder")).to_be_visible()
    expect(side(page, "A")).to_contain_text("25 mm/s · 10 mm/mV")
    expect(side(page, "B")).to_contain_text("50 mm/s · 10 mm/mV")
    warned, sheet = (
        page.get_by_text("De to optagelser").bounding_box(),
        side(page, "A").locator(".sheet").bounding_box(),
    )
    assert warned
    assert sheet
    assert warned["y"] + warned["height"] < sheet["y"], "the warning stands above both"
    tops = [papers(page)[letter]["top"] for letter in "AB"]
    assert tops[0] == pytest.approx(tops[1], abs=1), "both sheets are level, whatever stands above them"


def test_at_one_speed_nothing_warns_and_a_scan_says_that_its_scale_is_not_told(reader: Screen) -> None:
    page = compare(reader, "nancy", NEWEST, ROUTINE)
    expect(page.locator(".said")).not_to_contain_text("papirhastighed")
    page = compare(reader, "ingrid", 0, 1)
    expect(side(page, "B")).to_contain_text("Skalaen fremgår ikke af kilden")
    expect(side(page, "A")).not_to_contain_text("fremgår ikke")
    expect(page.locator(".said")).not_to_contain_text("papirhastighed")


def test_papers_of_two_sizes_have_one_scale_and_move_together(reader: Screen) -> None:
    page = compare(reader, "bent", 0, 1)
    both = papers(page)
    assert (both["A"]["mm"], both["B"]["mm"]) == ("297x210", "210x148")
    assert both["A"]["pxPerMm"] == pytest.approx(both["B"]["pxPerMm"], rel=0.002)
    assert both["A"]["top"] == pytest.approx(both["B"]["top"], abs=1)
    while papers(page)["A"]["pxPerMm"] < 7:
        page.get_by_role("button", name="Zoom ind").click()
    for letter, x, y in (("A", -300, -60), ("B", 40, 20), ("A", -80, -30)):
        paper = side(page, letter).locator(".paper")
        paper.evaluate("(paper, [x, y]) => paper.scrollBy(x, y)", [x, y])
        page.wait_for_timeout(100)
        together(page)
    # Beyond the edge of the smaller one it stops there, and comes along again on the way back.
    paper = side(page, "A").locator(".paper")
    paper.evaluate("(paper) => paper.scrollBy(2000, 0)")
    page.wait_for_timeout(100)
    both = papers(page)
    assert both["A"]["x"] > both["B"]["x"] + 10
    paper.evaluate("(paper) => paper.scrollBy(-1500, 0)")
    page.wait_for_timeout(100)
    together(page)
    page.get_by_role("button", name="Hele siden").click()
    assert papers(page)["A"]["pxPerMm"] == pytest.approx(papers(page)["B"]["pxPerMm"], rel=0.002)


def test_what_is_moved_apart_stays_apart_when_they_follow_each_other_again(reader: Screen) -> None:
    page = compare(reader, "nancy", NEWEST, ROUTINE)
    for _ in range(4):
        page.get_by_role("button", name="Zoom ind").click()
    together(page)
    follow = page.get_by_label("Følg hinanden")
    follow.uncheck()
    side(page, "B").locator(".paper").evaluate("(paper) => paper.scrollBy(100, 50)")
    page.wait_for_timeout(100)
    both = papers(page)
    page.get_by_role("button", name="Flyt udsnittet ned").click()
    assert papers(page)["B"] == both["B"], "the buttons move the paper that was used last: none yet, so A"
    page.get_by_role("button", name="Flyt udsnittet op").click()
    both = papers(page)
    dx, dy = both["B"]["x"] - both["A"]["x"], both["B"]["y"] - both["A"]["y"]
    assert dx > 10
    assert dy > 5
    follow.check()
    together(page, dx, dy)
    side(page, "A").locator(".paper").evaluate("(paper) => paper.scrollBy(-60, 30)")
    page.wait_for_timeout(100)
    together(page, dx, dy)
    # B pages on: A, the scale and the offset stand.
    before = papers(page)["A"]
    page.locator("#aeldre").click()
    expect(side(page, "B").locator("h3")).to_contain_text("14.01.2026")
    after = papers(page)["A"]
    assert (after["x"], after["y"]) == pytest.approx((before["x"], before["y"]), abs=1)
    together(page, dx, dy)


def test_b_pages_through_the_folder_with_buttons_and_arrows_while_a_stands(reader: Screen) -> None:
    page = compare(reader, "nancy", ROUTINE, 2)
    a = taken(page, "A")
    page.get_by_role("link", name="Næste B, ældre optagelse").click()
    expect(side(page, "B").locator("h3")).to_contain_text("09.10.2025")
    expect(page.locator("#aeldre")).to_be_focused()
    expect(page.locator("#status")).to_have_text("B er optagelse 4 af 15")
    page.keyboard.press("ArrowDown")
    expect(side(page, "B").locator("h3")).to_contain_text("22.01.2025")
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    expect(side(page, "B").locator("h3")).to_contain_text("20.11.2026")  # A itself is passed over
    assert taken(page, "A") == a
    assert re.search(r"/ekg/[\w-]+/\?med=[\w-]+$", page.url)
    # In a picture the arrows move the picture.
    side(page, "A").locator(".paper").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(200)
    expect(side(page, "B").locator("h3")).to_contain_text("20.11.2026")
    page.go_back(wait_until="networkidle")
    assert taken(page, "A") == a


def test_where_the_page_scrolls_the_arrows_page_b_from_its_own_buttons_alone(screen: NewScreen) -> None:
    page = compare(screen(viewport={"width": 1000, "height": 500}), "nancy", NEWEST, 2)
    page.locator("#optagelse").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => scrollY > 0 || document.querySelector('#laesepanel').scrollTop > 0")
    expect(side(page, "B").locator("h3")).to_contain_text("14.01.2026")
    page.locator("#aeldre").focus()
    page.keyboard.press("ArrowDown")
    expect(side(page, "B").locator("h3")).to_contain_text("09.10.2025")
    expect(page.locator("#aeldre")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(side(page, "B").locator("h3")).to_contain_text("14.01.2026")


def test_blinking_puts_one_in_the_place_of_the_other_at_the_same_millimetre(reader: Screen) -> None:
    page = compare(reader, "nancy", NEWEST, CHEST_PAIN)
    page.locator("#optagelse").focus()
    page.keyboard.press("b")
    seen = []
    for letter, other in ("AB", "BA", "AB"):
        for part in ("h3", ".bands", ".sheet img"):
            expect(side(page, letter).locator(part)).to_be_visible()
            expect(side(page, other).locator(part)).not_to_be_visible()
        expect(page.locator("#status")).to_contain_text(f"{letter} {taken(page, letter)}")
        now = papers(page)
        seen.append([now[letter][name] for name in ("left", "top", "pxPerMm", "x", "y")])
        page.keyboard.press("b")
    assert seen[0] == pytest.approx(seen[1], abs=0.6)
    assert seen[0] == pytest.approx(seen[2], abs=0.6)
    # B pages on while it is the one that is seen.
    page.locator("#aeldre").click()
    expect(side(page, "B").locator("h3")).to_contain_text("29.08.2023")
    expect(side(page, "B").locator(".bands")).to_contain_text("Ingen kommentar til tolkning")
    page.get_by_role("button", name="Side om side").click()
    for letter in "AB":
        expect(side(page, letter).locator(".sheet img")).to_be_visible()


def test_the_focus_never_stays_on_what_is_hidden(reader: Screen) -> None:
    page = compare(reader, "nancy", NEWEST, CHEST_PAIN)
    page.locator("#aeldre").focus()
    page.keyboard.press("b")
    expect(page.locator("#skift")).to_be_focused()


def test_swapping_choosing_and_closing_work_by_key_and_lead_back_where_it_began(reader: Screen) -> None:
    page = reader.open("nancy")
    button = page.get_by_role("link", name="Sammenlign med optagelsen fra 03.06.2026 kl. 09.10")
    tab_to(page, button, most=90)
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Sammenlign EKG")).to_be_focused()
    assert (taken(page, "A"), taken(page, "B")) == ("20.11.2026 kl. 14.32", "03.06.2026 kl. 09.10")
    page.keyboard.press("x")
    expect(side(page, "A").locator("h3")).to_contain_text("03.06.2026")
    page.keyboard.press("x")
    expect(side(page, "A").locator("h3")).to_contain_text("20.11.2026")
    choose = page.locator("#skift-B")
    choose.focus()
    page.keyboard.press("Enter")
    expect(side(page, "B").get_by_text("Vælg en optagelse at sammenligne med")).to_be_visible()
    page.keyboard.press("Escape")
    expect(choose).to_be_focused()
    expect(side(page, "B").locator(".menu")).not_to_be_visible()
    page.keyboard.press("Enter")
    side(page, "B").get_by_role("link", name=re.compile("^22.01.2025")).press("Enter")
    expect(side(page, "B").locator("h3")).to_contain_text("22.01.2025")
    expect(side(page, "B").locator(".bands")).to_contain_text("Hjertebanken siden kl. 21.")
    page.keyboard.press("Escape")
    expect(page.locator("#optagelse")).to_have_text("20.11.2026 kl. 14.32")
    expect(page.locator("#sammenlign")).to_be_focused()


def test_two_ticked_in_the_list_are_compared_and_closing_leads_back_to_the_row(reader: Screen) -> None:
    page = reader.open("nancy")
    expect(page.get_by_role("checkbox", name=re.compile("^02.03.2024"))).to_have_count(0)
    page.get_by_label("Vælg to for at sammenligne").check()
    page.get_by_role("checkbox", name=re.compile("^02.03.2024 kl. 17.20")).check()
    page.get_by_role("button", name="Sammenlign valgte").click()
    expect(page.get_by_text("Vælg to optagelser. Du har valgt 1.")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("^03.06.2026")).check()
    page.get_by_role("button", name="Sammenlign valgte").click()
    expect(page.get_by_role("heading", name="Sammenlign EKG")).to_be_focused()
    assert (taken(page, "A"), taken(page, "B")) == ("03.06.2026 kl. 09.10", "02.03.2024 kl. 17.20")
    page.get_by_role("link", name="Luk sammenligning").click()
    expect(rows(page).nth(ROUTINE)).to_be_focused()


@pytest.mark.parametrize("how", [TELEPHONE, ZOOMED], ids=["320 px", "400 %"])
def test_both_notes_are_seen_in_a_narrow_window_at_every_step(screen: NewScreen, how: dict[str, Any]) -> None:
    page = compare(screen(**how), "nancy", NEWEST, CHEST_PAIN)
    fits(page)

    def notes() -> None:
        for letter, words in (("A", "Elektroder V1 og V2 er byttet om."), ("B", "kunne ikke ligge fladt.")):
            note = side(page, letter).locator(".bands").get_by_text(words)
            note.scroll_into_view_if_needed()
            expect(note).to_be_in_viewport()

    notes()
    page.get_by_role("button", name="Zoom ind").click()
    fits(page)
    notes()
    page.get_by_role("link", name="Byt A og B").click()
    expect(side(page, "B").locator("h3")).to_contain_text("20.11.2026")
    page.get_by_role("link", name="Byt A og B").click()
    expect(side(page, "A").locator("h3")).to_contain_text("20.11.2026")
    notes()
    page.get_by_role("button", name="Skift mellem A og B").click()
    expect(side(page, "A").locator(".bands").get_by_text("er byttet om.")).to_be_visible()
    page.get_by_role("button", name="Skift mellem A og B").click()
    expect(side(page, "B").locator(".bands").get_by_text("kunne ikke ligge fladt.")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Side om side").click()
    page.locator("#skift-B").click()
    fits(page)
    page.get_by_role("link", name="Luk sammenligning").click()
    expect(page.locator("#sammenlign")).to_be_focused()


def test_without_scripts_everything_but_moving_together_is_there(screen: NewScreen) -> None:
    page = screen(java_script_enabled=False).open("nancy")
    page.get_by_role("link", name=re.compile("^Sammenlign med")).click()
    expect(page.get_by_role("button", name="Skift mellem A og B")).not_to_be_visible()
    expect(page.get_by_label("Følg hinanden")).not_to_be_visible()
    page.get_by_role("link", name="Næste B").click()
    assert (taken(page, "A"), taken(page, "B")) == ("20.11.2026 kl. 14.32", "14.01.2026 kl. 10.05")
    page.locator("#skift-A").click()
    side(page, "A").get_by_role("link", name=re.compile("^22.01.2025")).click()
    page.get_by_role("link", name="Byt A og B").click()
    assert (taken(page, "A"), taken(page, "B")) == ("14.01.2026 kl. 10.05", "22.01.2025 kl. 23.52")
    page.get_by_role("link", name="Luk sammenligning").click()
    expect(page.locator("#sammenlign")).to_be_focused()
    page.get_by_label("Vælg to for at sammenligne").check()
    for when in ("03.06.2026", "22.01.2025"):
        page.get_by_role("checkbox", name=re.compile(f"^{when}")).check()
    page.get_by_role("button", name="Sammenlign valgte").click()
    assert (taken(page, "A"), taken(page, "B")) == ("03.06.2026 kl. 09.10", "22.01.2025 kl. 23.52")


def test_neighbours_of_b_are_fetched_ahead_once_the_reader_has_paged(reader: Screen) -> None:
    page = compare(reader, "nancy", NEWEST, 3)
    asked: list[str] = []
    with page.expect_request_finished(lambda request: "/side/1/" in request.url and third in request.url):
        third = re.search(r"med=([\w-]+)", page.locator("#aeldre").get_attribute("href") or "")[1]  # type: ignore[index]
        page.locator("#nyere").click()
        page.locator("#aeldre").click()
    page.wait_for_load_state("networkidle")
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#aeldre").click()
    expect(page.locator("#status")).to_have_text("B er optagelse 5 af 15")
    assert [url for url in asked if third in url and "/side/" in url] == [], "its picture was in memory"


def plain(page: Page) -> None:
    """As it opens."""


def blinking(page: Page) -> None:
    page.locator("#skift").click()


def choosing(page: Page) -> None:
    page.locator("#skift-B").click()


def phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})


def itself(page: Page) -> None:
    page.goto(re.sub(r"/ekg/([\w-]+)/\?.*", r"/ekg/\1/?med=\1", page.url))
    expect(page.get_by_text("A og B er den samme optagelse.")).to_be_visible()


def ticking(page: Page) -> None:
    page.get_by_role("link", name="Luk sammenligning").click()
    page.get_by_label("Vælg to for at sammenligne").check()


@pytest.mark.parametrize("state", [plain, blinking, choosing, phone, itself, ticking])
def test_a_comparison_has_no_barrier(reader: Screen, state: Callable[[Page], None]) -> None:
    page = compare(reader, "nancy", NEWEST, CHEST_PAIN)
    state(page)
    clean(page)
