"""A form of our own passes although no page says where it came from; a form of another site does not."""

from unittest.mock import patch

import pytest
from django.test import Client, override_settings

from access.contexts import new_id
from access.models import PatientContext
from access.tests.cast import NANCY, launched
from audit.models import AuditEvent
from audit.record import NotRecorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def post(browser: Client, **headers: str) -> int:
    page = browser.get("/log-ind/")
    token = page.context["csrf_token"]
    return browser.post("/log-ud/", {"csrfmiddlewaretoken": str(token)}, headers=headers).status_code


def test_an_opaque_origin_that_the_browser_vouches_for_passes(browser: Client) -> None:
    assert post(browser, **{"Origin": "null", "Sec-Fetch-Site": "same-origin"}) == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_an_opaque_origin_from_elsewhere_does_not(browser: Client, site: str) -> None:
    assert post(browser, **{"Origin": "null", "Sec-Fetch-Site": site}) == 403


def test_a_foreign_origin_never_passes(browser: Client) -> None:
    assert post(browser, **{"Origin": "http://localhost:8001", "Sec-Fetch-Site": "same-origin"}) == 403


def test_the_token_is_still_needed(browser: Client) -> None:
    browser.get("/log-ind/")
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert browser.post("/log-ud/", {}, headers=headers).status_code == 403


@override_settings(ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False)
def test_over_https_a_form_without_origin_and_referer_needs_the_browsers_word(browser: Client) -> None:
    token = str(browser.get("/log-ind/", secure=True).context["csrf_token"])
    data = {"csrfmiddlewaretoken": token}
    assert browser.post("/log-ud/", data, secure=True).status_code == 403
    assert browser.post("/log-ud/", data, secure=True, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


# ── a form that another site sends is an attempt to get by, and has its line ────────────────────────────────────────
def forged(browser: Client) -> tuple[Client, str]:
    """Nancy's record open in Anna Holm's browser, whose cookies come along with a form that is none of ours."""
    browser.handler.enforce_csrf_checks = False
    context = launched(browser, "holm", NANCY)
    browser.handler.enforce_csrf_checks = True
    return browser, context


@pytest.mark.parametrize("rest", ["cpr", "luk", "vaerdispring/", "ekg/"])
@pytest.mark.parametrize("whose", ["own", "nobody's"])
def test_a_forged_form_below_a_record_changes_nothing_and_is_recorded(browser: Client, rest: str, whose: str) -> None:
    browser, context = forged(browser)
    asked = context if whose == "own" else new_id()
    answer = browser.post(f"/k/{asked}/{rest}", {"reason": "x" * 20})
    assert answer.status_code == 403
    assert "251248" not in answer.content.decode()
    line = AuditEvent.objects.get(pk=answer["X-Audit-Id"])
    assert (line.action, line.outcome, line.reason, line.context) == ("access.refused", 4, "csrf", asked)
    assert (line.actor_kind, line.actor_subject, line.request_id) == ("user", "holm", answer["X-Request-Id"])
    assert PatientContext.objects.get().closed_at is None


def test_a_forged_form_of_nobody_is_recorded_too_and_without_a_line_there_is_no_answer(browser: Client) -> None:
    answer = browser.post("/log-ind/", {"username": NANCY})
    line = AuditEvent.objects.get(pk=answer["X-Audit-Id"])
    assert (answer.status_code, line.actor_kind, line.reason) == (403, "anonymous", "csrf")
    assert NANCY not in str(line.event)
    with patch("sundhedsjournal.errors.record", side_effect=NotRecorded("down")):
        answer = browser.post("/log-ind/", {"username": NANCY})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
