"""A telephone, and a large screen at 400 %: the page never scrolls sideways, and nothing is left out."""

import pytest
from playwright.sync_api import Page, expect

from samples.personas import USERS
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import AUTHORIZE, Screen, is_seen, picture, rows

TELEPHONE = {"viewport": {"width": 320, "height": 640}}
ZOOMED = {"viewport": {"width": 360, "height": 225}, "device_scale_factor": 4}
ROOM = """() => {
  const room = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll("body *")].filter((each) => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && box.right > room + 1 && !each.closest(".paper, .hidden-text");
  });
  return [document.documentElement.scrollWidth - room, ...out.map((each) => each.outerHTML.slice(0, 100))];
}"""


def fits(page: Page) -> None:
    """Neither the page nor anything on it is wider than the window; only the EKG itself may be."""
    overflow, *wide = page.evaluate(ROOM)
    assert overflow <= 0, f"the page scrolls {overflow} px sideways: {wide[:3]}"
    assert not wide, f"cut off at the right: {wide[:3]}"


def seen_in_full(page: Page) -> None:
    """The EKG, its comment, and every control can be brought into sight."""
    picture(page).scroll_into_view_if_needed()
    assert is_seen(picture(page))
    for name in ("Åbn original PDF", "Nyere optagelse", "Ældre optagelse", "Alle EKG-optagelser"):
        page.get_by_role("link", name=name).scroll_into_view_if_needed()
        expect(page.get_by_role("link", name=name)).to_be_in_viewport()


@pytest.mark.parametrize("how", [TELEPHONE, ZOOMED], ids=["320 px", "400 %"])
def test_the_journey_fits_in_a_narrow_window(screen: NewScreen, how: dict[str, object]) -> None:
    holm: Screen = screen(**how)
    page = holm.desk()
    fits(page)
    page.goto(f"{holm.demo.at.site}/log-ind/")
    fits(page)
    page.get_by_role("button", name="Log ind med Demo-EPJ").click()
    page.wait_for_url(AUTHORIZE)
    fits(page)
    holm.be(USERS["holm"].display, page)
    page.wait_for_url(f"{holm.demo.at.site}/")
    holm.open("nancy", page=page)

    # The list first; a recording is a page of its own.
    fits(page)
    expect(rows(page).first).to_be_visible()
    expect(picture(page)).not_to_be_visible()
    expect(page.get_by_role("button", name="Luk journalen")).to_be_visible()
    expect(page.get_by_text("Læge Anna Holm")).to_be_visible()
    expect(page.get_by_text("Formål: Aktuel behandling")).to_be_visible()
    rows(page).first.click()
    expect(page.locator(".folder.reading")).to_be_attached()
    fits(page)
    seen_in_full(page)
    page.get_by_role("link", name="Ældre optagelse").click()
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")
    fits(page)
    page.get_by_role("link", name="Alle EKG-optagelser").click()
    expect(rows(page).first).to_be_visible()

    page.get_by_role("button", name="Vis CPR-nummer").click()
    expect(page.get_by_text("251248-9996").first).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Luk journalen").click()
    expect(page.get_by_role("heading", name="Journalen er lukket")).to_be_visible()
    fits(page)


def test_every_state_fits_in_a_narrow_window(screen: NewScreen) -> None:
    holm: Screen = screen(**TELEPHONE)
    for patient in ("karen", "beskyttet", "bent", "grethe", "farid", "ingrid", "jens"):
        page = holm.open(patient)
        fits(page)
        if rows(page).count():
            rows(page).first.click()
            expect(page.locator(".folder.reading")).to_be_attached()
            fits(page)
        if patient == "jens":
            page.get_by_role("link", name="Vis tidligere version").click()
            expect(page.locator(".comment.old")).to_be_visible()
            fits(page)
        page.close()
    # Several records are open by now, so the next launch asks first.
    page = holm.press("anna")
    expect(page.get_by_role("heading", name="Bekræft opslag")).to_be_visible()
    fits(page)
    holm.watch.expected |= {404}
    page.goto(f"{holm.demo.at.site}/k/{'a' * 22}/ekg/")
    expect(page.get_by_role("heading", name="Siden findes ikke")).to_be_visible()
    fits(page)
