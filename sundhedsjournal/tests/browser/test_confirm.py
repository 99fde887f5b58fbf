""" "Bekræft opslag" in a real browser: by keyboard alone, in every width and both themes, and without JavaScript."""

from playwright.sync_api import Page, expect

from demo.running import Running
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import RECORD, Screen
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.stack import ask

WORDS = "Begrundelse (skal udfyldes)"
SAID = "Set i vagten efter aftale."


def asked(seated: Screen, patient: str = "nancy") -> Page:
    """Signe Kvist, whose unit treats nobody of the samples, is asked why."""
    page = seated.press(patient, user="kvist")
    expect(page.get_by_role("heading", name="Bekræft opslag")).to_be_visible()
    return page


def test_current_treatment_is_chosen_and_without_a_relation_words_are_asked_for(
    screen: NewScreen, demo: Running
) -> None:
    seated = screen()
    seated.watch.expected |= {422}
    page = asked(seated)
    chosen = page.get_by_role("radio", name="Aktuel behandling")
    expect(chosen).to_be_checked()
    expect(chosen).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("251248-9996")
    expect(page.get_by_text("Borgeren kan se dit opslag.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Skriv en begrundelse på mindst 10 tegn.")
    expect(page.get_by_role("textbox", name=WORDS)).to_be_focused()
    clean(page)
    page.keyboard.type("Henvist i dag, set i klinikken.")
    page.keyboard.press("Tab")
    with page.expect_navigation(url=RECORD):
        page.keyboard.press("Enter")
    expect(page.get_by_text("Formål: Aktuel behandling")).to_be_visible()


def test_another_reason_is_chosen_and_written_by_keyboard_alone(screen: NewScreen, demo: Running) -> None:
    page = asked(screen(), "jens")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Andet – skriv begrundelse")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name=WORDS)).to_be_focused()
    page.keyboard.type("Vagtlægen har bedt mig se på optagelsen.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Åbn")).to_be_focused()
    with page.expect_navigation(url=RECORD):
        page.keyboard.press("Enter")
    expect(page.get_by_text("Formål: Andet")).to_be_visible()
    told = ask(demo, "SELECT text FROM access_accessreason WHERE ground = 'other' ORDER BY created DESC LIMIT 1")
    assert told == [("Vagtlægen har bedt mig se på optagelsen.",)]


def test_a_reason_that_is_missing_is_asked_for_again(screen: NewScreen) -> None:
    seated = screen()
    seated.watch.expected |= {422}
    page = asked(seated, "ingrid")
    page.get_by_role("radio", name="Andet – skriv begrundelse").check()
    page.get_by_role("button", name="Åbn").click()
    expect(page.get_by_role("alert")).to_contain_text("Skriv en begrundelse på mindst 10 tegn.")
    expect(page.get_by_role("radio", name="Andet – skriv begrundelse")).to_be_checked()
    expect(page.get_by_role("textbox", name=WORDS)).to_be_focused()
    clean(page)
    page.get_by_role("link", name="Annullér").click()
    expect(page.get_by_text("En borgers journal åbnes fra dit journalsystem.")).to_be_visible()


def test_the_page_has_no_barrier_and_fits_any_screen(screen: NewScreen) -> None:
    page = asked(screen(reduced_motion="reduce"), "emil")
    clean(page)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.get_by_role("radio", name="Aktuel behandling").focus()
        for width in (1440, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{theme} {width}"
    clean(page)


def test_a_second_patient_without_a_relation_is_asked_about_once_when_words_are_given(screen: NewScreen) -> None:
    seated = screen()
    first = asked(seated)
    first.get_by_role("textbox", name=WORDS).fill(SAID)
    first.get_by_role("radio", name="Aktuel behandling").focus()
    with first.expect_navigation(url=RECORD):
        first.keyboard.press("Enter")
    second = asked(seated, "anna")
    expect(second.get_by_text("Du har i forvejen en anden journal åben i denne browser.")).to_be_visible()
    second.get_by_role("textbox", name="Begrundelse").fill(SAID)
    second.get_by_role("radio", name="Aktuel behandling").focus()
    with second.expect_navigation(url=RECORD):
        second.keyboard.press("Enter")
    expect(second.locator(".banner")).to_contain_text("Anna Sofie Lindhardt")
    expect(first.locator(".banner")).to_contain_text("Nancy Ann Berggren")


def test_it_works_without_javascript(screen: NewScreen) -> None:
    page = asked(screen(java_script_enabled=False), "bent")
    page.get_by_role("textbox", name=WORDS).fill(SAID)
    page.get_by_role("button", name="Åbn").click()
    page.wait_for_url(RECORD)
