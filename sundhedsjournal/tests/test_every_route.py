"""Every address of the site, made from the URL map: what strangers meet there, and what is left in the audit.

A route that is put up tomorrow is tested here tomorrow; one with an argument of a new name fails until it has a value.
What each audience meets at each route below a context is walked by access/tests/test_matrix.py.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from access.contexts import new_id
from access.doors import Door
from access.tests.cast import NANCY, came_back, claims, issuers, launched, own
from access.tests.provider import provider
from audit.models import AuditEvent
from ekg.tests import making
from sundhedsjournal.tests import addresses
from sundhedsjournal.tests.pages import CheckingClient, check_page, words

pytestmark = pytest.mark.django_db

NOTE = "Elektroderne V1 og V2 er byttet om"
SECRETS = ("Berggren", "251248", NOTE, "Lægehuset Nord", "<img")
ROUTES = sorted(route for route in addresses.ROUTES if addresses.RECORD in route)
ELSEWHERE = [route for route in addresses.ROUTES if addresses.RECORD not in route]
HTMX = {"HX-Request": "true"}
Opened = Callable[[Client], str]


@pytest.fixture
def recording() -> UUID:
    """A recording with a comment: what nobody else may learn of."""
    return making.one(making.document("one", making.recording(note=NOTE))).pk


def address(route: str, context: str, recording: UUID) -> str:
    """The route with something in each of its places that is really there."""
    return addresses.address(route, context=context, recording_id=recording)


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


# ── nobody is signed in ─────────────────────────────────────────────────────────────────────────────────────────────
SIGN_IN = {
    "k": ("/log-ind/", "Log ind med Regionens login", "Åbn journalen igen fra dit journalsystem."),
    "borger": ("/borger/log-ind/", "Log ind med MitID", "Log ind igen for at se dine data."),
}
EXPIRED = {"k": "/adgang-udloebet/", "borger": "/borger/adgang-udloebet/"}
CHECKS = ("nyt/<int:version>/", "klar/", "tid/")
"""Asked by pages in the background: always as fragments."""


def is_sign_in_page(answer: Any, door: str) -> bool:
    """The page that says what is over, and offers the door's ways to sign in; it leads nowhere by itself."""
    to, button, advice = SIGN_IN[door]
    root = check_page(answer)
    (form,) = [form for form in root.iter("form") if form.get("action") == to]
    assert form.get("method") == "post"
    assert [words(each) for each in form.iter("button")] == [button]
    assert {field.get("name") for field in form.iter("input")} == {"csrfmiddlewaretoken"}, "no way back to anything"
    assert "Din adgang er udløbet." in words(root)
    assert advice in words(root)
    assert provider().url in answer["Content-Security-Policy"], "the form may lead to the issuer"
    return True


@pytest.mark.parametrize("route", ROUTES)
def test_who_is_not_signed_in_meets_the_sign_in_page_and_a_fragment_leads_there(route: str, recording: UUID) -> None:
    door = route.split("/")[0]
    context, nobody = opener(route)(CheckingClient()), CheckingClient()
    issuers()
    for ask, headers in ((nobody.get, {}), (nobody.post, {}), (nobody.get, HTMX), (nobody.post, HTMX)):
        answer = ask(address(route, context, recording), headers=headers)
        assert answer.status_code == 401
        assert refused(answer) == (4, "signed-out")
        assert answer["Cache-Control"] == "no-store"
        assert context not in answer.content.decode()
        if (headers and not route.endswith(("<int:dpi>", ".pdf"))) or route.endswith(CHECKS):
            assert answer["HX-Redirect"] == EXPIRED[door]
            assert "<html" not in answer.content.decode()
        else:
            assert is_sign_in_page(answer, door)


@pytest.mark.parametrize("door", SIGN_IN)
def test_where_a_fragment_leads_is_the_same_page(door: str) -> None:
    issuers()
    answer = CheckingClient().get(EXPIRED[door])
    assert answer.status_code == 200
    assert is_sign_in_page(answer, door)


def test_signing_in_there_leads_to_no_record(recording: UUID) -> None:
    context, nobody = launched(CheckingClient(), "holm", NANCY), CheckingClient()
    staff, _ = issuers()
    nobody.get(f"/k/{context}/ekg/")
    answer = came_back(nobody, nobody.post("/log-ind/", {"issuer": staff.pk}), claims("holm"))
    assert answer["Location"] == "/"
    assert nobody.get(f"/k/{context}/ekg/").status_code == 404


# ── what is not below a context ─────────────────────────────────────────────────────────────────────────────────────
CPR = "251248-9996"
ASKED: dict[str, tuple[str, str]] = {
    "": ("200", "405"),
    "log-ind/": ("200", "403 user.sign_in_failed"),
    "log-ind/igen/": ("401 user.sign_in_failed", "401 user.sign_in_failed"),
    "log-ud/": ("405", "200"),
    "login/callback": ("403 user.sign_in_failed", "405"),
    "login/jwks.json": ("200", "405"),
    "login/backchannel-logout": ("405", "400 user.sign_in_failed"),
    "adgang-udloebet/": ("200", "405"),
    "til-stede/": ("405", "401"),
    "indstillinger/": ("302", "302"),
    "indstillinger/skaerm/": ("405", "401"),
    "admin/login/": ("200", "403 user.sign_in_failed"),
    "admin/logout/": ("405", "200"),
    "api/launch-tickets": ("405", "401 launch_ticket.refused"),
    "api/contexts/<str:session_ref>/close": ("405", "401 launch_ticket.refused"),
    "launch": ("403 launch.refused", "405"),
    "launch/ticket": ("405", "403 launch.refused"),
    "launch/<str:launch_id>/": ("404 launch.refused", "405"),
    "launch/<str:launch_id>/aabn/": ("405", "404 launch.refused"),
    "launch/<str:launch_id>/skift/": ("405", "404 launch.refused"),
    "mine-opslag/": ("401 access.refused", "405"),
    "opslag/": ("401 access.refused", "401 access.refused"),
    "borger/": ("200", "200"),
    "borger/log-ind/": ("405", "403 user.sign_in_failed"),
    "borger/logget-ud/": ("200", "405"),
    "borger/adgang-udloebet/": ("200", "405"),
    "favicon.ico": ("302", "405"),
    "metrics": ("404", "404"),
    "fhir": ("401 sender.refused", "401 sender.refused"),
    "fhir/": ("401 sender.refused", "401 sender.refused"),
    "fhir/Bundle": ("401 sender.refused", "401 sender.refused"),
    "fhir/Bundle/<str:address>": ("401 sender.refused", "401 sender.refused"),
    "fhir/AuditEvent": ("401 sender.refused", "401 sender.refused"),
    "fhir/AuditEvent/_search": ("401 sender.refused", "401 sender.refused"),
    "fhir/AuditEvent/<str:event_id>": ("401 sender.refused", "401 sender.refused"),
    "fhir/metadata": ("200", "405"),
    "fhir/<path:elsewhere>": ("404", "404"),
}
"""What nobody in particular gets there by GET and by POST, whatever is asked, and the line that it leaves."""
GARBAGE = {
    "nothing": {},
    "a number": dict.fromkeys(
        ("next", "ticket", "issuer", "state", "code", "cpr", "person", "iss", "launch", "logout_token", "username"), CPR
    ),
    "signs": dict.fromkeys(("next", "ticket", "issuer", "state", "person", "iss", "launch", "username"), "\0\u2028æ"),
    "far too much": dict.fromkeys(("next", "ticket", "state", "iss", "launch", "logout_token", "username"), "x" * 2000),
}
PLACES = ("", "0" * 22, CPR, "x" * 300, "%00", "æ")


def lines(since: Any) -> list[str]:
    return list(AuditEvent.objects.filter(recorded__gte=since).order_by("recorded").values_list("action", flat=True))


def test_every_address_that_is_no_record_s_is_asked_here() -> None:
    assert {route for route in ELSEWHERE if not route.startswith("admin/") or route in ASKED} == set(ASKED)


@pytest.mark.parametrize("how", GARBAGE)
@pytest.mark.parametrize("route", ASKED)
def test_nobody_gets_anything_there_and_what_is_refused_is_recorded(
    route: str, how: str, recording: UUID, settings: Any
) -> None:
    settings.MANUAL_LOOKUP = True
    issuers()
    nobody = CheckingClient()
    for method, expected in zip(("get", "post"), ASKED[route], strict=True):
        status, _, line = expected.partition(" ")
        for place in PLACES if "<str" in route else ("",):
            since = timezone.now()
            answer: Any = getattr(nobody, method)(
                addresses.address(route, launch_id=place, session_ref=place, address=place, event_id=place),
                GARBAGE[how],
            )
            assert answer.status_code == int(status), (method, place)
            assert lines(since) == ([line] if line else []), (method, place)
            said = answer.content.decode() + answer.get("Location", "")
            assert not [word for word in SECRETS if word in said], (method, place)
            assert "Traceback" not in said


@pytest.mark.parametrize("route", [route for route in ELSEWHERE if route.startswith("admin/") and route not in ASKED])
def test_the_administration_opens_to_nobody_and_repeats_no_search(route: str, recording: UUID) -> None:
    path = addresses.address(route)
    since = timezone.now()
    for method in ("get", "post"):
        answer: Any = getattr(Client(), method)(f"{path}?q={CPR}")
        assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={path}")
    assert lines(since) == []
    holm = Client()
    launched(holm, "holm", NANCY)
    since = timezone.now()
    assert holm.get(f"{path}?q={CPR}")["Location"] == f"/admin/login/?next={path}"
    assert lines(since) == ["access.refused"], "somebody who is known knocks where he has no business"
