"""Municipal data of which the citizen has blocked a part, in a browser: no barrier in any form, width or theme."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from demo.clients import Sender
from demo.running import Running
from eoj.tests.reports import condition, report
from samples.personas import USERS
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_municipal import tab
from sundhedsjournal.tests.browser.test_narrow import fits
from sundhedsjournal.tests.browser.test_override import NOTICE, overridden

SHOWN, HIDDEN = ("I7.1", "Respirationsproblemer"), ("I2.1", "Problemer med mobilitet og bevægelse")
BLOCK = """
from datetime import date
from access.models import Block
from access.registering import register_block
register_block("{cpr}", Block.Kind.{kind})
"""
PERIOD = "PERIOD, data_from=date(2023, 1, 1), data_to=date(2023, 12, 31)"


@pytest.fixture
def blocked(demo: Running, newcomer: str) -> Callable[[str], str]:
    """Somebody of whom two conditions are known, one of them since the summer of 2023, and who has blocked this."""

    def made(kind: str) -> str:
        home = {"cpr": newcomer, "sor": USERS["dahl"].sor, "id": f"spaerret-{newcomer[:4]}"}
        luft = condition(SHOWN[0], id="luft", recorded="2025-02-03")
        krop = condition(HIDDEN[0], id="krop", recorded="2023-06-07")
        with Sender(demo.at) as sender:
            assert sender.put(report(luft, krop, **home)).status_code == 200
        done = demo.manage("shell", "-c", BLOCK.format(cpr=newcomer, kind=kind))
        assert done.returncode == 0, done.stderr
        return newcomer

    return made


def as_list(page: Page) -> None:
    expect(page.locator(".panel li")).to_have_count(1)


def all_of_it(page: Page) -> None:
    page.goto(f"{page.url}?vis=alle&periode=3")
    expect(page.locator(".panel li")).to_have_count(1)


def description(page: Page) -> None:
    button = page.get_by_role("button", name=f"Vis beskrivelse af {SHOWN[1]}")
    button.click()
    expect(page.locator(f"#{button.get_attribute('popovertarget')}")).to_be_visible()


def timeline(page: Page) -> None:
    page.goto(f"{page.url}?visning=tidslinje")
    expect(page.locator(".timeline svg")).to_be_attached()  # a narrow screen shows its table instead
    expect(page.locator("#tabel tbody tr")).to_have_count(1)


def nothing_found(page: Page) -> None:
    page.goto(f"{page.url}?q=zzz")
    expect(page.locator(".panel li")).to_have_count(0)


FORMS = [as_list, all_of_it, description, timeline, nothing_found]


@pytest.mark.parametrize("width", [1440, 320])
def test_a_partly_blocked_record_has_no_barrier_in_any_form(
    screen: NewScreen, blocked: Callable[[str], str], width: int
) -> None:
    """Light and dark; the watch of every test hears of each violation of the policy."""
    cpr, seat = blocked(PERIOD), screen(reduced_motion="reduce")
    page = tab(seat.open_cpr(cpr))
    page.set_viewport_size({"width": width, "height": 900 if width > 400 else 640})
    base = page.url
    for form in FORMS:
        page.goto(base)
        form(page)
        expect(page.get_by_role("link", name=NOTICE)).to_be_visible()
        assert HIDDEN[1] not in page.content()
        clean(page)
        fits(page)
    page.goto(base)
    overridden(page)
    for address, rows in ((base, ".panel li"), (f"{base}?visning=tidslinje", "#tabel tbody tr")):
        page.goto(address)
        expect(page.locator(rows)).to_have_count(2)
        clean(page)
        fits(page)


@pytest.mark.parametrize("user", ["holm", "dahl", "bech"])
def test_a_wholly_blocked_record_has_no_barrier_and_says_the_same_to_all(
    screen: NewScreen, blocked: Callable[[str], str], user: str
) -> None:
    cpr, seat = blocked("ALL"), screen(reduced_motion="reduce")
    page = seat.open_cpr(cpr, user)
    page = tab(page) if user == "holm" else page
    for width in (1440, 320):
        page.set_viewport_size({"width": width, "height": 640})
        expect(page.get_by_role("region", name="Borger")).to_contain_text(NOTICE)
        for name in (SHOWN[1], HIDDEN[1], "Ingen kommunale"):
            assert name not in page.content()
        clean(page)
        fits(page)
