"""One demo and one Chromium for all tests in this folder; a browser context of its own, watched, for each test."""

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from demo.running import Running, running_demo
from sundhedsjournal.tests.browser.screen import Screen
from sundhedsjournal.tests.browser.watching import Watch
from tools import chromium

FLAGS = [
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZE = {"width": 1440, "height": 900}
MISSING = (
    "There is no Chromium for the browser tests: install the package chromium, or run `playwright install chromium`."
)
NewScreen = Callable[..., Screen]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.stack)


# The scope is this folder: Playwright's loop runs in the main thread, and Django's database refuses to work beside it.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def executable() -> str:
    found = chromium.find()
    if not found and os.environ.get("CI"):
        pytest.fail(MISSING, pytrace=False)
    if not found:
        pytest.skip(MISSING)
    return found


@pytest.fixture(scope="package")
def browser(executable: str, playwright: Playwright) -> Iterator[Browser]:
    with playwright.chromium.launch(executable_path=chromium.find(headless=True), args=FLAGS) as started:
        yield started


@pytest.fixture(scope="package")
def whole_browser(executable: str, playwright: Playwright) -> Iterator[Browser]:
    """One that shows a PDF in its tab."""
    with playwright.chromium.launch(executable_path=executable, args=FLAGS) as started:
        yield started


@pytest.fixture(scope="package")
def demo(executable: str) -> Iterator[Running]:
    """The whole demo with its samples, shared: a test that sends documents makes up a patient of its own."""
    with running_demo() as running:
        yield running


def shows_pdf(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("pdf_in_tab") is not None


@pytest.fixture
def screen(request: pytest.FixtureRequest, demo: Running) -> Iterator[NewScreen]:
    """Seats somebody at a browser of their own; what all of them asked, said and kept is judged at the end."""
    at: Browser = request.getfixturevalue("whole_browser" if shows_pdf(request) else "browser")
    seated: list[Screen] = []

    def seat(**how: Any) -> Screen:
        seated.append(seat_at(at, demo, **how))
        return seated[-1]

    yield seat
    faults = [fault for each in seated for fault in each.watch.faults()]
    for each in seated:
        each.context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="package")
def regular(browser: Browser, demo: Running) -> Iterator[Screen]:
    """Somebody who stays signed in, so that a test of one page does not cost a sign-in."""
    seated = seat_at(browser, demo, reduced_motion="reduce")  # no colour is measured halfway from one to another
    yield seated
    seated.context.close()


@pytest.fixture(scope="package")
def regular_of_pdfs(whole_browser: Browser, demo: Running) -> Iterator[Screen]:
    seated = seat_at(whole_browser, demo, reduced_motion="reduce")
    yield seated
    seated.context.close()


@pytest.fixture
def reader(request: pytest.FixtureRequest) -> Iterator[Screen]:
    """The same for one test: judged at its end, and left with no record open."""
    regular: Screen = request.getfixturevalue("regular_of_pdfs" if shows_pdf(request) else "regular")
    yield regular
    regular.context.set_offline(False)
    regular.context.unroute_all()
    faults = regular.watch.faults()
    regular.watch.begin_anew()
    for page in regular.context.pages:
        if page.get_by_role("button", name="Luk journalen").count():
            with page.expect_navigation():
                page.get_by_role("button", name="Luk journalen").click()
        page.close()
    assert not faults, "\n".join(faults)


def seat_at(browser: Browser, demo: Running, **how: Any) -> Screen:
    """A fresh browser context, watched from its first page on."""
    context = browser.new_context(**({"locale": "da-DK", "timezone_id": "Europe/Copenhagen", "viewport": SIZE} | how))
    context.set_default_timeout(15_000)
    return Screen(demo, context, Watch(context), how.get("java_script_enabled", True))


newcomers = itertools.count(1)


@pytest.fixture
def newcomer() -> str:
    """The CPR number of somebody whom no document has named so far (a test number, as those of the samples are)."""
    number = next(newcomers)
    return f"{number % 28 + 1:02}{number // 28 + 1:02}6099{number % 100:02}"
