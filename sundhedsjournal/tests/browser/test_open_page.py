"""A page that is left open: it hears of news, of its own end, and of a lost connection, and says no more than that."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from demo.clients import SAMPLES, Sender, variation
from demo.running import Running
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import context_of, is_seen, opened, picture, rows
from sundhedsjournal.tests.stack import ask, connect, count, eventually

SAMPLE = SAMPLES / "ekg" / "emil-2023-02-06-first.json"
NEWS = "Der er kommet en ny optagelse"
LOST = "Forbindelsen er afbrudt."
CHECK = 30_000
"""Milliseconds within which an open page asks once."""
Send = Callable[..., None]


@pytest.fixture
def send(demo: Running) -> Send:
    """Deliver one more recording of this citizen, and wait until its picture is there."""

    def deliver(cpr: str, note: str = "") -> None:
        with Sender(demo.at) as sender:
            assert sender.post(variation(SAMPLE, cpr=cpr, note=note)).status_code == 201
        waiting = "SELECT count(*) FROM ekg_recording WHERE preview = 'pending'"
        eventually(lambda: count(demo, waiting) == 0)

    return deliver


def events(demo: Running, context: str) -> int:
    return count(demo, "SELECT count(*) FROM audit_event WHERE context = %s", context)


def last_seen(demo: Running, context: str) -> object:
    return ask(demo, "SELECT last_seen FROM access_patientcontext WHERE id = %s", context)[0][0]


def checks(page: Page) -> list[int]:
    """The statuses of this page's background checks, as they come in."""
    answered: list[int] = []
    page.on("response", lambda answer: answered.append(answer.status) if "/nyt/" in answer.url else None)
    return answered


def test_an_open_page_says_within_30_seconds_that_a_recording_has_come(
    screen: NewScreen, send: Send, newcomer: str
) -> None:
    send(newcomer)
    somebody = screen()
    somebody.context.clock.install()
    page = somebody.open_cpr(newcomer)
    expect(page.get_by_text(NEWS)).to_have_count(0)
    send(newcomer, note="Syntetisk bemærkning om støj.")
    page.clock.fast_forward(CHECK)
    expect(page.get_by_role("status").filter(has_text=NEWS)).to_be_visible()

    # It says that there is something, and nothing of what it is, until the reader asks.
    assert "Syntetisk bemærkning" not in page.content()
    assert rows(page).count() == 1
    page.get_by_role("link", name="Vis mappen igen").click()
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_text("Syntetisk bemærkning om støj.").first).to_be_visible()
    expect(page.get_by_text(NEWS)).to_have_count(0)


def test_asking_for_news_shows_nothing_records_nothing_and_keeps_nothing_alive(
    screen: NewScreen, send: Send, demo: Running, newcomer: str
) -> None:
    send(newcomer)
    somebody = screen()
    somebody.context.clock.install()
    page = somebody.open_cpr(newcomer)
    assert is_seen(picture(page))
    context, answered = context_of(page), checks(page)
    with connect(demo) as database:
        earlier = "UPDATE access_patientcontext SET last_seen = last_seen - interval '10 minutes' WHERE id = %s"
        database.execute(earlier, (context,))
    before = (events(demo, context), last_seen(demo, context))
    for _ in range(2):
        with page.expect_response("**/nyt/**"):
            page.clock.fast_forward(CHECK)
    send(newcomer)
    page.clock.fast_forward(CHECK)
    expect(page.get_by_text(NEWS)).to_be_visible()
    assert answered == [204, 204, 200]
    assert (events(demo, context), last_seen(demo, context)) == before

    # A look at the record is both: an event, and a sign of life.
    page.reload()
    assert events(demo, context) > before[0]
    assert last_seen(demo, context) != before[1]


def test_a_record_that_is_closed_elsewhere_leaves_the_screen_and_is_not_asked_for_again(screen: NewScreen) -> None:
    holm = screen()
    holm.watch.expected |= {410}
    holm.context.clock.install()
    page = holm.open("nancy")
    answered = checks(page)
    with holm.context.new_page() as other:
        other.goto(page.url)
        other.get_by_role("button", name="Luk journalen").click()
        expect(other.get_by_role("heading", name="Journalen er lukket")).to_be_visible()

    page.clock.fast_forward(CHECK)
    expect(page.get_by_role("main")).to_contain_text("Journalen er lukket.")
    assert "Berggren" not in page.content()
    assert page.locator("img").count() == 0
    assert page.title() == "Sundhedsjournal"
    assert answered == [410]
    for _ in range(3):
        page.clock.fast_forward(CHECK)
        page.wait_for_timeout(100)
    assert answered == [410], "it goes on asking"


def test_a_page_whose_user_signed_out_elsewhere_stops_showing(screen: NewScreen) -> None:
    holm = screen()
    holm.watch.expected |= {401}
    holm.context.clock.install()
    page = holm.open("nancy")
    with holm.context.new_page() as other:
        other.goto(holm.demo.at.site)
        other.get_by_role("button", name="Log ud").click()
        expect(other.get_by_role("heading", name="Du er logget ud")).to_be_visible()
    page.clock.fast_forward(CHECK)
    expect(page.get_by_role("heading", level=1)).to_have_text("Adgangen er udløbet")
    assert "Berggren" not in page.content()


def test_a_lost_connection_is_said_and_trying_again_works(screen: NewScreen) -> None:
    holm = screen()
    holm.watch.offline = True
    holm.context.clock.install()
    page = holm.open("nancy")
    expect(page.get_by_text(LOST)).not_to_be_visible()
    fetched = page.locator("#laesepanel").get_attribute("data-hentet")

    # The reader chooses another recording: what was shown stays, with its time.
    holm.context.set_offline(True)
    rows(page).nth(1).click()
    expect(page.get_by_text(LOST)).to_be_visible()
    expect(page.locator("#afbrudt")).to_contain_text(f"Det viste er hentet kl. {fetched}.")
    assert opened(page) == "20.11.2026 kl. 14.32"
    expect(rows(page).first).to_have_attribute("aria-current", "true")
    holm.context.set_offline(False)
    page.locator("#afbrudt").get_by_role("link", name="Prøv igen").click()
    expect(page.get_by_text(LOST)).not_to_be_visible()
    assert is_seen(picture(page))

    # Nobody touches anything: the background check notices, and notices when the connection is back.
    holm.context.set_offline(True)
    page.clock.fast_forward(CHECK)
    expect(page.get_by_text(LOST)).to_be_visible()
    holm.context.set_offline(False)
    page.clock.fast_forward(CHECK)
    expect(page.get_by_text(LOST)).not_to_be_visible()


def test_a_log_that_takes_no_row_is_said_in_the_pane_and_on_the_page(screen: NewScreen, demo: Running) -> None:
    """No line in the audit, no record: neither as a part of the page nor as a page."""
    holm = screen()
    holm.watch.expected |= {503}
    page = holm.open("nancy")
    with connect(demo, "owner") as owner:
        owner.execute("REVOKE INSERT ON audit_event FROM sj_app")
        try:
            rows(page).nth(1).click()
            expect(page.locator("#laesepanel")).to_contain_text("Opslaget kan ikke registreres lige nu")
            assert "kl. 09.10" not in page.locator("#laesepanel").inner_text()
            page.reload()
            expect(page.get_by_role("heading", name="Journalen kan ikke vises")).to_be_visible()
            assert "Berggren" not in page.content()
        finally:
            owner.execute("GRANT INSERT ON audit_event TO sj_app")
    page.reload()
    assert is_seen(picture(page))


def test_a_recording_whose_picture_is_not_drawn_yet_appears_by_itself(
    screen: NewScreen, demo: Running, newcomer: str
) -> None:
    painters = demo.programs("previews")
    assert painters
    for painter in painters:
        painter.suspend()
    try:
        with Sender(demo.at) as sender:
            assert sender.post(variation(SAMPLE, cpr=newcomer)).status_code == 201
        page = screen().open_cpr(newcomer)
        expect(page.locator(".paper")).to_contain_text("Henter EKG …")
        assert picture(page).count() == 0
    finally:
        for painter in painters:
            painter.resume()
    expect(picture(page)).to_be_visible(timeout=20_000)
    assert is_seen(picture(page))
