"""A citizen in a real browser: the way in, the same tab behind the citizens' door, and the way out."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.clients import Citizen
from demo.running import Running
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import OWN, context_of
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_narrow import TELEPHONE, fits
from sundhedsjournal.tests.stack import ask, connect

FUNCTIONAL = re.compile("^Funktionsevnetilstande")


def heading(page: Page, words: str) -> Locator:
    return page.get_by_role("heading", level=1, name=words, exact=True)


def expire(demo: Running, page: Page) -> None:
    """As if the citizen had been away for half an hour."""
    with connect(demo) as rows:
        rows.execute(
            "UPDATE access_patientcontext SET last_seen = last_seen - interval '31 minutes' WHERE id = %s",
            [context_of(page)],
        )


def test_a_citizen_comes_from_the_desk_s_link_and_sees_all_that_is_her_own(screen: NewScreen, demo: Running) -> None:
    ingrid = screen()
    page = ingrid.context.new_page()
    page.goto(f"{demo.at.epj}/")
    page.get_by_role("link", name="Log ind som borger").click()
    expect(heading(page, "Log ind som borger")).to_be_visible()
    page.get_by_role("button", name="Log ind med Borgerlogin").click()
    expect(heading(page, "Hvem er du?")).to_be_visible()
    ingrid.be("Ingrid Bach Østergaard", page)
    page.wait_for_url(re.compile(r"/borger/[\w-]{22}/kommune/$"))

    expect(page.get_by_role("heading", name=FUNCTIONAL)).to_be_visible()
    expect(page.get_by_text("Vises ikke her:")).to_have_count(0)
    expect(page.get_by_role("region", name="Borger")).to_contain_text("Du ser dine egne data.")
    expect(page.get_by_role("contentinfo")).to_contain_text("Dit opslag er registreret.")
    expect(page.get_by_role("link", name=re.compile("^EKG"))).to_be_visible()
    found = "SELECT DISTINCT purpose, actor_role FROM audit_event WHERE context = %s"
    assert ask(demo, found, context_of(page)) == [("PATRQT", "citizen")]

    doctors = screen().open("ingrid")
    doctors.get_by_role("link", name=re.compile("^Kommunale data")).click()
    expect(heading(doctors, "Kommunale data")).to_be_visible()
    expect(doctors.get_by_role("heading", name=FUNCTIONAL)).to_have_count(0)
    expect(doctors.get_by_text("Vises ikke her:")).to_be_visible()


def test_a_citizen_without_municipal_data_reads_that_there_is_nothing(screen: NewScreen) -> None:
    page = screen().open_own("karen")
    expect(page.get_by_text("Ingen kommunale oplysninger")).to_be_visible()


def test_descriptions_filters_and_the_timeline_are_used_by_keyboard(screen: NewScreen) -> None:
    page = screen().open_own("jens")
    button = page.get_by_role("button", name=re.compile("^Vis beskrivelse af")).first
    words = page.locator(f"#{button.get_attribute('popovertarget')}")
    button.focus()
    page.keyboard.press("Enter")
    expect(words).to_be_visible()
    page.keyboard.press("Escape")
    expect(words).not_to_be_visible()
    expect(button).to_be_focused()

    page.get_by_role("link", name=re.compile("^Alle")).press("Enter")
    page.wait_for_url("**/borger/*/kommune/?vis=alle")
    listed = page.locator(".panel li").count()
    page.get_by_role("link", name="Tidslinje").press("Enter")
    expect(page.locator(".timeline svg")).to_be_visible()
    expect(page.locator("#tabel tbody tr")).to_have_count(listed)
    assert "/borger/" in page.url


def test_the_cpr_number_comes_and_goes_and_signing_out_leaves_nothing_to_go_back_to(screen: NewScreen) -> None:
    jens = screen()
    jens.watch.expected |= {401}
    page = jens.open_own("jens")
    page.get_by_role("button", name="Vis CPR-nummer").click()
    expect(page.get_by_text("140461-9935")).to_be_visible()
    page.get_by_role("link", name="Skjul CPR-nummer").click()
    expect(page.get_by_text("140461-9935")).to_have_count(0)
    page.get_by_role("button", name="Log ud").click()
    page.wait_for_url("**/borger/logget-ud/")  # by way of the login, which has been told too
    expect(heading(page, "Du er logget ud")).to_be_visible()
    page.evaluate("history.back()")
    expect(page.get_by_role("main")).to_contain_text("Log ind igen for at se dine data.")
    assert "Thorsen" not in page.content()
    page.get_by_role("button", name="Log ind med Borgerlogin").click()
    expect(heading(page, "Hvem er du?")).to_be_visible()


def test_what_expired_is_said_and_opened_again_by_a_press(screen: NewScreen, demo: Running) -> None:
    ingrid = screen()
    ingrid.watch.expected |= {410}
    page = ingrid.open_own("ingrid")
    expire(demo, page)
    page.reload()
    expect(heading(page, "Adgangen er udløbet")).to_be_visible()
    assert "Østergaard" not in page.content()
    page.get_by_role("link", name="Log ind som borger").click()
    expect(heading(page, "Dine data")).to_be_visible()
    page.get_by_role("button", name="Se dine data").click()
    expect(page.get_by_role("heading", name=FUNCTIONAL)).to_be_visible()


def test_without_scripts_everything_works(screen: NewScreen) -> None:
    page = screen(java_script_enabled=False).open_own("ingrid")
    page.get_by_label("Søg").fill("indkøb")
    page.get_by_role("button", name="Vis", exact=True).click()
    expect(page.locator(".panel li")).to_have_count(1)
    page.get_by_role("button", name="Vis CPR-nummer").click()
    expect(page.get_by_role("main")).to_contain_text("270550-9946")
    page.get_by_role("link", name="Tilbage til journalen").click()
    expect(page.get_by_role("heading", name=FUNCTIONAL)).to_be_visible()
    page.get_by_role("button", name="Log ud").click()
    expect(heading(page, "Du er logget ud")).to_be_visible()


@pytest.mark.parametrize("how", [{}, TELEPHONE], ids=["1440 px", "320 px"])
def test_no_page_of_a_citizen_has_a_barrier_and_all_fit(
    screen: NewScreen, demo: Running, how: dict[str, object]
) -> None:
    ingrid = screen(reduced_motion="reduce", **how)
    ingrid.watch.expected |= {404, 410}

    def good(page: Page) -> None:
        clean(page)
        fits(page)

    page = ingrid.context.new_page()
    page.goto(f"{demo.at.site}/")
    good(page)
    page.get_by_role("link", name=re.compile("^Er du borger")).click()
    expect(heading(page, "Log ind som borger")).to_be_visible()
    good(page)
    page.get_by_role("button", name="Log ind med Borgerlogin").click()
    expect(heading(page, "Hvem er du?")).to_be_visible()
    good(page)
    ingrid.be("Ingrid Bach Østergaard", page)
    page.wait_for_url(OWN)
    for query in ("", "?vis=alle", "?visning=tidslinje&vis=alle"):
        page.goto(f"{page.url.split('?')[0]}{query}")
        good(page)
    kept = page.url
    page.goto(f"{demo.at.site}/borger/")
    good(page)
    page.goto(f"{demo.at.site}/borger/{'a' * 22}/kommune/")
    good(page)
    page.goto(kept)
    expire(demo, page)
    page.reload()
    good(page)
    page.goto(f"{demo.at.site}/borger/")
    page.get_by_role("button", name="Log ud").click()
    expect(heading(page, "Du er logget ud")).to_be_visible()
    good(page)


def test_a_program_finds_the_same_way(demo: Running) -> None:
    with Citizen(demo.at, "jens") as jens:
        page = jens.get("kommune/")
        assert page.status_code == 200
        assert "Du ser dine egne data." in page.text
