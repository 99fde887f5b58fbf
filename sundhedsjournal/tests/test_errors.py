"""What is said when something went wrong: calm, in Danish, without data, and as a fragment where htmx asks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver

from audit.models import AuditEvent
from sundhedsjournal import errors
from sundhedsjournal.tests.pages import check_page, words


def failed(with_: Exception, path: str = "/", **headers: str) -> HttpResponse:
    """The answer of the handler of faults, called as Django does: while the fault is being handled."""
    try:
        raise with_
    except Exception:
        return errors.server_error(RequestFactory().get(path, headers=headers))


@pytest.mark.parametrize(
    ("code", "status"),
    [(400, 400), (403, 403), (404, 404)],
)
def test_the_house_has_its_own_page_for_each_refusal(code: int, status: int) -> None:
    handler: Callable[[HttpRequest, Exception], HttpResponse] = get_resolver().resolve_error_handler(code)  # type: ignore[assignment]
    answer = handler(RequestFactory().get("/"), Exception("secret 2512489996"))
    root = check_page(answer)
    assert answer.status_code == status
    assert "Sundhedsjournal" in words(root)
    assert "secret" not in answer.content.decode()


def test_a_fault_is_told_without_its_cause() -> None:
    answer = failed(ValueError("2512489996"))
    assert answer.status_code == 500
    assert "Siden kan ikke vises. Fejlen er registreret." in words(check_page(answer))
    assert "2512489996" not in answer.content.decode()


def test_htmx_gets_the_message_alone() -> None:
    answer = failed(ValueError(), HX_Request="true")
    assert [element.tag for element in check_page(answer)] == ["div"]


def test_a_database_that_is_away_is_a_503_to_try_again() -> None:
    answer = failed(OperationalError("away"))
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store")
    assert "Systemet svarer ikke lige nu." in words(check_page(answer))
    at_the_folder = words(check_page(failed(OperationalError("away"), "/k/abc/ekg/")))
    assert "Vi ved ikke, om der findes EKG'er." in at_the_folder


@pytest.mark.parametrize("path", ["/launch/ticket", "/log-ind/", "/login/backchannel-logout"])
def test_a_file_is_not_even_read(path: str) -> None:
    answer: Any = Client().post(path, {"ticket": "x", "file": ContentFile(b"x" * 1000, "x")})
    assert answer.status_code == 400
    assert "Forespørgslen kan ikke forstås" in words(check_page(answer))


@pytest.mark.django_db
def test_a_form_without_its_token_says_what_to_do() -> None:
    answer: Any = Client(enforce_csrf_checks=True).post("/log-ind/", {"username": "x"})
    assert answer.status_code == 403
    assert "hent siden igen" in words(check_page(answer))


@pytest.mark.django_db
def test_a_form_too_large_to_read_has_a_line_below_a_record_and_is_nothing_elsewhere(settings: Any) -> None:
    holm = Client(enforce_csrf_checks=True)
    holm.get("/log-ind/")  # brings the cookie: without it nothing of a form is read at all
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    flood: Any = {"data": "reason=" + "x" * 1000, "content_type": "application/x-www-form-urlencoded"}
    answer: Any = holm.post(f"/k/{'a' * 22}/vaerdispring/", **flood)
    line = AuditEvent.objects.get(pk=answer["X-Audit-Id"])
    assert (answer.status_code, line.action, line.reason) == (400, "access.refused", "malformed")
    assert (line.context, line.outcome) == ("a" * 22, 4)
    answer = holm.post("/log-ind/", **flood)
    assert (answer.status_code, answer.has_header("X-Audit-Id")) == (400, False)
    assert AuditEvent.objects.count() == 1
