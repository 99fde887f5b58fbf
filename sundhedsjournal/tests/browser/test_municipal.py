"""Municipal data in a real browser: who sees what, descriptions by every means, the timeline, no scripts, 320 px."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_narrow import TELEPHONE, fits

INFO = "Vis beskrivelse af Indkøb"


def tab(page: Page) -> Page:
    page.get_by_role("link", name=re.compile("^Kommunale data")).click()
    expect(page.get_by_role("heading", level=1, name="Kommunale data")).to_be_visible()
    return page


def about(page: Page) -> tuple[Locator, Locator]:
    """The button of one row, and its description."""
    button = page.get_by_role("button", name=INFO).first
    return button, page.locator(f"#{button.get_attribute('popovertarget')}")


def test_a_doctor_sees_what_the_health_act_opens(screen: NewScreen) -> None:
    page = tab(screen().open("jens"))
    expect(page.get_by_role("heading", name=re.compile("^Helbredstilstande"))).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^Funktionsevnetilstande"))).not_to_be_visible()
    expect(page.get_by_text("Cirkulationsproblemer").first).to_be_visible()
    expect(page.get_by_text("Vises ikke her:")).to_be_visible()


def test_a_nurse_lands_on_municipal_data_and_finds_no_way_to_the_ekgs(screen: NewScreen) -> None:
    page = screen().open("ingrid", "dahl")
    expect(page).to_have_url(re.compile("/kommune/$"))
    expect(page.get_by_role("heading", name=re.compile("^Funktionsevnetilstande"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^EKG"))).to_have_count(0)


def test_a_description_opens_by_pointer_and_by_keyboard_and_stays(screen: NewScreen) -> None:
    page = screen().open("ingrid", "dahl")
    button, words = about(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    button.hover()
    expect(words).to_be_visible()
    words.hover()
    page.mouse.move(5, 5)
    expect(words).to_be_visible()
    page.keyboard.press("Escape")
    expect(words).not_to_be_visible()

    button.focus()
    page.keyboard.press("Enter")
    expect(words).to_be_visible()
    expect(words.get_by_text("Registreret af")).to_be_visible()
    page.keyboard.press("Tab")
    expect(words.get_by_role("button", name="Luk")).to_be_focused()
    page.keyboard.press("Enter")
    expect(words).not_to_be_visible()
    expect(button).to_be_focused()
    assert asked == [], "a description is in the page"


def test_a_description_opens_by_touch(screen: NewScreen) -> None:
    page = screen(**TELEPHONE, has_touch=True).open("ingrid", "dahl")
    button, words = about(page)
    button.tap()
    expect(words).to_be_in_viewport(ratio=0.99)
    fits(page)


@pytest.mark.parametrize("query", ["", "?vis=alle", "?vis=alle&visning=tidslinje"])
def test_the_tab_has_no_barrier_and_fits(screen: NewScreen, query: str) -> None:
    page = screen(reduced_motion="reduce").open("ingrid", "dahl")
    page.goto(f"{page.url}{query}")
    clean(page)
    if "tidslinje" not in query:
        about(page)[0].click()
        clean(page)
        page.keyboard.press("Escape")
    page.set_viewport_size({"width": 320, "height": 640})
    fits(page)


def test_the_timeline_says_in_its_table_what_it_draws(screen: NewScreen) -> None:
    page = screen().open("ingrid", "dahl")
    page.get_by_role("link", name=re.compile("^Alle")).click()
    listed = page.locator(".panel li").count()
    page.get_by_role("link", name="Tidslinje").click()
    expect(page.locator(".timeline svg")).to_be_visible()
    expect(page.locator("#tabel tbody tr")).to_have_count(listed)
    expect(page.locator(".timeline rect.bar")).to_have_count(listed)


def test_without_scripts_filter_search_and_descriptions_work(screen: NewScreen) -> None:
    page = screen(java_script_enabled=False).open("ingrid", "dahl")
    page.get_by_label("Søg").fill("indkøb")
    page.get_by_role("button", name="Vis", exact=True).click()
    expect(page.locator(".panel li")).to_have_count(1)
    button, words = about(page)
    button.click()
    expect(words).to_be_visible()
