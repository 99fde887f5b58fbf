"""A machine that many use: the page empties itself when nobody touches it, and says when somebody does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

SITE = "http://delt.test.invalid"
APP = Path("static/js/app.js").read_text()
PAGE = """<!doctype html><html lang="da"><title>Journal</title><body data-tom-efter="300">
<form><input type="hidden" name="csrfmiddlewaretoken" value="et-token"></form>
<main id="indhold" data-kontekst="x"><h1>Nancy</h1></main><script src="/app.js"></script></body></html>"""


@pytest.fixture
def asked(browser: Browser) -> Iterator[tuple[BrowserContext, list[str]]]:
    """A browser on a site of one page, and what was asked for there besides it."""
    context, seen = browser.new_context(), []

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path not in ("/journal", "/app.js"):
            seen.append(f"{route.request.method} {path} {route.request.headers.get('x-csrftoken', '')}".strip())
        if path == "/app.js":
            route.fulfill(body=APP, content_type="text/javascript")
        elif path == "/til-stede/":
            route.fulfill(status=204)
        else:
            route.fulfill(body=PAGE if path == "/journal" else "<h1>Udløbet</h1>", content_type="text/html")

    context.route(f"{SITE}/**", answer)
    yield context, seen
    context.close()


def opened(context: BrowserContext) -> Page:
    page = context.new_page()
    page.clock.install()
    page.goto(f"{SITE}/journal")
    return page


def test_a_page_that_nobody_touches_leaves_the_screen_after_five_minutes(
    asked: tuple[BrowserContext, list[str]],
) -> None:
    page = opened(asked[0])
    page.clock.run_for(298_000)
    assert page.get_by_text("Nancy").is_visible()
    with page.expect_navigation():
        page.clock.run_for(4_000)
    assert page.url == f"{SITE}/adgang-udloebet/"
    assert asked[1] == ["GET /adgang-udloebet/"]
    page.go_back()
    assert "Nancy" not in page.content()


def test_a_page_that_somebody_reads_stays_and_tells_the_server_once_a_minute(
    asked: tuple[BrowserContext, list[str]],
) -> None:
    page = opened(asked[0])
    for _ in range(10):
        page.clock.run_for(50_000)
        page.mouse.move(10, 10)
        page.mouse.move(20, 20)
    assert page.get_by_text("Nancy").is_visible()
    assert set(asked[1]) == {"POST /til-stede/ et-token"}
    assert 4 <= len(asked[1]) <= 8


def test_a_machine_that_slept_shows_nothing_when_it_wakes(asked: tuple[BrowserContext, list[str]]) -> None:
    page = opened(asked[0])
    page.clock.pause_at(page.evaluate("Date.now()") + 3_600_000)
    with page.expect_navigation():
        page.mouse.move(10, 10)
        page.clock.resume()
    assert page.url == f"{SITE}/adgang-udloebet/"
