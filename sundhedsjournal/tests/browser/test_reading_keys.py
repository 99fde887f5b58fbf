"""Every key and every button of the reading pane, the list of them, and the switch that turns single keys off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import Screen, opened, rows
from sundhedsjournal.tests.browser.test_accessibility import clean

NEWEST, SECOND, THIRD, OLDEST = (
    "20.11.2026 kl. 14.32", "03.06.2026 kl. 09.10", "14.01.2026 kl. 10.05", "11.09.2018 kl. 11.42",
)  # fmt: skip


def shows(page: Page, when: str) -> None:
    """The pane, the list, the address and what is said all speak of the same recording."""
    expect(page.locator("#optagelse")).to_have_text(when)
    expect(page.locator('.rows [aria-current="true"] .when')).to_have_text(when)
    pane = page.locator("#laesepanel")
    assert page.url.endswith(str(pane.get_attribute("data-adresse")))
    assert page.locator("#status").inner_text() == pane.get_attribute("data-status")
    assert str(pane.get_attribute("data-adresse")).split("/")[-2] in str(
        page.locator(".sheet img").first.evaluate("(image) => image.currentSrc")
    )


def test_the_keys_lead_through_the_folder_from_anywhere_on_the_page(reader: Screen) -> None:
    page = reader.open("nancy")
    for key, when in (("j", SECOND), ("j", THIRD), ("k", SECOND), ("End", OLDEST), ("Home", NEWEST)):
        page.keyboard.press(key)
        shows(page, when)
    page.keyboard.press("k")  # there is no newer one
    page.keyboard.press("Home")
    assert opened(page) == NEWEST


def test_the_buttons_do_what_the_keys_do_and_keep_the_focus(reader: Screen) -> None:
    page = reader.open("nancy")
    for name, id_, when in (
        ("Ældre optagelse", "aeldre", SECOND),
        ("Ældre optagelse", "aeldre", THIRD),
        ("Nyere optagelse", "nyere", SECOND),
        ("Ældste optagelse", "aeldste", OLDEST),
        ("Nyeste optagelse", "nyeste", NEWEST),
    ):
        page.get_by_role("link", name=name, exact=True).click()
        shows(page, when)
        expect(page.locator(f"#{id_}")).to_be_focused()
    # Where there is no newer one, the button stands where it stood, and says so.
    expect(page.get_by_role("link", name="Nyere optagelse", exact=True)).to_be_disabled()


def test_the_arrows_move_the_focus_with_the_recording_in_the_list_alone(reader: Screen) -> None:
    page = reader.open("nancy")
    page.keyboard.press("ArrowDown")
    assert opened(page) == NEWEST
    rows(page).first.focus()
    for key, n, when in (("ArrowDown", 1, SECOND), ("ArrowDown", 2, THIRD), ("ArrowUp", 1, SECOND)):
        page.keyboard.press(key)
        shows(page, when)
        expect(rows(page).nth(n)).to_be_focused()
    page.keyboard.press("End")
    shows(page, OLDEST)
    expect(rows(page).last).to_be_focused()
    expect(rows(page).last).to_be_in_viewport()


def test_a_key_says_nothing_to_a_field_with_a_modifier_or_behind_a_dialog(reader: Screen) -> None:
    page = reader.open("nancy")
    page.keyboard.press("Shift+J")
    page.keyboard.press("Alt+j")
    page.evaluate("document.querySelector('.list header').append(document.createElement('input'))")
    page.locator(".list header input").focus()
    page.keyboard.type("jkfo1+")
    assert page.locator(".list header input").input_value() == "jkfo1+"
    page.locator(".list header input").evaluate("(field) => field.remove()")
    page.keyboard.press("?")
    page.keyboard.press("j")
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert opened(page) == NEWEST
    assert page.url.endswith("/ekg/")


def percent(page: Page) -> int:
    return int(page.locator("#zoom-tal").inner_text().removesuffix(" %"))


ZOOMS: list[tuple[str, str, Callable[[int, int], bool]]] = [
    ("+", "#zoom-ind", lambda before, after: after > before),
    ("-", "#zoom-ud", lambda before, after: after < before),
    ("0", "#zoom-fuld", lambda _before, after: after == 100),
    ("f", "#zoom-bredde", lambda before, after: after > before),
]


@pytest.mark.parametrize(("key", "button", "is_right"), ZOOMS, ids=["in", "out", "full", "width"])
def test_the_paper_is_zoomed_by_key_and_by_button(
    reader: Screen, key: str, button: str, is_right: Callable[[int, int], bool]
) -> None:
    page = reader.open("nancy")
    page.set_viewport_size({"width": 1440, "height": 700})
    page.locator("#zoom-side").click()
    before = percent(page)
    page.keyboard.press(key)
    by_key = percent(page)
    assert is_right(before, by_key)
    assert page.locator("#status").inner_text() == f"Zoom {by_key} %"
    page.locator("#zoom-side").click()
    assert percent(page) == before
    page.locator(button).click()
    assert percent(page) == by_key
    expect(page.locator(button)).to_be_focused()


@pytest.mark.pdf_in_tab
def test_o_opens_the_original_in_a_tab_of_its_own(reader: Screen) -> None:
    page = reader.open("nancy")
    with reader.context.expect_page() as coming:
        page.keyboard.press("o")
    with coming.value as pdf:
        assert pdf.evaluate("document.contentType") == "application/pdf"


def test_alt_and_a_number_change_the_tab(reader: Screen) -> None:
    page = reader.open("nancy")
    tab = page.locator(".tabs li").filter(has_text="Kommunale data")
    number = page.locator(".tabs li").evaluate_all(
        "(tabs) => tabs.findIndex((tab) => tab.innerText.includes('Kommunale data')) + 1"
    )
    page.keyboard.press(f"Alt+Digit{number}")
    page.wait_for_url("**/kommune/")
    expect(tab.locator("a")).to_have_attribute("aria-current", "page")


def test_the_list_of_keys_is_in_the_page_and_gives_the_focus_back(reader: Screen) -> None:
    page = reader.open("nancy")
    page.locator("#aeldre").focus()
    asked = len(reader.watch.requests)
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Tastaturgenveje")
    expect(help_).to_be_visible()
    for words in ("Ældre optagelse", "Byt A og B", "Luk popover/sammenligning"):
        expect(help_).to_contain_text(words)
    clean(page)
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    expect(page.locator("#aeldre")).to_be_focused()
    link = page.get_by_role("link", name="Tastaturgenveje")
    link.click()
    expect(help_).to_be_visible()
    help_.get_by_role("button", name="Luk").click()
    expect(link).to_be_focused()
    assert len(reader.watch.requests) == asked, "what is in the page is not asked for"


def test_single_keys_are_turned_off_and_stay_so_for_this_user(screen: NewScreen) -> None:
    juhl = screen()
    page = juhl.open("nancy", user="juhl")
    page.keyboard.press("?")
    page.get_by_label("Genveje med én tast er slået til").uncheck()
    page.get_by_role("button", name="Gem", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#status")).to_have_text("Dine ændringer er gemt.")
    try:
        for key, when in (("End", OLDEST), ("Home", NEWEST)):
            first = opened(page)
            for single in ("j", "k", "f", "+", "?", "o"):
                page.keyboard.press(single)
            expect(page.get_by_role("dialog")).to_have_count(0)
            assert opened(page) == first
            # Keys that nobody speaks or hits by chance go on working.
            page.keyboard.press(key)
            shows(page, when)
            page.reload()
            assert page.locator("body").get_attribute("data-enkelttaster") == "fra"
    finally:
        page.get_by_role("link", name="Tastaturgenveje").click()
        page.get_by_label("Genveje med én tast er slået til").check()
        page.get_by_role("button", name="Gem", exact=True).click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("j")
    shows(page, SECOND)


def test_without_scripts_the_keys_are_read_and_turned_off_on_a_page_of_their_own(screen: NewScreen) -> None:
    juhl = screen(java_script_enabled=False)
    page = juhl.open("nancy", user="juhl")
    expect(page.locator(".zoom")).to_be_hidden()
    page.get_by_role("link", name="Ældste optagelse").click()
    assert opened(page) == OLDEST
    page.get_by_role("link", name="Nyeste optagelse").click()
    assert opened(page) == NEWEST
    page.get_by_role("link", name="Tastaturgenveje").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Indstillinger")
    for wanted in (False, True):
        box = page.get_by_label("Genveje med én tast er slået til")
        box.set_checked(wanted)
        page.get_by_role("button", name="Gem", exact=True).click()
        expect(page.get_by_role("status")).to_have_text("Dine ændringer er gemt.")
        expect(box).to_be_checked(checked=wanted)
