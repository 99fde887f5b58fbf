"""The overview in a browser, the ways to it, and what is new after a second launch."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from demo.clients import SAMPLES, Sender, variation
from demo.running import Running
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import context_of, is_seen
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_budget import MOST, SHIFT, packed
from sundhedsjournal.tests.browser.test_narrow import TELEPHONE, ZOOMED, fits

LANDINGS = {"Oversigt": "", "EKG": "ekg/", "Kommunale data": "kommune/"}
PICTURE = ".overview .picture img"


@pytest.mark.parametrize("door", ["", " med SMART"])
@pytest.mark.parametrize("name", LANDINGS)
def test_the_epj_s_button_opens_that_page(screen: NewScreen, name: str, door: str) -> None:
    page = screen().straight_to(f"{name}{door}", "nancy")
    expect(page).to_have_url(re.compile(rf"/k/[\w-]+/{LANDINGS[name]}$"))
    expect(page.locator(".tabs [aria-current=page]")).to_have_text(re.compile(rf"^\s*{name}"))


def test_who_has_no_ekgs_lands_on_municipal_data_whatever_was_asked(screen: NewScreen) -> None:
    page = screen().straight_to("EKG", "ingrid", "dahl")
    expect(page).to_have_url(re.compile("/kommune/$"))
    expect(page.locator(".tabs a:not(.button)")).to_have_count(2)
    page.get_by_role("link", name="Oversigt").click()
    expect(page.get_by_role("heading", level=1, name="Oversigt")).to_be_visible()
    expect(page.locator("main").get_by_text("EKG")).to_have_count(0)
    expect(page.locator(".tabs").get_by_text("EKG")).to_have_count(0)


def test_every_tab_leads_from_every_tab(screen: NewScreen) -> None:
    page = screen().straight_to("Oversigt", "nancy")
    record = context_of(page)
    for name in ("EKG", "Kommunale data", "Oversigt", "Kommunale data", "EKG", "Oversigt"):
        page.locator(".tabs").get_by_role("link", name=name).first.click()
        expect(page).to_have_url(re.compile(rf"/k/{record}/{LANDINGS[name]}$"))
        expect(page.locator(".tabs [aria-current=page]")).to_have_count(1)
    page.locator(PICTURE).click()
    expect(page.locator("#optagelse")).to_be_visible()


def test_what_came_between_two_launches_is_marked_until_the_next(
    screen: NewScreen, demo: Running, newcomer: str
) -> None:
    sample = SAMPLES / "ekg" / "emil-2023-02-06-first.json"
    with Sender(demo.at) as sender:
        assert sender.post(variation(sample, cpr=newcomer, at="2026-01-03T08:00:00Z")).status_code == 201
    holm = screen()
    page = holm.open_cpr(newcomer)
    expect(page.locator(".new")).to_have_count(0)
    page.wait_for_timeout(7_000)  # what is put in place while a page is made counts as not seen (ADR 0029)
    page.reload()
    with Sender(demo.at) as sender:
        assert sender.post(variation(sample, cpr=newcomer, at="2026-09-03T08:00:00Z")).status_code == 201
    page = holm.open_cpr(newcomer, page=holm.context.new_page())
    expect(page.locator(".tabs .new")).to_have_text("1 ny")
    since = f"Ny siden dit seneste opslag {datetime.now(tz=UTC).astimezone():%d.%m.%Y}"
    marked = page.get_by_role("link", name=re.compile(re.escape(since), re.IGNORECASE))
    expect(marked).to_have_count(1)
    page.locator(".rows li a").nth(1).click()
    expect(page.locator(".rows .new")).to_have_count(1)
    page.reload()
    expect(page.locator(".rows .new")).to_have_count(1)
    page.get_by_role("link", name="Oversigt").click()
    expect(page.get_by_role("link", name="1 ny EKG-optagelse")).to_be_visible()


@pytest.mark.parametrize("patient", ["nancy", "jens", "anna"])
def test_the_overview_has_no_barrier(screen: NewScreen, patient: str) -> None:
    page = screen(reduced_motion="reduce").straight_to("Oversigt", patient)
    clean(page)


@pytest.mark.parametrize("how", [TELEPHONE, ZOOMED], ids=["320 px", "400 %"])
def test_the_overview_fits_in_a_narrow_window(screen: NewScreen, how: dict[str, object]) -> None:
    page = screen(**how).straight_to("Oversigt", "nancy")
    fits(page)
    clean(page)
    page.locator(PICTURE).scroll_into_view_if_needed()
    expect(page.locator(PICTURE)).to_be_in_viewport()
    page.get_by_role("link", name="Åbn kommunale data").scroll_into_view_if_needed()
    expect(page.get_by_role("link", name="Åbn kommunale data")).to_be_in_viewport()


def test_a_citizen_has_the_same_page_without_a_curve(screen: NewScreen) -> None:
    page = screen(**TELEPHONE).open_own("nancy")
    page.get_by_role("link", name="Oversigt").click()
    expect(page.get_by_role("heading", level=1, name="Oversigt")).to_be_visible()
    expect(page.locator(".overview img")).to_have_count(0)
    fits(page)
    clean(page)


def test_the_overview_keeps_within_the_budget_and_nothing_jumps(screen: NewScreen) -> None:
    holm = screen()
    address = holm.straight_to("Oversigt", "nancy").url
    cold = screen(storage_state=holm.context.storage_state())
    answers: list[Any] = []
    cold.context.on("requestfinished", lambda request: answers.append(request.response()))
    page = cold.context.new_page()
    page.goto(address, wait_until="networkidle")
    assert is_seen(page.locator(PICTURE))
    assert len(answers) <= 8, [answer.url for answer in answers]
    weights = dict.fromkeys(MOST, 0)
    for answer in answers:
        if (kind := answer.request.resource_type) in MOST:
            weights[kind] += packed(kind, answer.body())
    assert {kind: weight for kind, weight in weights.items() if weight > MOST[kind]} == {}
    assert page.evaluate(SHIFT) <= 0.02
