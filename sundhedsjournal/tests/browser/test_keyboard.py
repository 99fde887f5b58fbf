"""The whole journey without a mouse, with the focus in sight at every step."""

import pytest
from playwright.sync_api import Locator, Page, expect

from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import OWN, opened, rows
from sundhedsjournal.tests.stack import eventually

FOCUS = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const [x, y] = [Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1),
                  Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1)];
  const on_top = document.elementFromPoint(x, y);
  const own = on_top && [at, ...(at.labels || [])].some((each) => each.contains(on_top) || on_top.contains(at));
  return {
    what: `${at.tagName} ${at.innerText || at.value || at.id}`.slice(0, 80),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    covered: !own,
    body: at === document.body,
  };
}"""


def tab_to(page: Page, goal: Locator, most: int = 60, key: str = "Tab") -> None:
    """Press Tab until the goal has focus; every stop on the way shows where it is, and nothing lies on top of it."""
    for _ in range(most):
        page.keyboard.press(key)
        focus = page.evaluate(FOCUS)
        assert not focus["body"], f"the focus left the page before {goal}"
        assert focus["ring"], f"no visible focus on {focus['what']}"
        assert focus["inside"], f"the focus is off the screen on {focus['what']}"
        assert not focus["covered"], f"something covers {focus['what']}"
        if goal.evaluate("(goal) => goal === document.activeElement"):
            return
    raise AssertionError(f"{goal} was not reached with {most} times {key}")


@pytest.mark.pdf_in_tab
def test_the_keyboard_alone_leads_from_the_epj_to_the_original_pdf_and_out(screen: NewScreen) -> None:
    holm = screen()
    page = holm.context.new_page()
    page.goto(f"{holm.demo.at.epj}/")
    jens = page.get_by_role("radio", name="Jens Mikkel Thorsen")
    tab_to(page, page.get_by_role("radio", checked=True))
    while not jens.is_checked():
        page.keyboard.press("ArrowDown")
    expect(jens).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Åbn Sundhedsjournalen"), key="Shift+Tab")
    page.keyboard.press("Enter")

    page.wait_for_url("**/ekg/")

    # The first stop is the way past the banner.
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Spring til indhold")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    # An older recording: Enter opens it, and the focus stays in the list.
    older = rows(page).nth(1)
    tab_to(page, older)
    page.keyboard.press("Enter")
    expect(page.locator("#optagelse")).to_have_text("05.11.2024 kl. 07.48")
    expect(older).to_be_focused()

    # On from there with the button for the next newer one: the focus stays in the pane, though it is drawn anew.
    newer = page.get_by_role("link", name="Nyere optagelse")
    tab_to(page, newer)
    page.keyboard.press("Enter")
    expect(page.locator("#optagelse")).to_have_text("12.03.2026 kl. 09.10")
    expect(page.locator("#laesepanel :focus")).to_have_count(1)

    link = page.get_by_role("link", name="Åbn original PDF")
    tab_to(page, link)
    with holm.context.expect_page() as coming:
        page.keyboard.press("Enter")
    assert coming.value.evaluate("document.contentType") == "application/pdf"
    coming.value.close()

    tab_to(page, page.get_by_role("button", name="Luk journalen"), key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Journalen er lukket")).to_be_visible()


def test_the_keyboard_alone_leads_a_citizen_through_the_login(screen: NewScreen) -> None:
    ingrid = screen()
    page = ingrid.context.new_page()
    page.goto(f"{ingrid.demo.at.site}/borger/")
    expect(page.get_by_role("button", name="Log ind med")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/borgerlogin/authorize/**")
    tab_to(page, page.get_by_role("button", name="Log ind som Ingrid Bach Østergaard", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url(OWN)


def test_every_stop_of_the_tab_key_is_seen_in_a_window_of_any_size(screen: NewScreen) -> None:
    """The list and the paper scroll, headings stick: nothing of that may hide what has the focus."""
    holm = screen()
    page = holm.open("nancy")
    for width, height in ((1440, 900), (1024, 700), (375, 667), (360, 225)):
        page.set_viewport_size({"width": width, "height": height})
        page.reload()
        reading = page.locator(".folder.reading").count() > 0
        last = page.get_by_role("link", name="Åbn original PDF") if reading or width >= 900 else rows(page).last
        tab_to(page, last)
        if width < 900 and not reading:
            rows(page).first.click()
            expect(page.locator(".folder.reading")).to_be_attached()


def test_a_wide_sheet_is_moved_with_the_arrow_keys_in_a_narrow_window(screen: NewScreen) -> None:
    holm = screen(viewport={"width": 375, "height": 667})
    page = holm.open("nancy")
    rows(page).first.click()
    expect(page.locator(".folder.reading")).to_be_attached()
    paper = page.get_by_role("region", name="EKG, kan rulles")
    tab_to(page, paper)
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    eventually(lambda: bool(paper.evaluate("(paper) => paper.scrollLeft > 50")), 5)
    assert opened(page) == "20.11.2026 kl. 14.32"
