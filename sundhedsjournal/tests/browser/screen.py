"""Somebody at a screen: a browser of their own, an EPJ's button or a login, and the questions before a record."""

import re
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Locator, Page, expect

from demo.running import Running
from samples.personas import CITIZENS, PATIENTS, USERS
from sundhedsjournal.tests.browser.watching import Watch

BUTTONS = {"ticket": "Åbn Sundhedsjournalen", "smart": "Åbn med SMART"}
"""Of the EPJ's desk, by door."""
RECORD = re.compile(r"/k/([\w-]+)/(?:ekg/|kommune/)?$")
OWN = re.compile(r"/borger/[\w-]+/kommune/$")
AUTHORIZE = re.compile(r"/(?:o|borgerlogin)/authorize/")
LAUNCHED = re.compile(rf"/launch/[\w-]+/$|{RECORD.pattern}|{AUTHORIZE.pattern}")


@dataclass
class Screen:
    """One browser (its cookies, its tabs) in front of one person."""

    demo: Running
    context: BrowserContext
    watch: Watch
    has_scripts: bool = True

    def desk(self, user: str = "holm", page: Page | None = None) -> Page:
        """The EPJ, with this user at it."""
        page = page or self.context.new_page()
        page.goto(f"{self.demo.at.epj}/")
        page.get_by_label("Bruger").select_option(user)
        return page

    def open(self, patient: str, user: str = "holm", page: Page | None = None, door: str = "ticket") -> Page:
        """From the EPJ's list to the open record."""
        return self.arrive(self.press(patient, user, page, door), user)

    def open_cpr(self, cpr: str, user: str = "holm", page: Page | None = None, door: str = "ticket") -> Page:
        """The same for somebody who is on no list."""
        self.watch.cprs.add(cpr)
        page = self.desk(user, page)
        page.get_by_label("CPR-nummer").fill(cpr)
        self._launch(page, door)
        return self.arrive(page, user)

    def signed_in_staff(self, user: str, page: Page | None = None) -> Page:
        """At our front page, without a patient."""
        page = page or self.context.new_page()
        page.goto(f"{self.demo.at.site}/log-ind/")
        page.get_by_role("button", name="Log ind med Demo-EPJ").click()
        self.be(USERS[user].display, page)
        page.wait_for_url(f"{self.demo.at.site}/")
        return page

    def open_own(self, citizen: str, page: Page | None = None) -> Page:
        """As the citizen: from the citizens' page, by the citizens' login, to what is one's own."""
        page = page or self.context.new_page()
        page.goto(f"{self.demo.at.site}/borger/")
        page.get_by_role("button", name=re.compile("^Log ind")).click()
        self.be(CITIZENS[citizen].name, page)
        page.wait_for_url(OWN)
        return page

    def be(self, name: str, page: Page) -> None:
        """Say who one is, at the identity provider."""
        page.wait_for_url(AUTHORIZE)
        page.get_by_role("button", name=f"Log ind som {name}", exact=True).click()

    def press(self, patient: str, user: str = "holm", page: Page | None = None, door: str = "ticket") -> Page:
        """Choose a patient and press a button of the desk: what comes next is for the caller to see."""
        page = self.choose(patient, user, page)
        self._launch(page, door)
        return page

    def choose(self, patient: str, user: str = "holm", page: Page | None = None) -> Page:
        """The EPJ, with this user at it and this patient chosen."""
        page = self.desk(user, page)
        page.get_by_role("radio", name=re.compile(f"^{re.escape(PATIENTS[patient].name)}")).check()
        return page

    def straight_to(self, button: str, patient: str, user: str = "holm") -> Page:
        """From the EPJ's button for one page of the record to where the launch ends."""
        page = self.choose(patient, user)
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_url(LAUNCHED)
        return self.arrive(page, user)

    def _launch(self, page: Page, door: str) -> None:
        page.get_by_role("button", name=BUTTONS[door]).click()
        if not self.has_scripts and door == "ticket":
            page.get_by_role("button", name="Fortsæt").click()
        page.wait_for_url(LAUNCHED)

    def arrive(self, page: Page, user: str = "holm") -> Page:
        """Say who one is, and that it is the right patient, where that is asked."""
        while not RECORD.search(page.url):
            with page.expect_navigation():
                if AUTHORIZE.search(page.url):
                    self.be(USERS[user].display, page)
                else:
                    expect(page.get_by_role("heading", level=1)).to_have_text("Bekræft opslag")
                    page.get_by_role("button", name="Åbn", exact=True).click()
        return page


def context_of(page: Page) -> str:
    """The context in the address of an open record."""
    return re.split("/(?:k|borger)/", page.url)[1].split("/")[0]


def rows(page: Page) -> Locator:
    """The list, from the newest on."""
    return page.locator(".rows li > a")


def opened(page: Page) -> str:
    """When the recording was made that the reading pane shows."""
    return page.locator("#optagelse").inner_text()


def picture(page: Page) -> Locator:
    """The first page of paper."""
    return page.locator(".sheet img").first


def is_seen(image: Locator) -> bool:
    """Whether the image has come and has been decoded: a broken one has no width."""
    return bool(image.evaluate("(image) => image.decode().then(() => image.naturalWidth > 0, () => false)"))
