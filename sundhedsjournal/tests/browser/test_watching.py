"""The watch that judges all other tests sees what it is there to see."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route

from demo.running import Running
from sundhedsjournal.tests.browser.conftest import seat_at

CPR = "251248-9996"
SITE = "http://watched.localhost"
POLICY = {"Content-Security-Policy": "default-src 'none'; script-src 'self'", "Referrer-Policy": "unsafe-url"}


def answer(route: Route) -> None:
    path = route.request.url.removeprefix(SITE)
    body = "<style>p { color: red }</style>" if path.startswith("/inline") else ""
    ticket = (
        '<form method="post" action="/launch/ticket"><input name="ticket" value="one-time-secret"><button>Go</button>'
    )
    body += f'<a href="/next">on</a>{ticket}</form>'
    route.fulfill(content_type="text/html", headers=POLICY, body=f"<!doctype html><title>A page</title>{body}")


def visit(page: Page, path: str) -> None:
    page.goto(f"{SITE}{path}")


def in_url(page: Page) -> None:
    visit(page, f"/search?cpr={CPR}")


def in_an_escaped_url(page: Page) -> None:
    visit(page, "/search?cpr=251248%2D9996")


def in_referer(page: Page) -> None:
    visit(page, "/?2512489996")
    page.get_by_role("link").click()
    page.wait_for_url("**/next")


def in_title(page: Page) -> None:
    visit(page, "/")
    page.evaluate(f"document.title = 'Nancy {CPR}'; new Promise(setTimeout)")
    page.evaluate("document.title = 'nothing to see'; new Promise(setTimeout)")


def ticket_in_url(page: Page) -> None:
    visit(page, "/")
    page.get_by_role("button").click()
    page.wait_for_url("**/launch/ticket")
    visit(page, "/k/?ticket=one-time-secret")


def name_in_url(page: Page) -> None:
    visit(page, "/search?q=Nancy+Ann+Berggren")


def token_in_url(page: Page) -> None:
    visit(page, "/?id_token=eyJhbGciOiJub25lIn0.eyJzdWIiOiJob2xtIn0.")


def code_in_another_url(page: Page) -> None:
    visit(page, "/login/callback?code=code-of-one-login&state=x")
    visit(page, "/k/?code=code-of-one-login")


def callback_in_referer(page: Page) -> None:
    visit(page, "/login/callback?code=code-of-one-login&state=x")
    page.get_by_role("link").click()
    page.wait_for_url("**/next")


def session_in_url(page: Page) -> None:
    page.context.add_cookies([{"name": "sj", "value": "k" * 32, "url": SITE, "httpOnly": True}])
    visit(page, f"/?session={'k' * 32}")


def callback(page: Page) -> None:
    visit(page, "/login/callback?code=code-of-one-login&state=x")


def inline_style(page: Page) -> None:
    visit(page, "/inline")


def console_error(page: Page) -> None:
    visit(page, "/")
    page.evaluate("console.error('broken')")


def exception(page: Page) -> None:
    visit(page, "/")
    page.evaluate("setTimeout(() => { throw new Error('unforeseen') })")
    page.wait_for_timeout(50)


def session_storage(page: Page) -> None:
    visit(page, "/")
    page.evaluate("sessionStorage.setItem('last', 'Nancy')")


def readable_cookie(page: Page) -> None:
    visit(page, "/")
    page.evaluate("document.cookie = 'who=nancy'")


def nothing(page: Page) -> None:
    visit(page, "/")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (in_url, "a CPR number in a URL"),
        (in_an_escaped_url, "a CPR number in a URL"),
        (in_referer, "a CPR number in a Referer"),
        (in_title, "a CPR number in a title"),
        (ticket_in_url, "a ticket in a URL"),
        (name_in_url, "a name in a URL"),
        (token_in_url, "a token in a URL"),
        (code_in_another_url, "a code in a URL"),
        (callback_in_referer, "the way back from a login in a Referer"),
        (session_in_url, "a cookie's secret in a URL"),
        (callback, ""),
        (inline_style, "policy violated: style-src"),
        (console_error, "console: broken"),
        (exception, "unforeseen"),
        (session_storage, "kept in the browser"),
        (readable_cookie, "a cookie that scripts can read"),
        (nothing, ""),
    ],
)
def test_each_fault_is_seen(browser: Browser, demo: Running, fault: Callable[[Page], None], said: str) -> None:
    seated = seat_at(browser, demo)
    seated.context.route(f"{SITE}/**", answer)
    page = seated.context.new_page()
    fault(page)
    found = "\n".join(seated.watch.faults())
    seated.context.close()
    assert said in found
    assert bool(found) == bool(said)


def test_a_refusal_is_a_fault_unless_the_test_expects_it(browser: Browser, demo: Running) -> None:
    for expected in (set(), {401}):
        seated = seat_at(browser, demo)
        seated.watch.expected |= expected
        seated.context.new_page().goto(f"{demo.at.site}/k/{'a' * 22}/ekg/")
        assert bool(seated.watch.faults()) != bool(expected)
        seated.context.close()
