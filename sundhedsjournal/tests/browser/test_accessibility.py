"""axe finds nothing (WCAG 2.2 A and AA) in any state of the pages, light and dark."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from demo.clients import SAMPLES, Sender, variation
from demo.running import Running
from samples.personas import USERS
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import AUTHORIZE, Screen, rows
from sundhedsjournal.tests.stack import connect

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "preload": False}
"""No rule of these asks for style sheets to be loaded once more, which our policy would refuse."""
COLOURS = OPTIONS | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What another theme can change: its pages differ in their colours alone."""
AXE = Axe()


def clean(page: Page) -> None:
    """No violation of any rule, in both themes."""
    for theme in ("light", "dark"):
        # No colour is measured halfway from one to another.
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        found = AXE.run(page, options=OPTIONS if theme == "light" else COLOURS)
        assert found.violations_count == 0, f"{theme}: {found.generate_report()}"


def folder(page: Page) -> None:
    """The newest recording with its comment, years, filter and facts."""


def phone(page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 667})


def phone_reading(page: Page) -> None:
    phone(page)
    rows(page).first.click()
    expect(page.locator(".folder.reading")).to_be_attached()


def another_recording(page: Page) -> None:
    """Swapped in by htmx: no id stands twice, nothing points into the void."""
    rows(page).nth(2).click()
    expect(page.get_by_role("status").filter(has_text="Viser optagelse 3 af")).to_be_attached()


def replaced(page: Page) -> None:
    page.get_by_role("link", name="Vis tidligere version").click()
    expect(page.locator(".comment.old")).to_be_visible()


def filtered_empty(page: Page) -> None:
    page.goto(f"{page.url}?kilde=andre")
    expect(page.get_by_text("Listen viser kun optagelser fra andre steder.")).to_be_visible()


def cpr_shown(page: Page) -> None:
    page.get_by_role("button", name="Vis CPR-nummer").click()
    expect(page.get_by_role("link", name="Skjul CPR-nummer")).to_be_visible()


def stale(page: Page) -> None:
    """The connection is lost; what was shown stays, with its time."""
    page.context.set_offline(True)
    rows(page).nth(1).click()
    expect(page.get_by_text("Forbindelsen er afbrudt.")).to_be_visible()


STATES: list[tuple[str, Callable[[Page], None]]] = [
    ("nancy", folder),
    ("nancy", phone),
    ("nancy", phone_reading),
    ("nancy", another_recording),
    ("nancy", cpr_shown),
    ("nancy", stale),
    ("karen", folder),  # empty
    ("grethe", folder),  # damaged, and an error of the document
    ("bent", folder),  # reservation
    ("jens", replaced),
    ("anna", filtered_empty),
    ("beskyttet", folder),
    ("farid", folder),
    ("ingrid", folder),
]


@pytest.mark.parametrize(("patient", "state"), STATES, ids=[f"{who}-{what.__name__}" for who, what in STATES])
def test_a_record_has_no_barrier(reader: Screen, patient: str, state: Callable[[Page], None]) -> None:
    reader.watch.offline = state is stale
    page = reader.open(patient)
    state(page)
    clean(page)


def test_the_way_in_and_the_way_out_have_no_barrier(screen: NewScreen, demo: Running) -> None:
    newcomer = screen(reduced_motion="reduce")
    newcomer.watch.expected |= {401, 403, 404, 410, 422}
    page = newcomer.desk()
    clean(page)
    page.get_by_label("CPR-nummer").fill("310299-9996")
    page.get_by_label("CPR-nummer").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    clean(page)
    page.goto(f"{demo.at.site}/log-ind/")
    clean(page)
    page.get_by_role("button", name="Log ind med Demo-EPJ").click()
    page.wait_for_url(AUTHORIZE)
    clean(page)
    newcomer.be(USERS["holm"].display, page)
    page.wait_for_url(f"{demo.at.site}/")
    newcomer.open("nancy", page=page)

    asked = newcomer.press("jens")
    expect(asked.get_by_role("heading", name="Bekræft opslag")).to_be_visible()
    clean(asked)
    newcomer.press("jens", user="juhl", page=asked)
    expect(asked.get_by_role("heading", name="En anden bruger er logget ind")).to_be_visible()
    clean(asked)

    kept = page.url
    page.get_by_role("button", name="Luk journalen").click()
    expect(page.get_by_role("heading", name="Journalen er lukket")).to_be_visible()
    clean(page)
    page.goto(kept)  # 410: it has ended
    clean(page)
    page.goto(f"{demo.at.site}/k/{'a' * 22}/ekg/")  # 404
    clean(page)
    page.goto(demo.at.site)
    clean(page)
    page.get_by_role("button", name="Log ud").click()
    expect(page.get_by_role("heading", name="Du er logget ud")).to_be_visible()
    clean(page)
    page.goto(kept)  # 401: nobody is signed in
    expect(page.get_by_role("button", name="Log ind med Demo-EPJ")).to_be_visible()
    clean(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_page_that_cannot_be_shown_has_no_barrier(reader: Screen, demo: Running) -> None:
    """The source of all pages does not answer: in the pane, and as a page."""
    reader.watch.expected |= {503}
    page = reader.open("nancy")
    with connect(demo, "owner") as owner:
        owner.execute("REVOKE INSERT ON audit_event FROM sj_app")
        try:
            rows(page).nth(1).click()
            expect(page.locator("#laesepanel").get_by_role("alert")).to_be_visible()
            clean(page)
            page.reload()
            expect(page.get_by_role("heading", name="Journalen kan ikke vises")).to_be_visible()
            clean(page)
        finally:
            owner.execute("GRANT INSERT ON audit_event TO sj_app")
    page.reload()


def test_waiting_news_and_a_closed_record_have_no_barrier(screen: NewScreen, demo: Running, newcomer: str) -> None:
    sample, painters = SAMPLES / "ekg" / "emil-2023-02-06-first.json", demo.programs("previews")
    seated = screen(reduced_motion="reduce")
    seated.watch.expected |= {410}
    seated.context.clock.install()
    for painter in painters:
        painter.suspend()
    try:
        with Sender(demo.at) as sender:
            assert sender.post(variation(sample, cpr=newcomer)).status_code == 201
            page = seated.open_cpr(newcomer)
            expect(page.locator(".paper")).to_contain_text("Henter EKG …")
            clean(page)
            assert sender.post(variation(sample, cpr=newcomer)).status_code == 201
    finally:
        for painter in painters:
            painter.resume()
    page.clock.fast_forward(30_000)
    expect(page.get_by_text("Der er kommet en ny optagelse")).to_be_visible()
    clean(page)
    with seated.context.new_page() as other:
        other.goto(page.url)
        other.get_by_role("button", name="Luk journalen").click()
        expect(other.get_by_role("heading", name="Journalen er lukket")).to_be_visible()
    page.clock.fast_forward(30_000)
    expect(page.get_by_role("main")).to_contain_text("Journalen er lukket.")
    clean(page)
