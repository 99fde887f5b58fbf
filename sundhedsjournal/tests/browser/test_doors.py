"""Both doors, two patients at once, and everybody whom the identity providers know, in a real browser."""

import hashlib
import itertools
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from demo.clients import Clinician, Epj, Person
from demo.running import Running
from samples.personas import CITIZENS, PATIENTS, USERS
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import AUTHORIZE, LAUNCHED, context_of, is_seen, opened, picture, rows
from sundhedsjournal.tests.stack import ask

NEWEST = {"nancy": "20.11.2026 kl. 14.32", "jens": "12.03.2026 kl. 09.10"}
OLDER = {"nancy": "03.06.2026 kl. 09.10", "jens": "05.11.2024 kl. 07.48"}
SWITCHES = 10


def heading(page: Page, words: str) -> Locator:
    return page.get_by_role("heading", level=1, name=words, exact=True)


def seen(image: Locator) -> str:
    """What the picture shows, as a number of its pixels."""
    assert is_seen(image)
    drawn = image.evaluate(
        """(image) => {
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [160, 120];
          canvas.getContext("2d").drawImage(image, 0, 0, 160, 120);
          return canvas.toDataURL();
        }"""
    )
    return hashlib.sha256(drawn.encode()).hexdigest()


@pytest.mark.parametrize(("first", "second"), [("ticket", "ticket"), ("smart", "smart"), ("ticket", "smart")])
def test_two_patients_in_two_tabs_are_never_mixed_in_ten_switches(screen: NewScreen, first: str, second: str) -> None:
    """Every switch looks at the banner, at the picture, and at the address."""
    holm = screen()
    tabs = {"nancy": holm.open("nancy", door=first), "jens": holm.open("jens", door=second)}
    contexts = {name: context_of(tab) for name, tab in tabs.items()}
    assert len(set(contexts.values())) == 2
    pictures: dict[tuple[str, str], str] = {}
    names = itertools.cycle(tabs)
    for switch in range(SWITCHES):
        name = next(names)
        other = "jens" if name == "nancy" else "nancy"
        tab = tabs[name]
        tab.bring_to_front()
        when = (OLDER if switch % 4 > 1 else NEWEST)[name]
        rows(tab).nth(1 if when in OLDER.values() else 0).click()
        expect(tab.locator("#optagelse")).to_have_text(when)
        if switch % 3 == 2:
            tab.reload()
        banner = tab.get_by_role("region", name="Borger")
        expect(banner).to_contain_text(PATIENTS[name].name)
        expect(banner).not_to_contain_text(PATIENTS[other].family)
        assert context_of(tab) == contexts[name]
        assert opened(tab) == when
        for address in tab.locator("[src*='/side/']").evaluate_all("(all) => all.map((each) => each.src)"):
            assert f"/k/{contexts[name]}/" in address
        shown = pictures.setdefault((name, when), seen(picture(tab)))
        assert seen(picture(tab)) == shown
        assert PATIENTS[other].family not in tab.content()
    assert len(set(pictures.values())) == len(pictures) == 4, "two recordings look the same: the test proves nothing"


def test_the_desk_closes_what_it_opened_by_either_door(screen: NewScreen) -> None:
    holm = screen()
    holm.watch.expected |= {410}
    tabs = [holm.open("nancy", door="smart"), holm.open("jens", door="ticket")]
    desk = holm.desk()
    desk.get_by_role("button", name="Luk i Sundhedsjournalen").click()
    expect(desk.get_by_role("status")).to_have_text("2 journaler er lukket i Sundhedsjournalen.")
    for tab in tabs:
        tab.reload()
        expect(heading(tab, "Journalen er lukket")).to_be_visible()


def test_two_desks_that_were_open_before_anybody_signed_in_each_open_their_own_patient(screen: NewScreen) -> None:
    holm = screen()
    desks = {name: holm.desk() for name in ("nancy", "jens")}
    for name, page in desks.items():
        page.get_by_role("radio", name=re.compile(f"^{PATIENTS[name].name}")).check()
    for door, page in zip(("Åbn med SMART", "Åbn Sundhedsjournalen"), desks.values(), strict=True):
        page.get_by_role("button", name=door).click()
        page.wait_for_url(LAUNCHED)
        holm.arrive(page)
    for name, page in desks.items():
        page.reload()
        expect(page.get_by_role("region", name="Borger")).to_contain_text(PATIENTS[name].name)


def waiting(holm: Person, *numbers: str) -> dict[str, str]:
    """Launches whose user has just signed in, and where the browser is about to come back to: {launch: callback}."""
    site, epj, found = holm.at.site, Epj(holm.at), {}
    for cpr in numbers:
        sent = holm.http.post("/launch/ticket", data={"ticket": epj.ticket(holm.name, cpr)}, follow_redirects=False)
        launch = sent.headers["Location"]
        answer = holm.http.get(
            holm.http.get(launch, follow_redirects=False).headers["Location"], follow_redirects=False
        )
        if answer.status_code == 200:
            holm.http.follow_redirects = False
            answer = holm.send(answer, person=holm.name)
        assert answer.headers["Location"].startswith(f"{site}/login/callback?")
        found[launch] = answer.headers["Location"]
    return found


@pytest.mark.parametrize("round_", range(5))
def test_two_tabs_that_come_back_from_the_login_at_the_same_moment_both_open(demo: Running, round_: int) -> None:
    """Their requests leave before either answer is here, so each with the cookies of that moment."""
    with Person(demo.at, "holm") as holm:
        backs = waiting(holm, PATIENTS["nancy"].cpr, PATIENTS["jens"].cpr)
        held = "; ".join(
            f"{cookie.name}={cookie.value}" for cookie in holm.http.cookies.jar if cookie.name[:3] == "sj_"
        )
        together = threading.Barrier(len(backs))

        def comes_back(back: str) -> str:
            together.wait()
            answer = httpx.get(back, headers={"Cookie": held}, timeout=30)
            assert answer.status_code == 302, answer.text
            return answer.cookies["sj"]

        with ThreadPoolExecutor(len(backs)) as pool:
            keys = set(pool.map(comes_back, backs.values()))
        assert len(keys) == 1, "two sessions: one of the tabs would lose its record"
        inside = {"Cookie": f"{held}; sj={keys.pop()}", "Sec-Fetch-Site": "same-origin"}
        site = demo.at.site
        pages = [httpx.get(f"{site}{launch}", headers=inside).headers["Location"] for launch in backs]
        for page, name in zip(pages, ("Berggren", "Thorsen"), strict=True):
            assert name in httpx.get(f"{site}{page}", headers=inside).text


@pytest.mark.parametrize("door", ["ticket", "smart"])
@pytest.mark.parametrize("user", ["holm", "juhl", "krogh", "lund", "dahl", "bech"])
def test_who_opens_a_record_is_signed_in_with_name_title_and_place(
    screen: NewScreen, demo: Running, user: str, door: str
) -> None:
    page = screen().open("ingrid", user=user, door=door)
    who = USERS[user]
    expect(page.get_by_role("banner")).to_contain_text(who.display)
    expect(page.get_by_role("banner")).to_contain_text(who.organisation)
    if who.on_behalf_of:
        expect(page.get_by_role("banner")).to_contain_text(f"på vegne af {USERS[who.on_behalf_of].display}")
    found = "SELECT DISTINCT actor_issuer, actor_subject, actor_role FROM audit_event WHERE context = %s"
    assert ask(demo, found, context_of(page)) == [(f"{demo.at.epj}/o", user, who.role)]


def test_a_log_controller_signs_in_without_a_patient_and_opens_none(screen: NewScreen, demo: Running) -> None:
    page = screen().signed_in_staff("winther")
    expect(page.get_by_role("button", name="Log ud")).to_be_visible()
    found = "SELECT DISTINCT actor_role, outcome FROM audit_event WHERE actor_subject = 'winther' AND action = %s"
    assert ask(demo, found, "user.signed_in") == [("log-controller", 0)]
    opened = "SELECT count(*) FROM audit_event WHERE actor_subject = 'winther' AND context <> '' AND outcome = 0"
    assert ask(demo, opened) == [(0,)]
    page.goto(f"{demo.at.epj}/")
    expect(page.get_by_label("Bruger").get_by_role("option", name=re.compile("Winther"))).to_have_count(0)


@pytest.mark.parametrize("citizen", ["nancy", "maria", "lars", "hanne"])
def test_who_acts_for_oneself_or_for_another_signs_in_as_a_citizen(
    screen: NewScreen, demo: Running, citizen: str
) -> None:
    seated = screen()
    page = seated.context.new_page()
    page.goto(f"{demo.at.site}/borger/")
    page.get_by_role("button", name="Log ind med Borgerlogin").click()
    seated.be(CITIZENS[citizen].name, page)
    page.wait_for_url(f"{demo.at.site}/borger/**")
    expect(page.get_by_role("button", name="Log ud")).to_be_visible()
    expect(page.get_by_text(CITIZENS[citizen].name).first).to_be_visible()


def test_a_program_finds_its_way_by_both_doors(demo: Running) -> None:
    for door in ("ticket", "smart"):
        with Clinician(demo.at, "juhl", PATIENTS["nancy"].cpr, door) as juhl:
            assert "Læge Per Juhl" in juhl.get("ekg/").text
            first = juhl.context
            assert juhl.launch_by_smart() != first


def test_a_launch_that_is_kept_opens_nothing_later(screen: NewScreen, demo: Running) -> None:
    """What stands in the browser's history is worth nothing: the launch, the sign-in and its answer work once."""
    holm = screen()
    holm.watch.expected |= {403, 404, 410}
    page = holm.open("nancy", door="smart")
    passed = [request.url for request in holm.watch.requests if "/k/" not in request.url]
    kept = [url for url in passed if "/launch?" in url or "/login/callback" in url or AUTHORIZE.search(url)]
    assert len(kept) == 3
    page.get_by_role("button", name="Luk journalen").click()
    expect(heading(page, "Journalen er lukket")).to_be_visible()
    for address in kept:
        page.goto(address)
        assert "/k/" not in page.url
        assert "Berggren" not in page.content()
