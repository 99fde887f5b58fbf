"""What reading may ask for and move: counted, not timed."""

from collections import Counter

import pytest
from playwright.sync_api import Page, Response, Route, expect

from demo.running import Running
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import Screen, context_of, is_seen, picture, rows
from sundhedsjournal.tests.stack import ask

SHIFTED = """() => {
  globalThis.moves = [];
  const add = (list) => {
    for (const each of list.getEntries()) {
      for (const { node, previousRect: was, currentRect: is } of each.sources) {
        globalThis.moves.push([node?.id || node?.className || node?.nodeName, was, is].map(JSON.stringify).join(" "));
      }
    }
  };
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
}"""
AHEAD = """() => ["nyere", "aeldre"].every((id) => {
  const wanted = document.getElementById(id)?.dataset.billede;
  return !wanted || performance.getEntriesByType("resource").some((each) => each.name.includes(wanted));
})"""
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def page(reader: Screen) -> Page:
    """The newest recording of Nancy, its picture seen, and nothing on its way."""
    page = reader.open("nancy")
    assert is_seen(picture(page))
    page.wait_for_load_state("networkidle")
    return page


def watched(page: Page) -> list[Response]:
    """From now on: what of the record is answered, but for the question every 25 seconds whether there is news."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        if "/k/" in answer.url and "/nyt/" not in answer.url:
            answers.append(answer)

    page.on("response", note)
    return answers


def moved(page: Page) -> list[str]:
    """What of the page has moved since SHIFTED or the last time, whoever caused it, from where to where."""
    page.evaluate(TWO_FRAMES)
    page.wait_for_timeout(100)
    found: list[str] = page.evaluate("globalThis.moves.splice(0)")
    return found


def turn(page: Page, key: str) -> str:
    """To a neighbour, until its picture is seen and those of its own neighbours have come; the recording."""
    before = str(page.locator("#laesepanel").get_attribute("data-adresse"))
    page.keyboard.press(key)
    expect(page.locator(f'#laesepanel:not([data-adresse="{before}"])')).to_be_attached()
    assert is_seen(picture(page))
    page.wait_for_function(AHEAD)
    return str(page.locator("#laesepanel").get_attribute("data-adresse")).split("/")[-2]


def test_pointing_at_anything_asks_for_nothing(page: Page) -> None:
    answers = watched(page)
    things = page.locator(".rows li > a, #laesepanel a, #laesepanel button, .tabs a, .appbar button, .banner button")
    assert things.count() > 25
    for thing in things.all():
        if thing.is_visible():
            thing.scroll_into_view_if_needed()
            thing.hover()
    assert answers == []

    page.locator(".tabs").get_by_role("link", name="Kommunale data").click()
    buttons = page.locator(".about")
    expect(buttons.first).to_be_visible()
    page.wait_for_load_state("networkidle")
    answers.clear()
    for button in buttons.all():
        button.scroll_into_view_if_needed()
        button.hover()
        expect(page.locator(f"#{button.get_attribute('popovertarget')}")).to_be_visible()
        page.keyboard.press("Escape")
    assert answers == [], "a description is in the page"


def test_a_turn_of_the_page_asks_once_and_brings_no_picture_twice(page: Page) -> None:
    pictures: Counter[str] = Counter(page.evaluate("[document.querySelector('.sheet img').currentSrc]"))
    answers = watched(page)
    turn(page, "j")  # from here on the neighbours are fetched ahead
    for key in ("j", "j", "j", "k", "j"):
        pictures.update(answer.url for answer in answers if "/side/" in answer.url)
        answers.clear()
        shown = turn(page, key)
        fragments = [answer.url for answer in answers if "/side/" not in answer.url]
        assert len(fragments) == 1, fragments
        assert shown in fragments[0]
        assert not any(shown in answer.url for answer in answers if "/side/" in answer.url), "it was in memory"
    pictures.update(answer.url for answer in answers if "/side/" in answer.url)
    assert set(pictures.values()) == {1}, pictures
    assert {url.rpartition("/")[2] for url in pictures} == {next(iter(pictures)).rpartition("/")[2]}, "one resolution"


def test_nothing_moves_at_the_first_view_at_a_turn_of_the_page_and_in_a_comparison(page: Page) -> None:
    page.evaluate(SHIFTED)
    assert moved(page) == []
    for key in ("j", "j", "k"):
        turn(page, key)
        assert moved(page) == []
    rows(page).nth(6).click()
    expect(page.locator("#status")).to_have_text("Viser optagelse 7 af 15")
    page.wait_for_function(AHEAD)
    assert moved(page) == []

    page.get_by_role("link", name="Sammenlign", exact=False).first.click()
    expect(page.get_by_role("heading", name="Sammenlign EKG")).to_be_focused()
    page.wait_for_function(AHEAD)
    assert moved(page) == []
    turn(page, "j")
    assert moved(page) == []
    page.get_by_role("link", name="Luk sammenligning").click()
    expect(page.locator("#sammenlign")).to_be_focused()
    assert moved(page) == []


@pytest.mark.parametrize("width", [1000, 1440, 1920])
def test_a_comparison_is_made_of_the_pictures_that_are_in_memory(screen: NewScreen, demo: Running, width: int) -> None:
    page = screen(viewport={"width": width, "height": 1000}).open("nancy")
    assert is_seen(picture(page))
    for key in "jjk":
        b = turn(page, key)
    a = turn(page, "k")
    page.evaluate("globalThis.stays = true")
    page.wait_for_load_state("networkidle")
    answers = watched(page)
    for way_in, way_out in (("s", "Escape"), ("s", "Escape")):
        page.evaluate("globalThis.shown = document.querySelector('.sheet img')")
        page.keyboard.press(way_in)
        expect(page.get_by_role("heading", name="Sammenlign EKG")).to_be_focused()
        assert page.evaluate("document.querySelector('[data-side=A] .sheet img') === shown"), "the element itself"
        assert page.url.endswith(f"/{a}/?med={b}")
        assert page.title().startswith("Sammenlign EKG")
        expect(page.locator(".list")).not_to_be_visible()
        for image in page.locator(".side .sheet img").all():
            assert is_seen(image)
        page.wait_for_function(AHEAD)
        page.keyboard.press(way_out)
        expect(page.locator("#sammenlign")).to_be_focused()
        assert page.url.endswith(f"/{a}/")
        expect(page.locator(".list")).to_be_visible()
        assert is_seen(picture(page))
        page.wait_for_load_state("networkidle")
    assert page.evaluate("globalThis.stays"), "the page was never left"
    assert [answer.url for answer in answers if "/side/" in answer.url] == [], "all of it was in memory"

    lines = ask(
        demo,
        "SELECT entity, event::text LIKE %s FROM audit_event WHERE context = %s AND action = 'ekg_recording.viewed'"
        " ORDER BY recorded DESC LIMIT 4",
        f"%Recording/{b}%",
        context_of(page),
    )
    assert lines == [(f"Recording/{a}", both) for both in (False, True, False, True)], (
        "one line says that both were seen"
    )
    page.go_back(wait_until="networkidle")
    expect(page.get_by_role("heading", name="Sammenlign EKG")).to_be_visible()
    assert page.url.endswith(f"/{a}/?med={b}")
    page.get_by_role("link", name="Luk sammenligning").click()
    expect(page.locator("#sammenlign")).to_be_focused()


def test_a_comparison_ends_at_the_row_that_it_began_at(page: Page) -> None:
    rows(page).nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("Viser optagelse 2 af 15")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Sammenlign EKG")).to_be_focused()
    page.keyboard.press("b")
    page.keyboard.press("Escape")
    expect(rows(page).nth(1)).to_be_focused()
    page.keyboard.press("s")
    expect(page.locator("#side-om-side")).to_have_attribute("aria-pressed", "true")  # each comparison begins anew
    page.keyboard.press("x")
    expect(page.locator("[data-side=B] h3")).to_contain_text("03.06.2026")
    page.keyboard.press("Escape")
    expect(rows(page).nth(2)).to_be_focused()


def test_nothing_moves_when_the_finer_picture_takes_its_place(page: Page) -> None:
    held: list[Route] = []
    holding = True
    page.route("**/side/1/300", lambda route: held.append(route) if holding else route.continue_())
    while "/300" not in "".join(route.request.url for route in held):
        page.locator("#zoom-ind").click()
        page.wait_for_timeout(50)
    page.evaluate(SHIFTED)
    moved(page)
    box, at = picture(page).bounding_box(), page.locator(".paper").evaluate("(at) => [at.scrollLeft, at.scrollTop]")
    holding = False
    for route in held:
        route.continue_()
    expect(page.locator(".sheet img[data-fin=ja]")).to_be_attached(timeout=60_000)
    assert is_seen(picture(page))
    assert moved(page) == []
    assert picture(page).bounding_box() == box
    assert page.locator(".paper").evaluate("(at) => [at.scrollLeft, at.scrollTop]") == at
