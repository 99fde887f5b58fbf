"""A form of our own passes although no page says where it came from; a form of another site does not."""

import pytest
from django.test import Client, override_settings

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
