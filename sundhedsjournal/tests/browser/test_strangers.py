"""An address of a record is worth nothing to anybody else, and nothing afterwards."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect

from demo.running import Running
from sundhedsjournal.tests.browser.conftest import FLAGS, NewScreen, seat_at
from sundhedsjournal.tests.browser.screen import AUTHORIZE, Screen, context_of, picture, rows
from sundhedsjournal.tests.stack import ask


def says_nothing(page: Page) -> bool:
    return not any(word in page.content() for word in ("Berggren", "251248", "V1 og V2", "<img"))


def refusals(demo: Running, context: str) -> list[str]:
    found = "SELECT reason FROM audit_event WHERE context = %s AND action = 'access.refused' ORDER BY recorded"
    return [row[0] for row in ask(demo, found, context)]


def test_nobody_else_can_use_the_address_of_an_open_record(screen: NewScreen, demo: Running) -> None:
    page = screen().open("nancy")
    below = (page.url, page.url + "nyt/0/", picture(page).evaluate("(image) => image.src"))
    original = page.get_by_role("link", name="Åbn original PDF").get_attribute("href")
    addresses = (*below, f"{demo.at.site}{original}")

    colleague, elsewhere, nobody = screen(), screen(), screen()
    colleague.open("jens", user="juhl")
    elsewhere.open("jens")  # the same person at another machine
    for who, status in ((colleague, 404), (elsewhere, 404), (nobody, 401)):
        who.watch.expected |= {status}
        tab = who.context.new_page()
        for address in addresses:
            answer = tab.goto(address)
            assert answer is not None
            assert answer.status == status, f"{answer.status} for {address}"
            assert says_nothing(tab)
    reasons = refusals(demo, context_of(page))
    each = len(addresses)
    assert reasons == ["context-of-another-user"] * each + ["context-of-another-session"] * each + ["signed-out"] * each
    page.reload()
    expect(rows(page)).to_have_count(15)  # and its owner has not noticed


def test_nobody_else_can_use_the_address_of_what_is_a_citizen_s_own(screen: NewScreen, demo: Running) -> None:
    ingrid = screen()
    page = ingrid.open_own("ingrid")
    own, context = page.url, context_of(page)
    launched = screen()
    record = launched.open("ingrid").url.replace("/ekg/", "/kommune/")  # of her, and the doctor's

    jens, nobody = screen(), screen()
    jens.open_own("jens")
    wrong = {
        "context-of-another-user": (jens, own),
        "context-of-another-door": (ingrid, own.replace("/borger/", "/k/")),
        "signed-out": (nobody, own),
    }
    pages = []
    for who, address in (*wrong.values(), (launched, record.replace("/k/", "/borger/")), (ingrid, record)):
        who.watch.expected |= {404, 401}
        tab = who.context.new_page()
        answer = tab.goto(address)
        assert answer is not None
        assert answer.status == (401 if who is nobody else 404)
        assert "Østergaard" not in tab.content()
        pages.append("" if who is nobody else answer.text())
    assert len(set(pages)) == 2, "one page for all but who is signed out"
    assert refusals(demo, context) == list(wrong)
    page.reload()
    expect(page.get_by_text("Ingrid Bach Østergaard").first).to_be_visible()


def test_who_launches_while_a_colleague_is_signed_in_must_take_over_first(screen: NewScreen) -> None:
    shared = screen()
    shared.watch.expected |= {403, 404, 410}
    left_open = shared.open("nancy")
    page = shared.press("jens", user="juhl")
    expect(page.get_by_role("heading", name="En anden bruger er logget ind")).to_be_visible()
    assert says_nothing(page)
    assert "Thorsen" not in page.content()
    with page.expect_navigation():
        page.get_by_role("button", name="Log ud, og log ind som dig selv").click()
    # The EPJ asks anew, though Per Juhl is signed in there: somebody else was here a moment ago.
    expect(page).to_have_url(AUTHORIZE)
    shared.arrive(page, "juhl")
    expect(page.get_by_role("region", name="Borger")).to_contain_text("Jens Mikkel Thorsen")

    answer = left_open.reload()
    assert answer is not None
    assert answer.status in {404, 410}
    assert says_nothing(left_open)


@pytest.fixture
def keeping(playwright: Playwright, executable: str, demo: Running) -> Iterator[Screen]:
    """A browser as people have it: it keeps pages alive for the back button, which Playwright's own does not."""
    kept = ["--disable-back-forward-cache"]
    with playwright.chromium.launch(executable_path=executable, args=FLAGS, ignore_default_args=kept) as browser:
        yield seat_at(browser, demo)


@pytest.mark.parametrize("which", ["usual", "keeping"])
def test_the_back_button_shows_nothing_of_a_record_that_was_closed(
    which: str, request: pytest.FixtureRequest, screen: NewScreen
) -> None:
    holm: Screen = request.getfixturevalue("keeping") if which == "keeping" else screen()
    holm.watch.expected |= {410}
    page = holm.open("nancy")
    rows(page).nth(1).click()
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")
    page.get_by_role("button", name="Luk journalen").click()
    expect(page.get_by_role("heading", name="Journalen er lukket")).to_be_visible()
    for _ in range(2):
        page.evaluate("history.back()")
        expect(page.get_by_role("main")).to_contain_text("Åbn journalen igen fra Demo-EPJ.")
        assert says_nothing(page)


def test_the_click_through_page_can_be_left_without_a_trace_in_the_record(screen: NewScreen, demo: Running) -> None:
    holm = screen()
    holm.open("karen")
    page = holm.press("nancy")
    expect(page.get_by_role("heading", name="Bekræft opslag")).to_be_visible()
    assert page.locator("img").count() == 0
    launch = page.url.split("/launch/")[1].strip("/")
    page.close()
    assert ask(demo, "SELECT context_id FROM access_launch WHERE id = %s", launch) == [(None,)]
