"""Citizens who look at somebody else's data, in a real browser: the choice, whose data it is, and the way back."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from demo.clients import Sender
from demo.running import Running
from eoj.tests.reports import condition, report
from samples.personas import CITIZENS, PATIENTS
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import Screen, context_of, is_seen, opened, picture, rows
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_keyboard import tab_to
from sundhedsjournal.tests.browser.test_narrow import TELEPHONE, fits
from sundhedsjournal.tests.stack import ask, connect

CHOICE = "Hvem vil du se data for?"
EMIL = PATIENTS["emil"]


@pytest.fixture(scope="module", autouse=True)
def _reported(demo: Running) -> None:
    """A municipality has told something about Emil."""
    told = report(condition("I7.1", id="emil-luft"), cpr=EMIL.cpr, id="emil-kommune")
    with Sender(demo.at) as sender:
        assert sender.put(told).status_code == 200


def signed_in(seat: Screen, name: str) -> Page:
    """Somebody who may see others signs in, and meets the choice."""
    seat.watch.cprs |= {one.cpr for one in CITIZENS.values()}
    page = seat.context.new_page()
    page.goto(f"{seat.demo.at.site}/borger/")
    page.get_by_role("button", name=re.compile("^Log ind")).click()
    seat.be(name, page)
    expect(page.get_by_role("heading", level=1, name=CHOICE)).to_be_visible()
    return page


def choose(page: Page, name: str) -> Page:
    """A press on somebody's name."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()
    expect(page.get_by_role("region", name="Borger")).to_be_visible()
    return page


def tab(page: Page, name: str) -> Page:
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile(f"^{name}")).click()
    return page


def test_a_mother_sees_her_child_s_municipal_data_and_ekg_and_her_own_apart(screen: NewScreen, demo: Running) -> None:
    page = choose(signed_in(screen(), "Maria Vang Kjær"), "Emil Vang Kjær")
    banner = page.get_by_role("region", name="Borger")
    expect(banner).to_contain_text("Du ser dit barns data.")
    expect(banner).to_contain_text("Emil Vang Kjær")
    expect(page.get_by_role("banner")).to_contain_text("Maria Vang Kjær")
    expect(page.get_by_text("Respirationsproblemer").first).to_be_visible()
    tab(page, "EKG")
    assert opened(page) == "18.11.2026 kl. 15.40"
    assert is_seen(picture(page))
    rows(page).nth(1).click()
    expect(page.get_by_role("status").filter(has_text="Viser optagelse 2 af 2")).to_be_attached()
    expect(page).to_have_url(re.compile(r"/borger/[\w-]{22}/ekg/[0-9a-f-]{36}/$"))
    emils = context_of(page)
    found = "SELECT DISTINCT purpose, actor_role FROM audit_event WHERE context = %s"
    assert ask(demo, found, emils) == [("FAMRQT", "custody")]

    page.get_by_role("link", name="Skift person").click()
    expect(page.get_by_role("heading", level=1, name=CHOICE)).to_be_visible()
    choose(page, "Se dine data")
    expect(page.get_by_role("region", name="Borger")).to_contain_text("Du ser dine egne data.")
    assert context_of(page) != emils
    expect(page.get_by_text("Emil")).to_have_count(0)


def test_a_guardian_sees_the_ward(screen: NewScreen) -> None:
    page = choose(signed_in(screen(), "Hanne Elin Friis"), "Bent Ole Friis")
    expect(page.get_by_role("region", name="Borger")).to_contain_text("Du ser data for Bent Ole Friis som værge.")
    tab(page, "EKG")
    assert is_seen(picture(page))


def test_the_holder_of_a_fuldmagt_sees_what_it_gives_leave_to(screen: NewScreen, demo: Running) -> None:
    page = choose(signed_in(screen(), "Lars Bach Østergaard"), "Ingrid Bach Østergaard")
    expect(page.get_by_role("region", name="Borger")).to_contain_text("efter fuldmagt")
    tab(page, "EKG")
    assert is_seen(picture(page))
    found = "SELECT DISTINCT purpose, actor_role FROM audit_event WHERE context = %s"
    assert ask(demo, found, context_of(page)) == [("PWATRNY", "proxy")]


def test_without_scripts_a_person_is_chosen_read_and_changed(screen: NewScreen) -> None:
    page = choose(signed_in(screen(java_script_enabled=False), "Maria Vang Kjær"), "Emil Vang Kjær")
    tab(page, "EKG")
    rows(page).nth(1).click()
    assert opened(page) == "06.02.2023 kl. 09.44"
    page.get_by_role("link", name="Skift person").click()
    choose(page, "Se dine data")
    expect(page.get_by_role("region", name="Borger")).to_contain_text("Du ser dine egne data.")
    page.get_by_role("button", name="Log ud").click()
    expect(page.get_by_role("heading", level=1, name="Du er logget ud")).to_be_visible()


def test_the_choice_is_made_by_keyboard(screen: NewScreen) -> None:
    page = signed_in(screen(), "Maria Vang Kjær")
    expect(page.get_by_role("button", name="Se dine data")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Emil Vang Kjær"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Borger")).to_contain_text("Du ser dit barns data.")
    tab_to(page, page.get_by_role("link", name="Skift person"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=CHOICE)).to_be_visible()


@pytest.mark.parametrize("how", [{}, TELEPHONE], ids=["1440 px", "320 px"])
def test_no_page_on_the_way_has_a_barrier_and_all_fit(screen: NewScreen, how: dict[str, object]) -> None:
    maria = screen(reduced_motion="reduce", **how)
    page = signed_in(maria, "Maria Vang Kjær")
    clean(page)
    fits(page)
    choose(page, "Emil Vang Kjær")
    clean(page)
    fits(page)
    tab(page, "EKG")
    clean(page)
    fits(page)


def test_a_guardianship_that_ends_takes_the_screen_away_at_the_next_step(screen: NewScreen, demo: Running) -> None:
    hanne = screen(reduced_motion="reduce")
    hanne.watch.expected |= {410}
    page = choose(signed_in(hanne, "Hanne Elin Friis"), "Bent Ole Friis")
    ended = "UPDATE access_careof SET valid_until = %s WHERE kind = 'guardian'"
    with connect(demo) as register:
        register.execute(ended, [date(2020, 1, 2)])
    try:
        tab(page, "EKG")
        expect(page.get_by_role("heading", level=1, name="Adgangen er ophørt")).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text("er ikke længere registreret")
        assert "Bent" not in page.content()
        clean(page)
        page.get_by_role("link", name="Se, hvem du kan se data for").click()
        expect(page.get_by_role("heading", level=1, name="Dine data")).to_be_visible()
    finally:
        with connect(demo) as register:
            register.execute(ended, [None])
