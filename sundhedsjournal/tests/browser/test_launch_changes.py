"""What changes while a launch is under way, in a real browser: who vouches for it, who answers, what else is open."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from demo.clients import Epj, Person
from demo.running import Running
from samples.personas import PATIENTS, USERS
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import AUTHORIZE, RECORD, Screen, context_of, picture, rows
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_refusals import CARRY, NOT_OPENED, Told, carry, refusals, refused, ticket
from sundhedsjournal.tests.stack import ask, connect

NOT_SIGNED_IN = "Du blev ikke logget ind"
STRANGER, LOGIN_OFF = "Det system, du kom fra, er ikke tilsluttet", "Dit login er ikke tilsluttet"
ISSUER = "UPDATE access_issuer SET active = %s WHERE issuer LIKE '%%/o'"
CLIENT = "UPDATE access_launchclient SET active = %s WHERE client_id = 'demo-epj'"


def brought(seat: Screen, site: str, patient: str, user: str) -> Page:
    """A launch at another server of the house, as a page of the EPJ brings its ticket there."""
    kept = Epj(seat.demo.at).ticket(user, PATIENTS[patient].cpr, name=PATIENTS[patient].name)
    seat.watch.tickets.add(kept)
    page = seat.context.new_page()
    with page.expect_navigation(url=f"{site}/**"):
        page.evaluate(CARRY, [f"{site}/launch/ticket", kept])
    return page


def contexts_of(demo: Running, user: str) -> int:
    return int(ask(demo, "SELECT count(*) FROM access_patientcontext c JOIN access_user u ON u.id = c.user_id"
                         " WHERE u.username = %s", user)[0][0])  # fmt: skip


# ── the service of treatment relations does not answer ──────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def silent(demo: Running) -> Iterator[str]:
    """The same house where the national service is asked, and nobody is there."""
    nobody = "http://127.0.0.1:9/brs-nsp/service/brs"
    with demo.beside(RELATION_SOURCE="brs", RELATION_BRS_URL=nobody, RELATION_BRS_CVR="12345678") as site:
        yield site


def test_a_clinician_from_the_epj_goes_on_while_nobody_answers_about_the_relation(
    screen: NewScreen, demo: Running, silent: str
) -> None:
    seat = screen(reduced_motion="reduce")
    seat.signed_in_staff("juhl")
    page = brought(seat, silent, "nancy", "juhl")
    expect(page).to_have_url(RECORD)
    expect(page.get_by_role("region", name="Borger")).to_contain_text(PATIENTS["nancy"].name)
    rows(page).nth(1).click()
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")
    clean(page)
    context = context_of(page)
    page.get_by_role("button", name="Luk journalen").click()
    expect(page.get_by_role("heading", name="Journalen er lukket")).to_be_visible()

    found = "SELECT action, event FROM audit_event WHERE context = %s AND action <> 'case.opened' ORDER BY recorded"
    told = dict(ask(demo, found, context))
    assert {"launch.opened", "ekg_folder.viewed", "context.closed"} <= told.keys()
    for action, event in told.items():
        assert '"unverified"' in json.dumps(event), action
    cases = "SELECT kind, state, level FROM access_case WHERE context = %s"
    assert ask(demo, cases, context) == [("relation-unverified", "open", "unverified")]


def test_the_log_controller_finds_what_was_opened_while_nobody_answered(
    screen: NewScreen, demo: Running, silent: str
) -> None:
    seat = screen()
    seat.signed_in_staff("juhl")
    page = brought(seat, silent, "jens", "juhl")
    expect(page).to_have_url(RECORD)
    winther = screen(reduced_motion="reduce").signed_in_staff("winther")
    winther.get_by_role("link", name="Administration").click()
    winther.get_by_role("link", name="Sager").click()
    row = winther.get_by_role("row").filter(has_text="Behandlingsrelation ikke kontrolleret").first
    expect(row).to_contain_text("Læge Per Juhl")
    assert PATIENTS["jens"].family not in winther.content()
    clean(winther)


def test_an_assistant_opens_nothing_while_nobody_answers_about_the_relation(
    screen: NewScreen, demo: Running, silent: str
) -> None:
    told = Told(503, "Journalen kan ikke åbnes lige nu", "kan ikke kontrolleres lige nu", "relation-unavailable")
    seat = screen()
    seat.watch.expected |= {told.status}
    seat.signed_in_staff("lund")
    before = refusals(demo, told.code), contexts_of(demo, "lund")
    refused(brought(seat, silent, "nancy", "lund"), told)
    assert (refusals(demo, told.code), contexts_of(demo, "lund")) == (before[0] + 1, before[1])


# ── the issuer or the system is switched off between the ticket and the sign-in ─────────────────────────────────────
def signs_in(seat: Screen, page: Page) -> Page:
    """What was begun goes on: the person is at the login already."""
    seat.be(USERS["holm"].display, page)
    page.wait_for_url(f"{seat.demo.at.site}/**")
    return page


def arrives(seat: Screen, page: Page) -> Page:
    """Nobody has left for the login yet: the launch waits in the browser."""
    page.reload()
    return page


def at_the_login(seat: Screen, door: str) -> Page:
    """The browser has been sent there, and waits for the person."""
    if door == "ticket":
        return carry(seat, seat.desk(), ticket(seat), AUTHORIZE)
    page = seat.context.new_page()
    page.goto(launch(seat.demo))
    expect(page).to_have_url(AUTHORIZE)
    return page


def launch(demo: Running) -> str:
    """The way over that the SMART button of the EPJ leads, pressed at another machine: the login here is to come."""
    with Person(demo.at, "holm") as holm:
        desk = holm.http.get(f"{demo.at.epj}/")
        holm.http.follow_redirects = False
        pressed = holm.send(desk, user="holm", cpr=PATIENTS["nancy"].cpr, door="smart")
    return str(pressed.headers["Location"])


def before_the_login(seat: Screen, door: str) -> Page:
    """The ticket is spent, and a page asks before anything opens."""
    seat.signed_in_staff("kvist")
    page = seat.press("nancy", user="kvist", door=door)
    expect(page.get_by_role("heading", name="Bekræft opslag")).to_be_visible()
    return page


Step = Callable[[Screen, str], Page]
SWITCHED: dict[str, tuple[str, str, Step, Callable[[Screen, Page], Page], Told]] = {
    "issuer, by ticket": (
        ISSUER, "ticket", at_the_login, signs_in, Told(403, NOT_SIGNED_IN, LOGIN_OFF, "issuer-inactive"),
    ),
    "issuer, by SMART": (
        ISSUER, "smart", at_the_login, signs_in, Told(403, NOT_SIGNED_IN, LOGIN_OFF, "issuer-inactive"),
    ),
    "issuer, before the click": (
        ISSUER, "ticket", before_the_login, arrives, Told(403, NOT_OPENED, LOGIN_OFF, "issuer-unknown"),
    ),
    "system, by ticket": (
        CLIENT, "ticket", at_the_login, signs_in, Told(403, NOT_OPENED, STRANGER, "client-inactive"),
    ),
    "system, by SMART": (
        CLIENT, "smart", at_the_login, signs_in, Told(403, NOT_SIGNED_IN, STRANGER, "client-inactive"),
    ),
    "system, before the click": (
        CLIENT, "ticket", before_the_login, arrives, Told(403, NOT_OPENED, STRANGER, "client-inactive"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", SWITCHED)
def test_what_is_switched_off_while_a_launch_is_under_way_opens_nothing(
    screen: NewScreen, demo: Running, which: str
) -> None:
    switch, door, step, on, told = SWITCHED[which]
    seat = screen()
    seat.watch.expected |= {told.status}
    page = step(seat, door)
    user = "kvist" if step is before_the_login else "holm"
    before = refusals(demo, told.code), contexts_of(demo, user)
    with connect(demo, "owner") as house:
        assert house.execute(switch, [False]).rowcount == 1
        try:
            refused(on(seat, page), told)
        finally:
            house.execute(switch, [True])
    expect(page.get_by_role("main")).to_contain_text("Kontakt din systemansvarlige.")
    assert (refusals(demo, told.code), contexts_of(demo, user)) == (before[0] + 1, before[1])


# ── one patient at a time ───────────────────────────────────────────────────────────────────────────────────────────
SUPERSEDED = Told(409, "En anden journal er åben", "og er derfor lukket", "context-superseded")


@pytest.fixture(scope="module")
def single(demo: Running) -> Iterator[str]:
    with demo.beside(CONTEXT_POLICY="single") as site:
        yield site


def two(seat: Screen, site: str) -> tuple[Page, Page]:
    """The tab of the first launch, and that of the second."""
    seat.watch.expected |= {SUPERSEDED.status}
    seat.signed_in_staff("holm")
    old = seat.arrive(brought(seat, site, "nancy", "holm"))
    expect(picture(old)).to_be_visible()
    return old, seat.arrive(brought(seat, site, "jens", "holm"))


def test_where_one_patient_is_open_at_a_time_a_second_launch_closes_the_first(
    screen: NewScreen, demo: Running, single: str
) -> None:
    seat = screen()
    old, new = two(seat, single)
    expect(new.get_by_role("region", name="Borger")).to_contain_text(PATIENTS["jens"].name)
    context, image = context_of(old), picture(old).evaluate("(image) => image.src")
    closed = "SELECT closed_reason FROM access_patientcontext WHERE id = %s"
    assert ask(demo, closed, context) == [("superseded",)]
    old.reload()
    refused(old, SUPERSEDED)
    for address in (image, old.url.replace("/ekg/", "/kommune/")):
        answer = old.goto(address)
        assert answer is not None
        assert answer.status == SUPERSEDED.status
        assert PATIENTS["nancy"].family not in old.content()
    reasons = "SELECT reason FROM audit_event WHERE context = %s AND action = 'access.refused'"
    assert ask(demo, reasons, context) == [(SUPERSEDED.code,)] * 3
    new.reload()
    expect(rows(new).first).to_be_visible()


@pytest.mark.parametrize("how", ["a press", "nothing"])
def test_the_tab_that_was_closed_so_is_emptied_by_its_next_question(screen: NewScreen, single: str, how: str) -> None:
    seat = screen()
    seat.context.clock.install()
    old, _new = two(seat, single)
    old.bring_to_front()
    if how == "a press":
        rows(old).nth(1).click()
    else:
        old.clock.fast_forward(31_000)
    expect(old.get_by_role("main")).to_contain_text(SUPERSEDED.sentence)
    expect(old.locator("main img")).to_have_count(0)
    for said in (PATIENTS["nancy"].family, PATIENTS["nancy"].cpr_dashed):
        assert said not in old.content()
    clean(old)
