"""A log controller reviews a week in a real browser, from the draw to the report; a doctor reads her own look-ups."""

import re
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from samples.personas import USERS
from sundhedsjournal.management.commands.demo_log import PEOPLE, PLAN
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import Screen
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_narrow import TELEPHONE, fits
from sundhedsjournal.tests.stack import ask

WORDS = "Hvorfor så du oversigten, da borgeren ikke var indlagt?"


def at_reviews(seat: Screen) -> Page:
    page = seat.signed_in_staff("winther")
    page.goto(f"{seat.demo.at.site}/admin/")
    page.get_by_role("link", name=re.compile("^Gennemgange")).click()
    expect(page.get_by_role("heading", name="To gange om året")).to_be_visible()
    return page


def sound(page: Page) -> None:
    """No barrier in light or dark, and nothing cut off on a telephone."""
    clean(page)
    page.set_viewport_size({"width": 320, "height": 640})
    fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})


def drawn(page: Page, why: str = "") -> None:
    page.get_by_role("link", name="Træk en uge").click()
    if why:
        page.get_by_label("Hvorfor trækkes der igen?").fill(why)
    page.get_by_role("button", name="Træk en tilfældig uge").click()
    page.wait_for_url("**/change/")


def test_a_week_is_drawn_marked_asked_about_closed_and_reported(screen: NewScreen) -> None:
    seat = screen(accept_downloads=True)
    page = at_reviews(seat)
    sound(page)
    page.get_by_role("link", name="Træk en uge").click()
    sound(page)
    page.go_back()
    drawn(page)
    cards = page.locator(".lookups > li")
    expect(cards).to_have_count(len(PLAN))
    expect(cards.nth(5)).to_contain_text("Sygeplejerske Mette Krogh")
    expect(cards.nth(5)).to_contain_text("Værdispring: Væsentligt hensyn til borgeren")
    assert not [name for name in PEOPLE.values() if name in page.content()], "the list names no citizen"
    sound(page)
    page.set_viewport_size({"width": 320, "height": 640})
    clean(page)
    page.set_viewport_size({"width": 1440, "height": 900})

    page.get_by_role("button", name="Gennemgået 1", exact=True).click()
    expect(page.get_by_text(f"1 af {len(PLAN)} opslag er markeret")).to_be_visible()
    expect(page).to_have_url(re.compile("#opslag-1$"))

    page.get_by_role("link", name="Vis eller spørg 9", exact=True).click()
    expect(page.get_by_text("Dorthe Gram, 090777-••••")).to_be_visible()
    page.get_by_role("button", name="Vis CPR-nummer").click()
    expect(page.get_by_text("Dorthe Gram, 090777-9924")).to_be_visible()
    page.get_by_label("Spurgt: opret en sag").check()
    page.get_by_role("button", name="Gem markeringen").click()
    expect(page.get_by_role("alert")).to_have_text("Vælg, hvad der er spurgt om.")
    sound(page)
    page.get_by_label("Hvad er der spurgt om?").select_option("Ingen kendt behandling på enheden")
    page.get_by_label("Spørgsmålet med dine egne ord").fill(WORDS)
    seat.watch.expected.add(422)
    page.get_by_role("button", name="Gem markeringen").click()
    expect(cards.nth(8)).to_contain_text("Spurgt: Ingen kendt behandling på enheden – sagen venter på svar")

    page.get_by_role("button", name="Markér resten af siden som gennemgået").click()
    expect(page.get_by_text(f"Du er ved at markere {len(PLAN) - 2} opslag")).to_be_visible()
    sound(page)
    page.get_by_role("button", name=f"Markér {len(PLAN) - 2} opslag som gennemgået").click()
    page.get_by_role("button", name="Afslut gennemgangen").click()
    expect(page.get_by_text("Gennemgangen er afsluttet. Du kan hente rapporten.")).to_be_visible()
    sound(page)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Hent rapporten (PDF)").click()
    with pikepdf.open(BytesIO(coming.value.path().read_bytes())) as pdf:
        assert str(pdf.docinfo.Title).startswith("Gennemgang af opslag: Uge ")

    page.get_by_role("link", name="Gennemgange", exact=True).click()
    expect(page.get_by_text("gennemgået og afsluttet.").first).to_be_visible()
    drawn(page, "Ledelsen har bedt om en uge til.")
    expect(page.get_by_text("2. trækning i")).to_be_visible()
    in_the_queue(page, seat)


def in_the_queue(page: Page, seat: Screen) -> None:
    """The question is a case, with how many there are on the first page; a judgement against somebody takes words."""
    page.goto(f"{seat.demo.at.site}/admin/")
    page.get_by_role("link", name=re.compile(r"^Sager \(\d+ (åben|åbne)\)")).click()
    page.get_by_role("link", name="Stikprøve").click()
    page.locator("#result_list th a").first.click()
    expect(page.get_by_text(WORDS)).to_be_visible()
    page.get_by_label("Udfald").select_option("Gennemgået: opslaget er ikke begrundet")
    page.get_by_role("button", name="Gem", exact=True).click()
    expect(page.get_by_text("Skriv en begrundelse på mindst 10 tegn.")).to_be_visible()
    page.get_by_label("Begrundelse for afgørelsen").fill("Borgeren var aldrig i afdelingen.")
    page.get_by_role("button", name="Gem", exact=True).click()
    page.wait_for_url("**/access/case/**")
    sql = "SELECT string_agg(event::text, ' ') FROM audit_event WHERE split_part(action, '.', 1) = ANY(%s)"
    ((written,),) = ask(seat.demo, sql, ["case", "review", "review_lookup"])
    assert "review_lookup.marked" in written
    assert not [words for words in (WORDS, "Borgeren var aldrig") if words in written]


@pytest.mark.parametrize(
    "how", [{}, TELEPHONE, {"java_script_enabled": False}], ids=["1440 px", "320 px", "no scripts"]
)
def test_a_doctor_reads_her_own_look_ups(screen: NewScreen, how: dict[str, Any]) -> None:
    seat = screen(reduced_motion="reduce", **how)
    page = seat.open("nancy", user="juhl")
    page.get_by_role("link", name="Mine opslag").click()
    expect(page.get_by_role("heading", level=1, name="Mine opslag")).to_be_visible()
    expect(page.get_by_role("listitem").first).to_contain_text("Nancy Ann Berggren:")
    expect(page.get_by_role("listitem").first).to_contain_text(
        f"{USERS['juhl'].organisation} · Grund: Aktuel behandling"
    )
    assert not re.search(r"\d{6}-", page.locator("main").inner_text())
    page.get_by_role("link", name="Alle", exact=True).click()
    expect(page.get_by_text("Aksel Bruun").first).to_be_visible()
    if how.get("java_script_enabled", True):
        fits(page)
        clean(page)
