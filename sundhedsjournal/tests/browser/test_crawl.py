"""Everybody follows every link and presses the buttons that do no harm: nothing of anybody is left where it lies about.

Addresses, Referers, titles, cookies and stores of the browser are judged by the watch, and every refusal's page and all
logs of the demo by what the watch knows to be secret.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from demo import cluster
from demo.running import Running
from samples.personas import CITIZENS, PATIENTS, USERS
from sundhedsjournal.management.commands.demo_data import ADMINISTRATOR
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import Screen
from sundhedsjournal.tests.browser.watching import CPRS, NAMES, Watch, kept_by

MOST, EACH = 45, 2
"""How many pages a person looks at, and how many of one kind."""
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)[\w-]{22}(?=/)|\d+")
HARMLESS = re.compile(r"^(Vis CPR-nummer|Vis beskrivelse|Vis$|Søg|Annullér|Skjul)")
FILES = (".pdf", ".png", ".json")


class Crawl:
    """One person's way through all that the site shows: breadth first, a few pages of each kind."""

    def __init__(self, seat: Screen, page: Page) -> None:
        self.seat, self.page, self.site = seat, page, seat.demo.at.site
        self.looked: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.pressed: Counter[str] = Counter()

    def everything(self) -> list[str]:
        """Look at everything from the page that is open; returns what was looked at."""
        waiting = [self.page.url]
        while waiting and len(self.looked) < MOST:
            here = waiting.pop(0)
            if not self._is_due(here):
                continue
            self._look(here)
            if urlsplit(here).path.endswith(FILES):
                continue
            waiting += self._links()
            self._press()
        return self.looked

    def _is_due(self, url: str) -> bool:
        there = urlsplit(url)
        kind = IDENTIFIER.sub("*", there.path) + ("?" if there.query else "")
        if url in self.looked or self.kinds[kind] >= EACH:
            return False
        self.kinds[kind] += 1
        self.looked.append(url)
        return True

    def _look(self, url: str) -> None:
        if urlsplit(url).path.endswith(FILES):  # the page asks, so that the browser need not show it
            assert self.page.evaluate("(url) => fetch(url).then((answer) => answer.status)", url) == 200, url
            return
        answer = self.page.goto(url)
        assert answer is not None
        assert answer.status < 500, f"{answer.status} for {url}"
        if answer.status >= 400:
            says_nothing(self.seat.watch, answer)
        assert not kept_by(self.page), url

    def _links(self) -> list[str]:
        found: list[str] = self.page.locator("a[href]").evaluate_all("(all) => all.map((one) => one.href)")
        return [url.partition("#")[0] for url in found if url.startswith(f"{self.site}/")]

    def _press(self) -> None:
        """Each kind of button on a few pages; what it shows is looked at by the watch alone."""
        for number in range(EACH):
            found = self.page.get_by_role("button", name=HARMLESS).element_handles()  # one may go while it is looked at
            if number >= len(found):
                return
            button = found[number]
            words = button.inner_text().strip()
            if self.pressed[words] < EACH and button.is_visible() and button.is_enabled():
                self.pressed[words] += 1
                button.click()
                self.page.wait_for_load_state()
                self.page.keyboard.press("Escape")


def says_nothing(watch: Watch, answer: Response) -> None:
    """A refusal's page holds nothing of anybody."""
    text = answer.text()
    found = watch.secrets(text, "a page")
    assert not found, f"{found} in the page of {answer.status} {answer.url}"


# ── who goes where ──────────────────────────────────────────────────────────────────────────────────────────────────
def staff(user: str, patient: str, door: str = "ticket") -> Callable[[Screen], Page]:
    return lambda seat: seat.open(patient, user=user, door=door)


def citizen(who: str) -> Callable[[Screen], Page]:
    return lambda seat: seat.open_own(who)


def for_another(who: str, whom: str) -> Callable[[Screen], Page]:
    def arrive(seat: Screen) -> Page:
        page = seat.context.new_page()
        page.goto(f"{seat.demo.at.site}/borger/")
        page.get_by_role("button", name=re.compile("^Log ind")).click()
        seat.be(CITIZENS[who].name, page)
        page.get_by_role("button", name=PATIENTS[whom].name).click()
        expect(page.get_by_role("region", name="Borger")).to_be_visible()
        return page

    return arrive


def controller(seat: Screen) -> Page:
    page = seat.context.new_page()
    page.goto(f"{seat.demo.at.site}/log-ind/")
    page.get_by_role("button", name="Log ind med Demo-EPJ").click()
    seat.be(USERS["winther"].display, page)
    page.wait_for_url(f"{seat.demo.at.site}/")
    page.goto(f"{seat.demo.at.site}/admin/")
    return page


def operator(seat: Screen) -> Page:
    page = seat.context.new_page()
    page.goto(f"{seat.demo.at.site}/log-ind/?next=/admin/")
    page.get_by_label("Brugernavn").fill("admin")
    page.get_by_label("Adgangskode").fill(ADMINISTRATOR)
    page.get_by_role("button", name="Log ind", exact=True).click()
    page.wait_for_url("**/admin/")
    return page


PEOPLE: dict[str, tuple[Callable[[Screen], Page], tuple[str, ...]]] = {
    "general practitioner": (staff("holm", "nancy"), ("/ekg/", "/kommune/", ".pdf", "/mine-opslag/")),
    "hospital doctor, by SMART": (staff("juhl", "sigridur", "smart"), ("/ekg/", "/kommune/", "/vaerdispring/")),
    "hospital nurse": (staff("krogh", "ingrid"), ("/ekg/", "/kommune/")),
    "municipal nurse": (staff("dahl", "ingrid"), ("/kommune/",)),
    "assistant": (staff("lund", "nancy"), ("/ekg/", "/kommune/")),
    "log controller": (controller, ("/admin/access/case/", "/admin/reviews/review/")),
    "operator": (operator, ("/admin/audit/auditevent/", "/admin/access/user/", "/admin/fhir/delivery/")),
    "citizen": (citizen("ingrid"), ("/ekg/", "/kommune/", "/log/", ".pdf")),
    "mother": (for_another("maria", "emil"), ("/borger/", "/ekg/", "/kommune/", "/log/")),
    "guardian": (for_another("hanne", "bent"), ("/borger/", "/ekg/", "/kommune/")),
    "holder of a fuldmagt": (for_another("lars", "ingrid"), ("/borger/", "/ekg/", "/kommune/")),
}
STRANGE = ("findes/ikke", "k/{}/ekg/", "borger/{}/kommune/", "launch/{}/", "admin/findes/", "login/callback?state=x")


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_sees_everything_and_leaves_nothing_lying_about(screen: NewScreen, demo: Running, who: str) -> None:
    arrive, expected = PEOPLE[who]
    seat = screen()
    seat.watch.expected |= {401, 403, 404, 410}
    page = arrive(seat)
    looked = Crawl(seat, page).everything()
    paths = [urlsplit(url).path for url in looked]
    for part in expected:
        assert [path for path in paths if part in path], f"never came to {part}: {paths}"
    for strange in STRANGE:
        answer = page.goto(f"{demo.at.site}/{strange.format('a' * 22)}")
        assert answer is not None
        if answer.status >= 400:
            says_nothing(seat.watch, answer)
    # The way back from a login is worth nothing a second time.
    before = page.context.cookies()
    for callback in sorted(seat.watch.callbacks):
        answer = page.goto(callback)
        assert answer is not None
        assert answer.status in {403, 410}
        says_nothing(seat.watch, answer)
    assert {cookie.get("name") for cookie in page.context.cookies()} <= {cookie.get("name") for cookie in before}
    page.goto(f"{demo.at.site}/")  # the code is not this page's address any more: what is kept, is judged there
    judge_the_logs(demo, seat)


def judge_the_logs(demo: Running, seat: Screen) -> None:
    """No log of the demo's programs holds a number, a name or anything that opens something."""
    secrets = CPRS | {f"{cpr[:6]}-{cpr[6:]}" for cpr in CPRS} | NAMES
    secrets |= seat.watch.tickets | seat.watch.codes
    secrets |= {value for cookie in seat.context.cookies() if len(value := str(cookie.get("value", ""))) >= 16}
    logs = [*demo.at.var.rglob("*.log"), cluster.describe(demo.at.var).root / "log"]
    assert len([log for log in logs if log.stat().st_size]) >= 3, "nothing is logged: the test proves nothing"
    for log in logs:
        found = [line for line in lines(log) if any(secret in line for secret in secrets) or "eyJ" in line]
        assert not found, f"{log.name}: {found[:3]}"


def lines(log: Path) -> list[str]:
    return log.read_text(errors="replace").splitlines()
