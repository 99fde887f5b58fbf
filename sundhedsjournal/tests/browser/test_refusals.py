"""What is refused, in a real browser: one clear page each, with nothing about anybody on it, and a line in the audit.

The refusals that other modules meet on their way are tested there: the wrong user and strangers' addresses
(`test_strangers`), a launch that is kept (`test_doors`), a guardianship that ends (`test_relatives`), an override that
is not allowed (`test_override`), a citizen's access that expires (`test_citizen`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from demo.clients import Epj
from demo.running import Running
from samples.personas import CITIZENS, PATIENTS, USERS
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import AUTHORIZE, Screen, context_of
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_citizen import expire
from sundhedsjournal.tests.browser.test_narrow import fits
from sundhedsjournal.tests.browser.test_relatives import choose, signed_in
from sundhedsjournal.tests.stack import ask, connect, count

CARRY = """([to, ticket]) => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: to });
  form.append(Object.assign(document.createElement("input"), { name: "ticket", value: ticket }));
  document.body.append(form);
  form.submit();
}"""
TICKET = "**/launch/ticket"
STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"
SAID_ANEW = """
from importlib import import_module
from django.conf import settings
from django.contrib.sessions.models import Session
for row in Session.objects.all():
    said = import_module(settings.SESSION_ENGINE).SessionStore(row.session_key)
    if said.get("{key}"):
        said["{key}"] = {now}
        said.save()
"""
FIFTEEN = "1209109943"
"""Emil's number, had he been born seven years earlier."""


@dataclass(frozen=True)
class Told:
    """The page, and the code in the audit."""

    status: int
    heading: str
    sentence: str
    code: str


def refused(page: Page, told: Told) -> None:
    """The page says so, and only so, to everybody, at any width."""
    expect(page.get_by_role("heading", level=1, name=told.heading, exact=True)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(told.sentence)
    assert page.evaluate(STATUS) == told.status
    for patient in PATIENTS.values():
        assert patient.name not in page.content()
        assert patient.cpr_dashed not in page.content()
    assert page.locator("main img").count() == 0
    clean(page)
    page.set_viewport_size({"width": 320, "height": 640})
    fits(page)


def carry(seat: Screen, page: Page, kept: str, to: str | re.Pattern[str]) -> Page:
    """A ticket, brought over from the desk as the EPJ's page brings it."""
    seat.watch.tickets.add(kept)
    page.evaluate(CARRY, [f"{seat.demo.at.site}/launch/ticket", kept])
    page.wait_for_url(to)
    return page


def ticket(seat: Screen, sor: str = "") -> str:
    return Epj(seat.demo.at).ticket("holm", PATIENTS["nancy"].cpr, sor)


def from_a_system_that_nobody_knows(seat: Screen) -> Page:
    page = seat.context.new_page()
    page.goto(f"{seat.demo.at.site}/launch?iss=https://fremmed.invalid/fhir&launch=x")
    return page


def for_another_unit(seat: Screen) -> Page:
    page = carry(seat, seat.desk(), ticket(seat, USERS["juhl"].sor), AUTHORIZE)
    seat.be(USERS["holm"].display, page)
    page.wait_for_url("**/login/callback**")
    return page


def with_a_ticket_for_the_second_time(seat: Screen) -> Page:
    kept = ticket(seat)
    carry(seat, seat.desk(), kept, AUTHORIZE)
    return carry(seat, seat.desk(), kept, TICKET)


def with_a_ticket_that_is_too_old(seat: Screen) -> Page:
    kept = ticket(seat)
    with connect(seat.demo) as held:
        held.execute("UPDATE access_launch SET expires = now() WHERE redeemed_at IS NULL")
    return carry(seat, seat.desk(), kept, TICKET)


def after_the_page_that_asks_stood_too_long(seat: Screen) -> Page:
    page = seat.press("nancy", user="kvist")
    with connect(seat.demo) as held:
        launch = page.url.split("/launch/")[1].strip("/")
        held.execute("UPDATE access_launch SET expires = now() WHERE id = %s", [launch])
    with page.expect_navigation():
        page.get_by_role("button", name="Åbn", exact=True).click()
    return page


def once_the_epj_has_closed_it(seat: Screen) -> Page:
    page = seat.open("nancy")
    found = ask(seat.demo, "SELECT correlation_id FROM access_patientcontext WHERE id = %s", context_of(page))
    Epj(seat.demo.at).close(found[0][0])
    page.reload()
    return page


def after_half_an_hour_elsewhere(seat: Screen) -> Page:
    page = seat.open("nancy")
    expire(seat.demo, page)
    page.reload()
    return page


def of_a_part_that_the_role_does_not_have(seat: Screen) -> Page:
    page = seat.open("ingrid", user="dahl")
    page.goto(page.url.replace("/kommune/", "/ekg/"))
    return page


def of_an_assistant_on_nobody_s_behalf(seat: Screen) -> Page:
    page = seat.open("nancy", user="lund")
    said_anew(seat.demo, "on_behalf_of", "None")
    page.reload()
    return page


def of_a_child_who_has_turned_fifteen(seat: Screen) -> Page:
    page = choose(signed_in(seat, "Maria Vang Kjær"), "Emil Vang Kjær")
    with connect(seat.demo, "owner") as register:
        grown = "UPDATE patients_patient SET cpr = %s WHERE cpr = %s"
        register.execute(grown, [FIFTEEN, PATIENTS["emil"].cpr])
        try:
            page.reload()
        finally:
            register.execute(grown, [PATIENTS["emil"].cpr, FIFTEEN])
    return page


def by_a_fuldmagt_that_has_expired(seat: Screen) -> Page:
    page = choose(signed_in(seat, CITIZENS["lars"].name), "Ingrid Bach Østergaard")
    said_anew(seat.demo, "powers", '[each | {"expires": 0} for each in said["powers"]]')
    page.reload()
    return page


def said_anew(demo: Running, key: str, now: str) -> None:
    """As if the login had said something else."""
    done = demo.manage("shell", "-c", SAID_ANEW.format(key=key, now=now))
    assert done.returncode == 0, done.stderr


NOT_OPENED, NO_ACCESS, OVER = "Journalen blev ikke åbnet", "Du har ikke adgang", "Adgangen er ophørt"
NOT_YOURS = "Du har ikke adgang til denne borgers oplysninger."
ONCE = "Åbningen gælder kun én gang og kun i kort tid."
ANOTHER = "Journalen blev åbnet for en anden enhed end den, du er logget ind på."
WAYS: list[tuple[Callable[[Screen], Page], Told]] = [
    (from_a_system_that_nobody_knows, Told(403, NOT_OPENED, "er ikke tilsluttet Sundhedsjournal", "issuer-unknown")),
    (for_another_unit, Told(403, NOT_OPENED, ANOTHER, "organisation-mismatch")),
    (with_a_ticket_for_the_second_time, Told(410, NOT_OPENED, ONCE, "ticket-replayed")),
    (with_a_ticket_that_is_too_old, Told(410, NOT_OPENED, ONCE, "ticket-expired")),
    (after_the_page_that_asks_stood_too_long, Told(410, NOT_OPENED, "Der gik for lang tid", "launch-expired")),
    (once_the_epj_has_closed_it, Told(410, "Journalen er lukket", "igen fra Demo-EPJ", "context-closed")),
    (after_half_an_hour_elsewhere, Told(410, "Adgangen er udløbet", "igen fra Demo-EPJ", "context-expired")),
    (of_a_part_that_the_role_does_not_have, Told(403, NO_ACCESS, NOT_YOURS, "role")),
    (of_an_assistant_on_nobody_s_behalf, Told(403, NO_ACCESS, "på vegne af en ansvarlig", "responsible-missing")),
    (of_a_child_who_has_turned_fifteen, Told(410, OVER, "Barnet er fyldt 15 år", "child-decides")),
    (by_a_fuldmagt_that_has_expired, Told(410, OVER, "Fuldmagten gælder ikke længere.", "power-ended")),
]


@pytest.mark.parametrize(("way", "told"), WAYS, ids=[way.__name__ for way, _ in WAYS])
def test_nothing_is_shown(screen: NewScreen, demo: Running, way: Callable[[Screen], Page], told: Told) -> None:
    seat = screen()
    seat.watch.expected |= {told.status}
    before = refusals(demo, told.code)
    refused(way(seat), told)
    assert refusals(demo, told.code) == before + 1


def refusals(demo: Running, code: str) -> int:
    return count(demo, "SELECT count(*) FROM audit_event WHERE reason = %s AND outcome <> 0", code)


@pytest.fixture(scope="module")
def strict(demo: Running) -> Iterator[str]:
    """The same house where nobody answers what is blocked, and where no relation means no."""
    with demo.beside(CONSENT_SOURCE="http://127.0.0.1:9/", RELATION_E="deny") as site:
        yield site


def test_nothing_is_shown_while_nobody_knows_what_is_blocked(screen: NewScreen, demo: Running, strict: str) -> None:
    told = Told(503, "Journalen kan ikke vises", "om borgeren har spærret oplysninger", "consent-unknown")
    seat = screen()
    seat.watch.expected |= {told.status}
    page, before = seat.open("nancy"), refusals(demo, told.code)
    kept = page.url
    page.goto(kept.replace(demo.at.site, strict))
    refused(page, told)
    expect(page.get_by_role("link", name="Prøv igen")).to_be_visible()
    assert refusals(demo, told.code) == before + 1
    page.goto(kept)
    expect(page.get_by_role("region", name="Borger")).to_be_visible()


def test_nothing_is_opened_without_a_relation_where_the_house_says_so(
    screen: NewScreen, demo: Running, strict: str
) -> None:
    told = Told(403, NO_ACCESS, "Der er ikke fundet en behandlingsrelation", "relation-denied")
    seat = screen()
    seat.watch.expected |= {told.status}
    page, before = seat.press("nancy", user="kvist"), refusals(demo, told.code)
    page.goto(page.url.replace(demo.at.site, strict))
    refused(page, told)
    assert refusals(demo, told.code) == before + 1
