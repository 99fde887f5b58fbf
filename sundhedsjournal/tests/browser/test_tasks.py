"""What a doctor comes for, task by task, as it will be tried on people (design: UI §17): clicks are counted."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from demo.running import Running
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import Screen, is_seen, opened, picture, rows
from sundhedsjournal.tests.browser.test_comparing import side, taken
from sundhedsjournal.tests.browser.test_keyboard import tab_to
from sundhedsjournal.tests.stack import connect

NEWEST, IN_2024 = "20.11.2026 kl. 14.32", "02.03.2024"
SWAPPED = "Elektroder V1 og V2 er byttet om."
NOT_KNOWN = "EKG-deling svarer ikke lige nu. Vi ved ikke, om der findes EKG'er."
NONE = "Ingen EKG-optagelser er delt for denne borger."


@contextmanager
def silent(demo: Running) -> Iterator[None]:
    """The table of recordings answers nobody."""
    with connect(demo, "owner") as owner, owner.transaction():
        owner.execute("LOCK TABLE ekg_recording IN ACCESS EXCLUSIVE MODE")
        yield


def note_is_beside_the_curve(page: Page, within: str) -> None:
    """In sight together with the paper, without scrolling."""
    expect(page.locator(f"{within} .comment")).to_contain_text(SWAPPED)
    expect(page.locator(f"{within} .comment")).to_be_in_viewport(ratio=0.99)
    expect(page.locator(f"{within} .sheet img")).to_be_in_viewport(ratio=0.5)


def test_t1_date_and_source_of_the_newest_ekg_are_told_without_a_click(reader: Screen) -> None:
    page = reader.open("nancy")
    expect(page.locator("#optagelse")).to_be_in_viewport(ratio=0.99)
    assert opened(page) == NEWEST
    place = page.locator("#laesepanel .place")
    expect(place).to_have_text(re.compile("Hospital · Hjertesygdomme, Østfjord Universitetshospital"))
    expect(place).to_be_in_viewport(ratio=0.99)
    assert is_seen(picture(page))
    expect(picture(page)).to_be_in_viewport(ratio=0.99)


def test_t2_the_newest_stands_beside_one_of_2024_after_four_clicks(reader: Screen) -> None:
    page = reader.open("nancy")
    page.get_by_label("Vælg to for at sammenligne").check()
    page.get_by_role("checkbox", name=re.compile(f"^{NEWEST}")).check()
    page.get_by_role("checkbox", name=re.compile(f"^{IN_2024}")).first.check()
    page.get_by_role("button", name="Sammenlign valgte").click()
    expect(page.get_by_role("heading", name="Sammenlign EKG")).to_be_visible()
    assert taken(page, "A") == NEWEST
    assert taken(page, "B").startswith(IN_2024)
    for letter in "AB":
        shown = side(page, letter).locator(".sheet img").first
        assert is_seen(shown)
        expect(shown).to_be_in_viewport(ratio=0.9)
    expect(page.get_by_text("Afstand i tid: 2 år 8 måneder")).to_be_in_viewport()


def test_t3_swapped_electrodes_are_told_in_the_list_the_pane_and_a_comparison(reader: Screen) -> None:
    page = reader.open("nancy")
    expect(rows(page).first).to_contain_text(SWAPPED)
    expect(rows(page).first).to_be_in_viewport(ratio=0.99)
    note_is_beside_the_curve(page, "#laesepanel")
    page.locator("#sammenlign").click()
    expect(page.get_by_role("heading", name="Sammenlign EKG")).to_be_visible()
    note_is_beside_the_curve(page, "[data-side=A]")
    expect(side(page, "B")).not_to_contain_text(SWAPPED)
    page.get_by_role("link", name="Byt A og B").click()
    expect(side(page, "B")).to_contain_text(SWAPPED)
    note_is_beside_the_curve(page, "[data-side=B]")
    # Also where only one is shown at a time.
    page.get_by_role("button", name="Skift").click()
    page.get_by_role("button", name="Skift").click()
    note_is_beside_the_curve(page, "[data-side=B]")


def test_t5_none_and_not_known_are_told_apart_in_words_shape_and_what_to_do(
    screen: NewScreen, demo: Running, newcomer: str
) -> None:
    holm = screen()
    page = holm.open_cpr(newcomer)
    main = page.get_by_role("main")
    expect(main).to_contain_text(NONE)
    expect(main).to_contain_text("Alle kilder svarede.")
    expect(main.locator(".state.empty use")).to_have_attribute("href", re.compile("#empty$"))
    expect(main.get_by_text("Prøv igen")).to_have_count(0)

    holm.watch.expected |= {503}
    with silent(demo):
        page.reload()
        expect(main).to_contain_text(NOT_KNOWN)
        expect(page.get_by_text("Ingen EKG-optagelser")).to_have_count(0)
        expect(page.get_by_text("Alle kilder svarede")).to_have_count(0)
        expect(page.locator("main use").first).not_to_have_attribute("href", re.compile("#empty$"))
    page.get_by_role("link", name="Prøv igen").click()
    expect(main).to_contain_text(NONE)


def test_t5_a_list_that_is_on_the_screen_stays_when_its_source_goes(screen: NewScreen, demo: Running) -> None:
    holm = screen()
    page = holm.open("nancy")
    holm.watch.expected |= {503}
    with silent(demo):
        rows(page).nth(1).click()
        expect(page.locator("#laesepanel")).to_contain_text(NOT_KNOWN)
        expect(page.locator("#laesepanel img")).to_have_count(0)
        expect(rows(page)).to_have_count(15)
    page.locator("#laesepanel").get_by_role("link", name="Prøv igen").click()
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")


@pytest.mark.parametrize("close", ["Escape", "Enter"])
def test_t6_the_same_with_the_keyboard_alone(screen: NewScreen, close: str) -> None:
    holm = screen()
    page = holm.context.new_page()
    page.goto(f"{holm.demo.at.epj}/")
    nancy = page.get_by_role("radio", name="Nancy Ann Berggren")
    tab_to(page, page.get_by_role("radio", checked=True))
    while not nancy.is_checked():
        page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("button", name="Åbn Sundhedsjournalen"), key="Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ekg/")
    assert opened(page) == NEWEST
    note_is_beside_the_curve(page, "#laesepanel")

    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Sammenlign EKG")).to_be_focused()
    note_is_beside_the_curve(page, "[data-side=A]")
    for _ in range(8):
        before = taken(page, "B")
        if before.startswith(IN_2024):
            break
        page.keyboard.press("j")
        expect(side(page, "B").locator("h3")).not_to_contain_text(before)
    assert taken(page, "B").startswith(IN_2024)
    assert taken(page, "A") == NEWEST
    if close == "Enter":
        tab_to(page, page.get_by_role("link", name="Luk sammenligning"))
    page.keyboard.press(close)
    expect(page.locator("#sammenlign")).to_be_focused()
    assert opened(page) == NEWEST
    page.keyboard.press("End")
    expect(page.locator("#optagelse")).to_have_text("11.09.2018 kl. 11.42")
