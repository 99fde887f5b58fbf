"""Two tabs in which nobody is signed in come back from the issuer at the same moment: both records stay open.

That they wait for each other however close they come is tried on a running demo, by browser/test_doors.py.
"""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from access.models import IssuedSession, PatientContext
from access.tests.cast import JENS, NANCY, arrived, citizen_claims, claims, issuers, own, signed_in, ticket
from access.tests.conftest import Rows
from access.tests.provider import provider
from sundhedsjournal.tests.pages import CheckingClient

pytestmark = pytest.mark.django_db


def twin(client: Client) -> Client:
    """What the browser sends with a request of this moment, whatever answers come later."""
    other = CheckingClient()
    for name, morsel in client.cookies.items():
        other.cookies[name] = morsel.value
    return other


def tabs(browser: Client, *numbers: str, who: Any = None) -> dict[str, str]:
    """Launches that wait in this browser, and where each comes back from the issuer: {launch: callback}."""
    paths = [arrived(browser, ticket("holm", cpr)) for cpr in numbers]
    return {path: provider().authorize(browser.get(path)["Location"], who or claims("holm")) for path in paths}


def keys(*clients: Client) -> set[str]:
    return {client.cookies["sj"].value for client in clients}


@pytest.fixture
def browser() -> Client:
    return CheckingClient()


def test_two_tabs_that_come_back_at_once_share_one_session_and_keep_both_records(browser: Client, events: Rows) -> None:
    backs = tabs(browser, NANCY, JENS)
    one, two = twin(browser), twin(browser)  # neither knows of the other's answer
    events()
    for tab, path in ((one, 0), (two, 1)):
        launch, back = list(backs.items())[path]
        assert tab.get(back)["Location"] == launch
    assert len(keys(one, two)) == 1
    assert Session.objects.count() == IssuedSession.objects.count() == 1
    assert events() == [("user.signed_in", 0, ""), ("user.signed_in", 0, "again")]
    pages = []
    for tab, launch in zip((one, two), backs, strict=True):
        answer = tab.get(launch, headers={"Sec-Fetch-Site": "same-origin"})
        pages.append(answer["Location"])
    for tab in (one, two):  # whichever of the answers the browser kept last
        assert [tab.get(page).status_code for page in pages] == [200, 200]
    assert PatientContext.objects.filter(closed_at=None).count() == 2
    one.post("/log-ud/")
    assert [two.get(page).status_code for page in pages] == [401, 401]


def test_citizens_too(browser: Client) -> None:
    _, citizens = issuers()
    left = [browser.post("/borger/log-ind/", {"issuer": citizens.pk})["Location"] for _ in range(2)]
    backs = [provider().authorize(url, citizen_claims("nancy")) for url in left]
    one, two = twin(browser), twin(browser)
    pages = {tab.get(back)["Location"] for tab, back in ((one, backs[0]), (two, backs[1]))}
    assert len(pages) == len(keys(one, two)) == 1
    assert {tab.get(page).status_code for tab in (one, two) for page in pages} == {200}


def test_the_same_user_who_goes_to_another_unit_in_two_tabs_at_once(browser: Client) -> None:
    signed_in(browser, "holm")
    other = {"org": {"sor": "999000000000111"}}
    paths = [arrived(browser, ticket("holm", cpr, **other)) for cpr in (NANCY, JENS)]
    who = claims("holm", organization=other["org"])
    backs = [provider().authorize(browser.get(path)["Location"], who) for path in paths]
    one, two = twin(browser), twin(browser)
    for tab, back in zip((one, two), backs, strict=True):
        assert tab.get(back).status_code == 302
    assert len(keys(one, two)) == Session.objects.count() == 1


def another_user(browser: Client) -> tuple[Client, str]:
    path = arrived(browser, ticket("kvist", JENS))
    back = provider().authorize(browser.get(path)["Location"], claims("kvist"))
    return twin(browser), back


def another_browser(browser: Client) -> tuple[Client, str]:
    other = CheckingClient()
    path = arrived(other, ticket("holm", JENS))
    return other, provider().authorize(other.get(path)["Location"], claims("holm"))


def a_guessed_cookie(browser: Client) -> tuple[Client, str]:
    """It knows the name of the other sign-in's cookie, and not its secret."""
    other, back = another_browser(browser)
    for name in browser.cookies:
        if name.startswith("sj_login_"):
            other.cookies[name] = "x" * 43
    return other, back


@pytest.mark.parametrize("who", [another_user, another_browser, a_guessed_cookie])
def test_nobody_else_comes_into_that_session(browser: Client, who: Any) -> None:
    (back,) = tabs(browser, NANCY).values()
    other, theirs = who(browser)
    one = twin(browser)
    assert one.get(back).status_code == 302
    assert other.get(theirs).status_code == 302
    assert len(keys(one, other)) == 2
    assert Session.objects.count() == 2


@pytest.mark.parametrize("how", ["later", "signed out meanwhile"])
def test_a_session_that_is_not_of_this_moment_is_not_joined(browser: Client, how: str) -> None:
    first, second = tabs(browser, NANCY, JENS).values()
    one, two = twin(browser), twin(browser)
    assert one.get(first).status_code == 302
    key = keys(one)
    if how == "later":
        with time_machine.travel(timezone.now() + timedelta(seconds=11)):
            assert two.get(second).status_code == 302
    else:
        one.post("/log-ud/")
        assert two.get(second).status_code == 302
    assert key.isdisjoint(keys(two))


def test_the_session_says_nothing_of_the_sign_in_that_opens_anything(browser: Client) -> None:
    """What it keeps is the hash of a state that has been used."""
    context = own(browser, "nancy")
    assert browser.session["login"] not in str(browser.cookies)
    assert browser.get(f"/borger/{context}/kommune/").status_code == 200
