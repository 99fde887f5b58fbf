"""Every address below a context, made from the URL map: what strangers meet there, and what is left in the audit.

A route that is put up tomorrow is tested here tomorrow; one with an argument of a new name fails until it has a value.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from access.contexts import new_id
from access.doors import Door
from access.tests.cast import NANCY, launched, own
from audit.models import AuditEvent
from ekg.tests import making
from sundhedsjournal.tests.pages import CheckingClient
from sundhedsjournal.tests.test_house import told

pytestmark = pytest.mark.django_db

NOTE = "Elektroderne V1 og V2 er byttet om"
SECRETS = ("Berggren", "251248", NOTE, "Lægehuset Nord", "<img")
ROUTES = sorted(route for route, _, given in told(get_resolver()) if "<str:context>" in route)
STAFF = [route for route in ROUTES if route.startswith(f"{Door.STAFF}/")]
HTMX = {"HX-Request": "true"}
Opened = Callable[[Client], str]


@pytest.fixture
def recording() -> UUID:
    """A recording with a comment: what nobody else may learn of."""
    return making.one(making.document("one", making.recording(note=NOTE))).pk


def address(route: str, context: str, recording: UUID) -> str:
    """The route with something in each of its places that is really there."""
    values = {
        "str:context": context, "uuid:recording_id": recording, "int:number": 1, "int:version": 0,
    }  # fmt: skip
    for name, value in values.items():
        route = route.replace(f"<{name}>", str(value))
    assert "<" not in route, f"give {route} a value in this test"
    return f"/{route}"


def opener(route: str) -> Opened:
    """Who opens a record behind the door of this route."""
    if route.startswith(f"{Door.STAFF}/"):
        return lambda browser: launched(browser, "holm", NANCY)
    return lambda browser: own(browser, "nancy")


def other(route: str) -> Opened:
    """Somebody else behind the same door."""
    if route.startswith(f"{Door.STAFF}/"):
        return lambda browser: launched(browser, "kvist", NANCY)
    return lambda browser: own(browser, "jens")


def refused(answer: Any) -> tuple[int, str]:
    """The outcome and reason of the one line that this answer left; that it holds nothing of the patient."""
    text = answer.content.decode()
    assert not [word for word in SECRETS if word in text]
    line = AuditEvent.objects.get(pk=answer["X-Audit-Id"])
    assert line.action == "access.refused"
    return line.outcome, line.reason


@pytest.mark.parametrize("route", ROUTES)
def test_the_address_of_somebody_else_s_record_is_that_of_none(route: str, recording: UUID) -> None:
    browser, elsewhere, colleague = CheckingClient(), CheckingClient(), CheckingClient()
    context = opener(route)(browser)
    opener(route)(elsewhere)
    other(route)(colleague)
    answers = {
        "context-unknown": browser.get(address(route, new_id(), recording)),
        "context-of-another-session": elsewhere.get(address(route, context, recording)),
        "context-of-another-user": colleague.get(address(route, context, recording)),
    }
    for reason, answer in answers.items():
        assert answer.status_code == 404
        assert refused(answer) == (4, reason)
        assert answer["Cache-Control"] == "no-store"
    nothing = f"/k/{new_id()}/ekg/{uuid4()}/"
    page, part = browser.get(nothing), browser.get(nothing, headers=HTMX)
    said = {answer.content for answer in answers.values()}
    assert said in ({page.content}, {part.content}), "one page, or one fragment, byte for byte"


@pytest.mark.parametrize("route", ROUTES)
def test_one_s_own_record_is_over_when_it_was_closed_and_when_its_time_is_up(
    route: str, recording: UUID, settings: Any
) -> None:
    browser = CheckingClient()
    closed = opener(route)(browser)
    assert browser.post(f"/{route.split('/')[0]}/{closed}/luk").status_code == 200
    answer = browser.get(address(route, closed, recording))
    assert answer.status_code == 410
    assert refused(answer) == (4, "context-closed")

    settings.CONTEXT_IDLE = 120
    expired = opener(route)(browser)
    with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False):
        answer = browser.get(address(route, expired, recording))
    assert answer.status_code == 410
    assert refused(answer) == (4, "context-expired")
    assert "Din adgang er udløbet." in answer.content.decode()


@pytest.mark.parametrize("route", ROUTES)
def test_who_is_not_signed_in_meets_the_sign_in_page_and_a_fragment_leads_there(route: str, recording: UUID) -> None:
    context, nobody = opener(route)(CheckingClient()), CheckingClient()
    for headers in ({}, HTMX):
        answer = nobody.get(address(route, context, recording), headers=headers)
        assert answer.status_code == 401
        assert refused(answer) == (4, "signed-out")
        assert answer["Cache-Control"] == "no-store"
