"""What the first view may weigh and ask for: counted, not timed."""

import gzip
import re
from collections import Counter
from datetime import date, timedelta
from typing import Any

import html5lib
from playwright.sync_api import Response, expect

from demo.clients import Sender
from demo.running import Running
from eoj.tests.reports import condition, plan, report
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import is_seen, picture, rows
from sundhedsjournal.tests.stack import count, eventually
from terminology.fsiii import Kind, Law, shipped

MOST = {"document": 20_000, "stylesheet": 10_000, "script": 27_500, "font": 40_000}
"""Bytes for each kind of file together, packed as they travel."""
IN_ALL = 200_000
SHIFT = """() => new Promise((done) => new PerformanceObserver((list) =>
  done(list.getEntries().reduce((sum, each) => sum + each.value, 0))).observe({ type: "layout-shift", buffered: true })
  || setTimeout(() => done(0), 300))"""


def packed(kind: str, body: bytes) -> int:
    """How many bytes travel: text is packed, fonts and pictures are already."""
    return len(body) if kind in ("font", "picture") else len(gzip.compress(body, 6))


def kind_of(answer: Response) -> str:
    return "picture" if "/side/" in answer.url else answer.request.resource_type


def are_packed(demo: Running) -> None:
    """Every picture of the samples is a WebP by now."""
    undrawn = "SELECT count(*) FROM ekg_recording WHERE preview = 'pending'"
    unpacked = "SELECT count(*) FROM ekg_pageimage WHERE next_try IS NOT NULL"
    eventually(lambda: count(demo, undrawn) + count(demo, unpacked) == 0, 240)


def test_the_first_view_keeps_within_its_budget(screen: NewScreen, demo: Running) -> None:
    are_packed(demo)
    holm = screen()
    address = holm.open("nancy").url
    cold = screen(storage_state=holm.context.storage_state())
    answers: list[Response] = []
    cold.context.on("response", lambda answer: answers.append(answer))
    page = cold.context.new_page()
    page.goto(address, wait_until="networkidle")
    assert is_seen(picture(page))

    assert len(answers) <= 8, [answer.url for answer in answers]
    weights: Counter[str] = Counter()
    for answer in answers:
        weights[kind_of(answer)] += packed(kind_of(answer), answer.body())
    for kind, most in MOST.items():
        assert 0 < weights[kind] <= most, f"{kind}: {weights[kind]} bytes"
    (shown,) = [answer for answer in answers if "/side/" in answer.url]
    assert shown.headers["content-type"] == "image/webp"
    assert weights.total() <= IN_ALL, weights

    # Once more: only what may never be kept is fetched again.
    page.reload(wait_until="networkidle")
    again = page.evaluate(
        "performance.getEntriesByType('resource').filter((each) => each.transferSize > 300).map((each) => each.name)"
    )
    assert len(again) + 1 <= 3, again

    # Another recording costs the part of the page, and its picture; then the next one's picture is fetched ahead.
    answers.clear()
    rows(page).nth(1).click()
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")
    assert is_seen(picture(page))
    page.wait_for_load_state("networkidle")
    address = str(page.locator("#laesepanel").get_attribute("data-adresse"))
    asked = [answer.url for answer in answers if "/k/" in answer.url]
    assert len([url for url in asked if address in url]) == 2, asked
    assert len([url for url in asked if address not in url]) <= 1, asked


def test_the_first_answer_already_names_the_picture_with_its_size_and_nothing_jumps(screen: NewScreen) -> None:
    holm = screen()
    address = holm.open("nancy").url
    html = holm.context.request.get(address).text()
    first = html5lib.parse(html, namespaceHTMLElements=False).find(".//img")
    assert re.fullmatch(r"/k/[\w-]+/ekg/[0-9a-f-]{36}/side/1/150", first.get("src"))
    assert first.get("fetchpriority") == "high"
    assert first.get("loading") != "lazy"
    page = holm.context.new_page()
    page.goto(address, wait_until="networkidle")
    natural = picture(page).evaluate("(image) => [image.naturalWidth, image.naturalHeight]")
    # As wide as the page says that it is shown; of the shape that was held free for it.
    assert natural[1] == round(natural[0] * int(first.get("height")) / int(first.get("width")))
    assert page.evaluate(SHIFT) <= 0.02


def many(count: int) -> list[Any]:
    """Active conditions and interventions of every code a doctor may see, of different days, half of them linked."""
    conditions = [each.key for each in shipped() if each.kind is Kind.HEALTH_CONDITION and not each.retiring]
    plans = [
        each.key for each in shipped() if each.kind is Kind.INTERVENTION and each.paragraph and each.law is Law.HEALTH
    ]
    made = []
    for n in range(count // 2):
        day = str(date(2023, 1, 1) + timedelta(days=n * 7))
        made.append(condition(conditions[n % len(conditions)], id=f"5b0c{n:08x}-tilstand", recorded=day))
        reasons = (made[-1]["id"],) if n % 2 else ()
        made.append(plan(plans[n % len(plans)], day, id=f"9e1f{n:08x}-indsats", reasons=reasons))
    return made


def test_three_hundred_municipal_rows_keep_within_the_budget(screen: NewScreen, demo: Running, newcomer: str) -> None:
    with Sender(demo.at) as sender:
        assert sender.put(report(*many(300), cpr=newcomer, id="budget-300")).status_code == 200
    holm = screen()
    address = holm.open_cpr(newcomer).url.replace("/ekg/", "/kommune/")
    cold = screen(storage_state=holm.context.storage_state())
    cold.watch.cprs.add(newcomer)
    answers: list[Any] = []
    cold.context.on("requestfinished", lambda request: answers.append(request.response()))
    page = cold.context.new_page()
    page.goto(address, wait_until="networkidle")
    expect(page.locator(".panel li")).to_have_count(300)

    assert len(answers) <= 10, [answer.url for answer in answers]
    (html,) = [answer.body() for answer in answers if answer.request.resource_type == "document"]
    assert packed("document", html) <= MOST["document"]
    assert page.evaluate(SHIFT) <= 0.02

    answers.clear()
    button = page.locator(".about").nth(20)
    button.scroll_into_view_if_needed()
    button.hover()
    expect(page.locator(f"#{button.get_attribute('popovertarget')}")).to_be_visible()
    assert answers == [], "a description is in the page"
