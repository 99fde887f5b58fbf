"""Værdispring in a real browser: from the notice to the expiry, with the keyboard alone, in every width and theme."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.running import Running
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import Screen, context_of, rows
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_narrow import fits
from sundhedsjournal.tests.stack import ask, connect, eventually

NOTICE = "Borgeren har spærret nogle oplysninger."
REASON = "Bevidstløs, og ingen pårørende kan kontaktes."
HIDDEN = "18.10.2026"
"""The day that Sigríður has blocked."""


def strip(page: Page) -> Locator:
    return page.get_by_role("region", name="Værdispring")


def pressed(page: Page, key: str, until: Locator, most: int = 40) -> None:
    """Press a key until the focus is there."""
    for _ in range(most):
        if until.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead there")


def overridden(page: Page) -> None:
    """Choose a ground, write a reason, and press the button that is not the default."""
    page.get_by_role("link", name=NOTICE).click()
    page.get_by_role("radio", name="Væsentligt hensyn til borgeren").check()
    page.get_by_role("textbox", name="Begrundelse").fill(REASON)
    page.get_by_role("button", name="Vis spærrede oplysninger").click()
    expect(strip(page)).to_be_visible()


def nearly_over(demo: Running, page: Page, seconds: float) -> None:
    """As if there were only so many seconds left of it; what was blocked when it began stays lifted."""
    with connect(demo) as held:
        held.execute(
            "UPDATE access_override SET ends = now() + %s * interval '1 second'"
            " WHERE context = %s AND ended_at IS NULL",
            [seconds, context_of(page)],
        )


def test_from_the_notice_to_the_expiry_with_the_keyboard_alone(screen: NewScreen, demo: Running) -> None:
    page = screen().open("sigridur")
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_text(HIDDEN)).to_have_count(0)
    context = context_of(page)

    pressed(page, "Tab", page.get_by_role("link", name=NOTICE))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Spærrede oplysninger (værdispring)")).to_be_visible()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    pressed(page, "Tab", page.get_by_role("radio").first)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Væsentligt hensyn til borgeren")).to_be_checked()

    page.keyboard.press("Enter")  # the default button is the one that leaves all as it is
    expect(rows(page)).to_have_count(3)
    expect(strip(page)).to_have_count(0)

    pressed(page, "Tab", page.get_by_role("link", name=NOTICE))
    page.keyboard.press("Enter")
    pressed(page, "Tab", page.get_by_role("radio").first)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type(REASON)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Annullér")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(strip(page)).to_contain_text("Adgangen udløber om 30 minutter.")
    expect(rows(page)).to_have_count(4)
    expect(page.locator("#optagelse")).to_contain_text(HIDDEN)
    page.get_by_role("link", name=re.compile("^Kommunale data")).click()
    expect(strip(page)).to_be_visible()
    page.get_by_role("link", name=re.compile("^EKG")).click()

    nearly_over(demo, page, 1)
    page.wait_for_timeout(1200)
    page.reload()
    expect(strip(page)).to_have_count(0)
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_text(HIDDEN)).to_have_count(0)
    expect(page.get_by_role("link", name=NOTICE)).to_be_visible()

    found = (
        "SELECT action, purpose FROM audit_event WHERE context = %s AND action LIKE 'override.st%%' ORDER BY recorded"
    )
    assert ask(demo, found, context) == [("override.started", "BTG"), ("override.stopped", "BTG")]
    shown = (
        "SELECT DISTINCT purpose FROM audit_event WHERE context = %s AND recorded > %s AND recorded < %s"
        " AND action <> 'case.opened'"  # the line of the queue, which shows nothing
    )
    start, end = (
        ask(demo, "SELECT recorded FROM audit_event WHERE context = %s AND action = %s", context, action)[0][0]
        for action in ("override.started", "override.stopped")
    )
    assert ask(demo, shown, context, start, end) == [("BTG",)]


def test_a_page_that_stays_open_empties_itself_when_the_time_is_over(screen: NewScreen, demo: Running) -> None:
    seat = screen()
    seat.context.clock.install()
    page = seat.open("sigridur")
    page.get_by_role("link", name=re.compile("^Kommunale data")).click()
    overridden(page)
    expect(page.get_by_role("heading", level=1, name="Kommunale data")).to_be_visible()
    expect(strip(page)).to_contain_text("Adgangen udløber om 30 minutter.")
    nearly_over(demo, page, 100)
    page.clock.fast_forward(31_000)
    expect(strip(page)).to_contain_text("Adgangen udløber om 2 minutter.")
    nearly_over(demo, page, 0.1)
    page.wait_for_timeout(300)
    page.clock.fast_forward(31_000)
    expect(strip(page)).to_have_count(0)
    expect(page.get_by_role("heading", level=1, name="Kommunale data")).to_be_visible()


def test_the_button_ends_it_and_another_tab_hears_of_it(screen: NewScreen, demo: Running) -> None:
    seat = screen()
    page = seat.open("sigridur")
    overridden(page)
    context = context_of(page)
    with seat.context.new_page() as other:
        other.goto(page.url)
        other.get_by_role("button", name="Afslut nu").click()
        expect(rows(other)).to_have_count(3)
    page.reload()
    expect(strip(page)).to_have_count(0)
    stopped = "SELECT count(*) FROM audit_event WHERE context = %s AND action = 'override.stopped'"
    assert ask(demo, stopped, context) == [(1,)]


def test_the_sweep_records_the_end_of_what_nobody_looks_at_again(screen: NewScreen, demo: Running) -> None:
    page = screen().open("sigridur")
    overridden(page)
    context = context_of(page)
    nearly_over(demo, page, 0.1)
    page.close()
    stopped = "SELECT reason FROM audit_event WHERE context = %s AND action = 'override.stopped'"
    eventually(lambda: ask(demo, stopped, context) == [("override-expired",)])


def test_it_works_without_scripts(screen: NewScreen) -> None:
    page = screen(java_script_enabled=False).open("sigridur")
    overridden(page)
    expect(rows(page)).to_have_count(4)
    page.get_by_role("button", name="Afslut nu").click()
    expect(rows(page)).to_have_count(3)


@pytest.mark.parametrize("user", ["lund", "bech"])
def test_who_may_not_override_is_told_and_led_nowhere(screen: NewScreen, user: str) -> None:
    """An assistant, and municipal staff without an authorisation of their own."""
    seat = screen()
    seat.watch.expected |= {403}
    page = seat.open("sigridur", user=user)
    expect(page.get_by_role("region", name="Borger")).to_contain_text(NOTICE)
    expect(page.get_by_role("link", name=NOTICE)).to_have_count(0)
    page.goto(re.sub(r"(ekg|kommune)/$", "vaerdispring/", page.url))
    expect(page.get_by_role("heading", level=1, name="Du har ikke adgang")).to_be_visible()


def test_the_log_controller_of_the_hospital_finds_it_and_judges_it(screen: NewScreen, demo: Running) -> None:
    page = screen().open("sigridur", user="juhl")
    overridden(page)
    winther = screen(reduced_motion="reduce").signed_in_staff("winther")
    winther.get_by_role("link", name="Administration").click()
    winther.get_by_role("link", name="Sager").click()
    row = winther.get_by_role("row").filter(has_text="Læge Per Juhl").first
    expect(row).to_contain_text("200166-••••")
    clean(winther)
    row.get_by_role("link").first.click()
    expect(winther.get_by_role("main")).to_contain_text("Væsentligt hensyn til borgeren")
    expect(winther.get_by_role("main")).to_contain_text(REASON)
    assert "Sigríður" not in winther.content()
    clean(winther)
    winther.get_by_label("Udfald").select_option("Gennemgået: opslaget er begrundet")
    winther.get_by_role("button", name="Gem", exact=True).click()
    found = "SELECT outcome FROM access_case WHERE context = %s"
    assert ask(demo, found, context_of(page)) == [("justified",)]


def asking(page: Page) -> None:
    page.get_by_role("link", name=NOTICE).click()


def refused(page: Page) -> None:
    """The browser would stop a form without a ground; the server says the same."""
    asking(page)
    page.locator("main form").evaluate("(form) => { form.noValidate = true; }")
    page.get_by_role("button", name="Vis spærrede oplysninger").click()
    expect(page.get_by_role("alert")).to_contain_text("Vælg en grund.")


def noticed(page: Page) -> None:
    expect(page.get_by_role("link", name=NOTICE)).to_be_visible()


@pytest.mark.parametrize("state", [noticed, asking, refused, overridden])
@pytest.mark.parametrize("width", [1440, 320])
def test_it_has_no_barrier_at_any_width(reader: Screen, state: Callable[[Page], None], width: int) -> None:
    reader.watch.expected |= {422}
    page = reader.open("sigridur")
    page.set_viewport_size({"width": width, "height": 900 if width > 400 else 640})
    state(page)
    clean(page)
    fits(page)
