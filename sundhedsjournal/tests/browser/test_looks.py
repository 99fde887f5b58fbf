"""A citizen reads in a real browser who has looked: what a doctor saw in spite of a block, on which ground, where."""

import re

import pytest
from playwright.sync_api import Page, expect

from samples.personas import USERS
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import rows
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_narrow import TELEPHONE, ZOOMED, fits
from sundhedsjournal.tests.browser.test_override import REASON, overridden

LOG = "Hvem har set mine data"


def read_log(page: Page) -> Page:
    page.get_by_role("link", name=LOG).click()
    expect(page.get_by_role("heading", level=1, name=LOG)).to_be_visible()
    return page


def test_the_citizen_sees_what_a_doctor_saw_in_spite_of_a_block_with_the_ground_and_not_the_words(
    screen: NewScreen,
) -> None:
    doctor = screen().open("sigridur", user="juhl")
    overridden(doctor)
    expect(rows(doctor)).to_have_count(4)
    rows(doctor).first.click()
    expect(doctor.locator("#optagelse")).to_contain_text("18.10.2026")

    page = read_log(screen(reduced_motion="reduce").open_own("sigridur"))
    seen = page.get_by_role("listitem").filter(has_text="EKG fra 18.10.2026").first
    expect(seen).to_contain_text(f"Autoriseret sundhedsperson, {USERS['juhl'].organisation}, så ")
    expect(seen).to_contain_text("Værdispring: Personalet åbnede oplysninger, du har spærret.")
    expect(seen).to_contain_text("Grund til opslaget: Væsentligt hensyn til borgeren")
    expect(page.get_by_role("listitem").filter(has_text="begyndte værdispring").first).to_be_visible()
    assert REASON not in page.content()
    assert "Per Juhl" not in page.content(), "names only when the controller has decided so"
    page.get_by_role("link", name="Seneste måned").click()
    expect(page.get_by_role("link", name="Seneste måned")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("listitem").filter(has_text="Værdispring").first).to_be_visible()


@pytest.mark.parametrize("how", [{}, TELEPHONE, ZOOMED], ids=["1440 px", "320 px", "400 %"])
def test_the_list_has_no_barrier_and_fits(screen: NewScreen, how: dict[str, object]) -> None:
    doctor = screen().open("sigridur", user="juhl")
    overridden(doctor)
    page = read_log(screen(reduced_motion="reduce", **how).open_own("sigridur"))
    expect(page.locator("li.overridden").first).to_be_visible()
    clean(page)
    fits(page)


def test_it_works_without_scripts_and_a_child_s_is_called_otherwise(screen: NewScreen) -> None:
    seat = screen(java_script_enabled=False)
    page = seat.context.new_page()
    page.goto(f"{seat.demo.at.site}/borger/")
    page.get_by_role("button", name=re.compile("^Log ind")).click()
    seat.be("Maria Vang Kjær", page)
    page.get_by_role("button", name=re.compile("^Emil")).click()
    page.get_by_role("link", name="Hvem har set data").click()
    expect(page.get_by_role("heading", level=1, name="Hvem har set data")).to_be_visible()
    expect(page.get_by_role("link", name=LOG)).to_have_count(0)
