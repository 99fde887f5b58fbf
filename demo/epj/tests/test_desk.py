"""The demo EPJ: its desk, and that what it asks for is what Sundhedsjournal's door takes."""

import io
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as house
from django.test import Client, override_settings
from joserfc.jwk import ECKey

from access.registering import register_client, register_user
from demo.epj import settings as epj_settings
from demo.epj import tickets
from samples.personas import PATIENTS, USERS
from sundhedsjournal.tests.pages import CheckingClient, check_page

NANCY = PATIENTS["nancy"]
MIDDLEWARE, TEMPLATES = list(house.MIDDLEWARE), list(house.TEMPLATES)
NOT_IN_FORCE = ("SECRET_KEY", "INSTALLED_APPS", "LOGGING", "VAR", "PORT", "EPJ_PORT", "HERE", "JOURNAL", "STATIC_URL")
KEY = ECKey.generate_key("P-256", {"kid": "epj"})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the EPJ's server sent; Sundhedsjournal answers with a ticket."""
    sent: list[dict[str, Any]] = []

    def urlopen(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        assert isinstance(request.data, bytes)
        sent.append({"url": request.full_url, **json.loads(request.data)})
        return io.BytesIO(b'{"ticket": "one-ticket", "expires_in": 60}')

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    return sent


@pytest.fixture
def desk(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A browser at the EPJ, which has settings and a key of its own."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "epj.json").write_text(json.dumps(KEY.as_dict(private=True)))
    monkeypatch.setattr(epj_settings, "VAR", tmp_path)
    names = [name for name in dir(epj_settings) if name.isupper() and name not in NOT_IN_FORCE]
    told = {name: getattr(epj_settings, name) for name in names}
    with override_settings(**told, CSRF_FAILURE_VIEW="django.views.csrf.csrf_failure"):
        yield CheckingClient(headers={"host": "localhost"})


def tree(answer: Any) -> Any:
    return check_page(answer)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_desk_shows_every_patient_and_every_clinician_and_no_administrator(desk: Client) -> None:
    page = desk.get("/")
    assert page.status_code == 200
    for patient in PATIENTS.values():
        assert patient.name in text(page)
        assert patient.cpr_dashed in text(page)
    assert all((user.display in text(page)) != user.admin for user in USERS.values())
    assert "SIMULATOR" in text(page)


def test_a_patient_from_the_list_is_asked_for_and_the_ticket_carried_over(desk: Client, asked: list[Any]) -> None:
    page = desk.post("/", {"user": "juhl", "patient": "nancy", "cpr": ""})
    assert page.status_code == 200
    (sent,) = asked
    assert sent["url"] == f"{epj_settings.JOURNAL}/api/launch-tickets"
    assert (sent["user_sub"], sent["patient_cpr"], sent["patient_name"]) == ("juhl", NANCY.cpr, NANCY.name)
    assert sent["org"] == {"sor": USERS["juhl"].sor}
    assert 'name="ticket" value="one-ticket"' in text(page)
    assert f'action="{epj_settings.JOURNAL}/launch/ticket"' in text(page)
    assert "Fortsæt" in text(page)
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")


@pytest.mark.parametrize("typed", ["140461-9935", "1404619935", " 140461 9935 "])
def test_a_typed_number_wins_over_the_list_and_is_known_by_name(desk: Client, asked: list[Any], typed: str) -> None:
    desk.post("/", {"user": "holm", "patient": "nancy", "cpr": typed})
    assert (asked[0]["patient_cpr"], asked[0]["patient_name"]) == ("1404619935", "Jens Mikkel Thorsen")


def test_somebody_the_epj_does_not_know_is_asked_for_without_a_name(desk: Client, asked: list[Any]) -> None:
    desk.post("/", {"user": "holm", "patient": "nancy", "cpr": "010190-9990"})
    assert (asked[0]["patient_cpr"], asked[0]["patient_name"]) == ("0101909990", "")


@pytest.mark.parametrize("typed", ["12345", "310299-9999", "251248-999x", "nancy"])
def test_what_is_no_cpr_number_is_said_beside_the_field(desk: Client, asked: list[Any], typed: str) -> None:
    page = desk.post("/", {"user": "krogh", "patient": "jens", "cpr": typed})
    assert page.status_code == 422
    root = tree(page)
    field = root.find(".//input[@id='cpr']")
    assert field.get("aria-invalid") == "true"
    assert field.get("value") == typed
    sentence = next(element for element in root.iter("p") if element.get("id") in field.get("aria-describedby").split())
    assert "ti cifre" in sentence.text
    assert root.find(".//option[@selected]").get("value") == "krogh"
    assert root.find(".//input[@checked]").get("value") == "jens"
    assert asked == []


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (urllib.error.URLError("refused"), "svarer ikke lige nu"),
        (TimeoutError(), "svarer ikke lige nu"),
        (
            urllib.error.HTTPError("", 403, "", {}, io.BytesIO(b'{"error_description": "Brugeren kendes ikke."}')),  # type: ignore[arg-type]
            "afviste opslaget. Brugeren kendes ikke.",
        ),
        (urllib.error.HTTPError("", 502, "", {}, io.BytesIO(b"<html>")), "(HTTP 502)"),  # type: ignore[arg-type]
    ],
)
def test_no_ticket_is_said_in_a_sentence(
    desk: Client, monkeypatch: pytest.MonkeyPatch, fault: Exception, sentence: str
) -> None:
    def urlopen(request: object, timeout: float) -> None:
        raise fault

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    page = desk.post("/", {"user": "holm", "patient": "nancy"})
    assert page.status_code == 502
    assert sentence in text(page)


def test_without_its_key_it_says_so(desk: Client, tmp_path: Any) -> None:
    (tmp_path / "keys" / "epj.json").unlink()
    page = desk.post("/", {"user": "holm", "patient": "nancy"})
    assert page.status_code == 502
    assert "make demo" in text(page)


def test_the_last_choice_is_remembered_without_a_cpr_number(desk: Client, asked: list[Any]) -> None:
    desk.post("/", {"user": "juhl", "patient": "emil", "cpr": "251248-9996"})
    root = tree(desk.get("/"))
    assert root.find(".//option[@selected]").get("value") == "juhl"
    assert root.find(".//input[@checked]").get("value") == "emil"
    assert root.find(".//input[@id='cpr']").get("value") == ""
    cookies = {name: morsel.value for name, morsel in desk.cookies.items()}
    assert not re.search(r"\d{6}", cookies["epj_choice"])
    assert not {"sj", "sj_csrf"} & set(cookies)
    desk.cookies["epj_choice"] = "nobody at-all"
    assert desk.get("/").status_code == 200


def test_its_headers_let_forms_go_to_the_journal_and_nothing_else_leave(desk: Client) -> None:
    page = desk.get("/")
    policy = page["Content-Security-Policy"]
    assert f"form-action 'self' {epj_settings.JOURNAL}" in policy
    assert "unsafe" not in policy
    # With no-referrer, browsers send the desk's own form with `Origin: null`, which is refused.
    assert page["Referrer-Policy"] == "same-origin"


def test_only_its_own_form_is_taken(desk: Client, asked: list[Any]) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    token = tree(strict.get("/")).find(".//input[@name='csrfmiddlewaretoken']").get("value")
    form = {"user": "holm", "patient": "nancy", "csrfmiddlewaretoken": token}
    assert strict.post("/", form, headers={"origin": "http://localhost"}).status_code == 200
    assert strict.post("/", form, headers={"origin": "http://127.0.0.1"}).status_code == 403
    assert strict.post("/", {"user": "holm", "patient": "nancy"}).status_code == 403
    assert len(asked) == 1


@pytest.mark.django_db
def test_what_the_epj_sends_opens_the_record(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    register_client(tickets.CLIENT, "Demo-EPJ", KEY.as_dict(private=False), user_issuer=tickets.ISSUER)
    holm = USERS["holm"]
    register_user(tickets.ISSUER, holm.id, title=holm.title, name=holm.name)
    in_the_house = override_settings(
        ROOT_URLCONF="access.tests.urls", MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["127.0.0.1", "testserver"],
        TEMPLATES=TEMPLATES, SITE_URL=epj_settings.JOURNAL, DEMO=True,
    )  # fmt: skip

    def urlopen(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        path = request.full_url.removeprefix(epj_settings.JOURNAL)
        with in_the_house:
            answer = Client().post(
                path, request.data, content_type="application/json", headers=dict(request.header_items())
            )
        assert answer.status_code == 200, answer.content
        return io.BytesIO(answer.content)

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    carry = tree(desk.post("/", {"user": "holm", "patient": "nancy"}))
    ticket = carry.find(".//input[@name='ticket']").get("value")
    with in_the_house:
        browser = Client()
        launch = browser.post("/launch/ticket", {"ticket": ticket})["Location"]
        browser.post(f"{launch}log-ind/")
        opened = browser.get(launch)["Location"]
    assert re.fullmatch(r"/k/[\w-]{22}/ekg/", opened)
