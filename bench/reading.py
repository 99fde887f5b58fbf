"""Benchmarks of the screen: Chromium reads a folder of 500, in turn with a bare page that shows the same pictures."""

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.measure import Result, percentile
from bench.servers import floor_server
from demo.clients import SAMPLES, Epj, Sender, variation
from demo.running import Running
from samples.personas import PATIENTS
from sundhedsjournal.tests.browser.conftest import FLAGS, seat_at
from sundhedsjournal.tests.browser.screen import RECORD, context_of
from sundhedsjournal.tests.stack import count, eventually
from tools import chromium

PAINTED = Path(__file__).with_name("painted.js")
PATIENT = PATIENTS["nancy"]  # her own sheets: none bears another's number
CALM = 150
"""Milliseconds after all is fetched, in which both pages come to rest."""
LAUNCH = """([site, ticket]) => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: `${site}/launch/ticket` });
  form.append(Object.assign(document.createElement("input"), { name: "ticket", value: ticket }));
  document.body.append(form);
  setTimeout(() => form.submit());
  return performance.timeOrigin + performance.now();
}"""
Turn = tuple[float, float]
"""Milliseconds of the bare page, and of ours."""


def reading(demo: Running, recordings: int = 500, presses: int = 100, runs: int = 24) -> list[Result]:
    """read_next (beside a page that asks nobody, and beside one that asks), read_next_far, read_first and compare."""
    folder_of(demo, recordings)
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS))
        ours = Ours(browser, demo)
        bare = Bare(browser, stack.enter_context(floor_server("pictures", ours.pictures())))
        silent, asking = paging(ours, bare, presses)
        return [
            result("read_next", silent, "p50 <= 80, <= 1.3 x, p95 <= 150"),
            result("read_next_asked", asking, "none: what a request costs anybody"),
            result("read_next_far", turns(ours.far, bare.far, runs), "p50 <= 300"),
            result("read_first", turns(ours.first, bare.first, runs), "p50 <= 800"),
            result("compare", turns(ours.compare, bare.compare, runs), "p95 <= 200"),
        ]


def folder_of(demo: Running, recordings: int) -> None:
    """So many recordings of one citizen, out of all samples of hers, with every picture drawn and packed."""
    samples = sorted((SAMPLES / "ekg").glob("nancy-*.json"))
    missing = recordings - len(samples)
    with Sender(demo.at) as sender:
        for number, sample in enumerate(islice(cycle(samples), missing)):
            day = date(2018, 1, 1) - timedelta(days=9 * number)
            raw = variation(sample, at=f"{day}T08:15:00+01:00", note=f"Optagelse {number}.")
            assert sender.post(raw).status_code == 201
    undrawn = "SELECT count(*) FROM ekg_recording WHERE preview = 'pending'"
    unpacked = "SELECT count(*) FROM ekg_pageimage WHERE next_try IS NOT NULL"
    eventually(lambda: count(demo, undrawn) + count(demo, unpacked) == 0, 3600)


def paging(ours: "Ours", bare: "Bare", presses: int) -> tuple[list[Turn], list[Turn]]:
    """J, with the picture of the next recording in memory: every press another recording of one document.

    Beside a bare page that asks nobody, and beside one that asks its server for the heading, as what is recorded must.
    """
    ours.open()
    bare.open()
    ours.older(), bare.older("j"), bare.older("a")  # from the first press on, what comes next is fetched ahead
    pressed = [(bare.older("j"), bare.older("a"), ours.older()) for _ in range(presses)]
    return [(silent, mine) for silent, _, mine in pressed], [(asking, mine) for _, asking, mine in pressed]


def turns(ours: Callable[[], float], bare: Callable[[], float], runs: int) -> list[Turn]:
    ours(), bare()
    return [(bare(), ours()) for _ in range(runs)]


def result(name: str, measured: list[Turn], goal: str) -> Result:
    """Medians, the 95th percentiles in the unit, and the ratio over the pairs."""
    floors, mine = [pair[0] for pair in measured], [pair[1] for pair in measured]
    unit = f"ms p50 (p95 {percentile(floors, 95):.3g} | {percentile(mine, 95):.3g})"
    ratios = tuple(pair[1] / pair[0] for pair in measured)
    return Result(name, unit, statistics.median(floors), statistics.median(mine), ratios, goal)


@dataclass
class Reader:
    """A page that is pressed, and what it has asked for."""

    page: Page
    asked: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.context.on("request", lambda request: self.asked.append(request.url))
        self.page.context.on("requestfinished", lambda request: self.fetched.append(request.url))

    def press(self, key: str, *pictures: str) -> float:
        """Milliseconds from the key until these pictures have been painted."""
        self.page.bring_to_front()
        self.page.keyboard.press(key)
        return self.painted(*pictures) - float(self.page.evaluate("bench.pressed()"))

    def painted(self, *pictures: str) -> float:
        """When that was, by the machine's clock; whether the document is another one by now is the same."""
        seen = self.page.wait_for_function("(wanted) => globalThis.bench?.seen(wanted)", arg=list(pictures), polling=25)
        return float(seen.json_value())

    def rest(self, *pictures: str) -> None:
        """Until these pictures have come, and nothing goes on any more."""
        while not all(any(each in url for url in self.fetched) for each in pictures):
            self.page.wait_for_timeout(20)
        self.page.wait_for_timeout(CALM)
        self.asked.clear()

    def has_asked(self, picture: str) -> bool:
        return any(picture in url for url in self.asked)


class Ours(Reader):
    """A doctor's screen, opened from the EPJ."""

    def __init__(self, browser: Browser, demo: Running) -> None:
        self.at, self.epj = demo.at, Epj(demo.at)
        screen = seat_at(browser, demo)
        screen.context.add_init_script(path=PAINTED)
        super().__init__(screen.open_cpr(PATIENT.cpr))
        self.home = f"{self.at.site}/k/{context_of(self.page)}/ekg/"
        self.far_away = self.neighbour("aeldste")

    def pictures(self) -> dict[str, bytes]:
        """What the bare page shows: the pictures of the newest recordings as this browser is given them."""
        rows = self.page.locator(".rows li > a").evaluate_all("(rows) => rows.map((row) => row.pathname)")
        end = str(self.page.locator(".sheet img").first.evaluate("(image) => image.currentSrc")).split("/side/")[1]
        urls = [f"{self.at.site}{row}side/{end}" for row in rows[:15]]
        answers = [self.page.context.request.get(url, headers={"Accept": "image/webp"}) for url in urls]
        assert {answer.headers["content-type"] for answer in answers} == {"image/webp"}
        return {f"{number:03}.webp": answer.body() for number, answer in enumerate(answers)}

    def neighbour(self, id_: str) -> str:
        return str(self.page.locator(f"#{id_}").get_attribute("href")).split("/")[-2]

    def open(self) -> None:
        self.fetched.clear()
        self.page.goto(self.home)
        self.painted("/side/1/")
        self.rest()

    def older(self) -> float:
        took = self.press("j", self.neighbour("aeldre"))
        self.rest(f"{self.neighbour('aeldre')}/side/")
        return took

    def far(self) -> float:
        """To the oldest, in a document that has not seen it yet."""
        self.open()
        took = self.press("End", self.far_away)
        assert self.has_asked(f"{self.far_away}/side/1"), "it was in memory"
        return took

    def first(self) -> float:
        """From the EPJ's button: its ticket is posted from another site, and the record opens."""
        with self.page.expect_navigation():  # a record left open: it would be asked whether another is meant
            self.page.get_by_role("button", name="Luk journalen").click()
        self.page.goto(f"{self.at.epj}/")
        ticket = self.epj.ticket("holm", PATIENT.cpr, name=PATIENT.name)
        began = float(self.page.evaluate(LAUNCH, [self.at.site, ticket]))
        self.page.wait_for_url(RECORD)
        self.home = f"{self.at.site}/k/{context_of(self.page)}/ekg/"
        return self.painted("/side/1/") - began

    def compare(self) -> float:
        """The newest with the one before; both have been seen in this document."""
        self.open()
        newest, before = str(self.page.locator("#laesepanel").get_attribute("data-adresse")), self.neighbour("aeldre")
        self.press("j", before)
        self.rest()
        self.press("k", newest.split("/")[-2])
        self.rest()
        return self.press("s", newest.split("/")[-2], before)


class Bare(Reader):
    """The page that shows pictures and knows nothing else (bench/bare.html)."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.home, self.at = f"{address}/", 0
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(path=PAINTED)
        super().__init__(context.new_page())

    def open(self) -> None:
        self.fetched.clear()
        self.page.goto(self.home)
        self.painted("/picture/0")
        self.rest("/picture/1")
        self.at = 0

    def older(self, key: str) -> float:
        self.at += 1
        took = self.press(key, f"/picture/{self.at}")
        self.rest(f"/picture/{self.at + 1}")
        return took

    def far(self) -> float:
        self.open()
        return self.press("End", "/picture/100000")

    def first(self) -> float:
        self.page.goto("about:blank")
        began = time.time() * 1000
        self.page.goto(self.home, wait_until="commit")
        return self.painted("/picture/0") - began

    def compare(self) -> float:
        self.open()
        return self.press("s", "/picture/0", "/picture/1")
