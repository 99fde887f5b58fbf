"""The desk of the demo EPJ, and what its server asks Sundhedsjournal for."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from demo.epj.tests.peer import Browser, Client, Journal
from demo.stack import ROOT
from samples.personas import PATIENTS, USERS
from sundhedsjournal.tests.pages import check_page

NANCY = PATIENTS["nancy"]


def press(browser: Browser, user: str = "holm", patient: str = "nancy", cpr: str = "") -> httpx.Response:
    return browser.send(browser.get("/"), user=user, patient=patient, cpr=cpr)


def test_the_desk_shows_every_patient_and_everybody_who_opens_records(browser: Browser) -> None:
    page = browser.get("/")
    assert page.status_code == 200
    for patient in PATIENTS.values():
        assert patient.name in page.text
        assert patient.cpr_dashed in page.text
    assert all((user.display in page.text) == user.opens_records for user in USERS.values())
    assert "SIMULATOR" in page.text


def test_a_patient_from_the_list_is_asked_for_and_the_ticket_carried_over(browser: Browser, journal: Journal) -> None:
    page = press(browser, "juhl")
    assert page.status_code == 200
    (sent,) = journal.sent
    assert sent["path"] == "/api/launch-tickets"
    assert (sent["user_iss"], sent["user_sub"]) == (f"{browser.epj}/o", "juhl")
    assert (sent["patient_cpr"], sent["patient_name"]) == (NANCY.cpr, NANCY.name)
    assert sent["org"] == {"sor": USERS["juhl"].sor}
    assert 'name="ticket" value="one-ticket"' in page.text
    assert f'action="{journal.url}/launch/ticket"' in page.text
    assert "Fortsæt" in page.text
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_what_was_opened_by_either_door_is_closed_by_its_own_name(browser: Browser, journal: Journal) -> None:
    assert "Luk i Sundhedsjournalen" not in browser.get("/").text
    press(browser, "juhl")
    to = browser.send(browser.get("/"), user="juhl", patient="jens", cpr="", door="smart").headers["Location"]
    (launch,) = parse_qs(urlsplit(to).query)["launch"]
    ref, journal.sent[:], journal.body = journal.sent[0]["epj_session_ref"], [], b'{"closed": 1}'
    page = browser.send(browser.get("/"), user="juhl", patient="jens", door="close")
    assert page.status_code == 200
    assert "2 journaler er lukket i Sundhedsjournalen." in page.text
    assert "Luk i Sundhedsjournalen</button>" not in page.text
    names = (ref, hashlib.sha256(launch.encode()).hexdigest())
    assert [each["path"] for each in journal.sent] == [f"/api/contexts/{name}/close" for name in names]


def test_what_cannot_be_closed_now_can_be_tried_again(browser: Browser, journal: Journal) -> None:
    press(browser)
    journal.status = 503
    page = browser.send(browser.get("/"), user="holm", patient="nancy", door="close")
    assert page.status_code == 502
    assert "Luk i Sundhedsjournalen</button>" in page.text


@pytest.mark.parametrize("typed", ["140461-9935", "1404619935", " 140461 9935 "])
def test_a_typed_number_wins_over_the_list_and_is_known_by_name(browser: Browser, journal: Journal, typed: str) -> None:
    press(browser, cpr=typed)
    assert (journal.sent[0]["patient_cpr"], journal.sent[0]["patient_name"]) == ("1404619935", "Jens Mikkel Thorsen")


def test_somebody_the_epj_does_not_know_is_asked_for_without_a_name(browser: Browser, journal: Journal) -> None:
    press(browser, cpr="010190-9990")
    assert (journal.sent[0]["patient_cpr"], journal.sent[0]["patient_name"]) == ("0101909990", "")


@pytest.mark.parametrize("typed", ["12345", "310299-9999", "251248-999x", "nancy"])
@pytest.mark.parametrize("door", [{}, {"door": "smart"}])
def test_what_is_no_cpr_number_is_said_beside_the_field(
    browser: Browser, journal: Journal, typed: str, door: dict[str, str]
) -> None:
    page = browser.send(browser.get("/"), user="krogh", patient="jens", cpr=typed, **door)
    assert page.status_code == 422
    root = check_page(page)
    field = root.find(".//input[@id='cpr']")
    assert field.get("aria-invalid") == "true"
    assert field.get("value") == typed
    sentence = next(element for element in root.iter("p") if element.get("id") in field.get("aria-describedby").split())
    assert "ti cifre" in sentence.text
    assert root.find(".//option[@selected]").get("value") == "krogh"
    assert root.find(".//input[@checked]").get("value") == "jens"
    assert journal.sent == []


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (403, '{"error_description": "Brugeren kendes ikke."}', "afviste opslaget. Brugeren kendes ikke."),
        (502, "<html>", "(HTTP 502)"),
        (200, "no ticket", "svarer ikke lige nu"),
    ],
)
def test_no_ticket_is_said_in_a_sentence(
    browser: Browser, journal: Journal, status: int, body: str, sentence: str
) -> None:
    journal.status, journal.body = status, body.encode()
    page = press(browser)
    assert page.status_code == 502
    assert sentence in page.text


def test_without_its_key_it_says_so(browser: Browser, epj_var: Path) -> None:
    (epj_var / "keys" / "epj.json").unlink()
    page = press(browser)
    assert page.status_code == 502
    assert "make demo" in page.text


def test_the_last_choice_is_remembered_without_a_cpr_number(browser: Browser) -> None:
    press(browser, "juhl", "emil", "251248-9996")
    root = check_page(browser.get("/"))
    assert root.find(".//option[@selected]").get("value") == "juhl"
    assert root.find(".//input[@checked]").get("value") == "emil"
    assert root.find(".//input[@id='cpr']").get("value") == ""
    cookies = {cookie.name: cookie for cookie in browser.http.cookies.jar}
    assert set(cookies) == {"epj_choice", "epj_csrf", "epj_session"}
    assert not re.search(r"\d{6}", cookies["epj_choice"].value or "")
    assert all(cookie.has_nonstandard_attr("HttpOnly") for cookie in cookies.values())
    assert cookies["epj_session"].get_nonstandard_attr("SameSite") == "Lax"
    browser.http.cookies.clear()
    assert browser.http.get("/", headers={"Cookie": "epj_choice=nobody at-all"}).status_code == 200


def test_its_headers_let_forms_go_to_the_journal_and_nothing_else_leave(browser: Browser, journal: Journal) -> None:
    page = browser.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert f"form-action 'self' {journal.url}" in policy
    assert "unsafe" not in policy
    # With no-referrer, browsers send the desk's own form with `Origin: null`, which is refused.
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_only_its_own_form_is_taken(browser: Browser, journal: Journal) -> None:
    token = check_page(browser.get("/")).find(".//input[@name='csrfmiddlewaretoken']").get("value")
    form = {"user": "holm", "patient": "nancy", "csrfmiddlewaretoken": token}
    assert browser.http.post("/", data=form, headers={"Origin": browser.epj}).status_code == 200
    assert browser.http.post("/", data=form, headers={"Origin": journal.url}).status_code == 403
    assert browser.http.post("/", data={"user": "holm", "patient": "nancy"}).status_code == 403
    assert len(journal.sent) == 1


def test_who_presses_the_button_is_signed_in_at_the_epj(browser: Browser, staff: Client) -> None:
    press(browser, "krogh")
    first = staff.claims(staff.signed_in(browser.get(staff.question())))
    press(browser, "krogh", "jens")
    again = staff.claims(staff.signed_in(browser.get(staff.question())))
    assert (first["sub"], first["auth_time"]) == (again["sub"], again["auth_time"]) == ("krogh", first["auth_time"])
    press(browser, "dahl")
    assert staff.claims(staff.signed_in(browser.get(staff.question())))["sub"] == "dahl"


def test_its_tables_are_as_its_models_say_and_preparing_again_changes_nothing(
    browser: Browser, epj_env: dict[str, str], epj_var: Path
) -> None:
    env = epj_env
    checked = [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run", "epj"]
    subprocess.run(checked, cwd=ROOT, env=env, check=True, capture_output=True)
    keys = {file.name: file.read_bytes() for file in (epj_var / "keys").iterdir()}
    assert {oct(file.stat().st_mode & 0o777) for file in (epj_var / "keys").iterdir()} == {"0o600"}
    subprocess.run([sys.executable, "-m", "demo.epj"], cwd=ROOT, env=env, check=True)
    assert {file.name: file.read_bytes() for file in (epj_var / "keys").iterdir()} == keys


@pytest.mark.parametrize("landing", ["oversigt", "ekg", "kommune"])
def test_a_button_asks_for_the_page_to_open_first(browser: Browser, journal: Journal, landing: str) -> None:
    desk = browser.get("/")
    assert f'value="ticket:{landing}"' in desk.text
    browser.send(desk, user="holm", patient="nancy", cpr="", door=f"ticket:{landing}")
    press(browser)
    assert [sent.get("landing") for sent in journal.sent] == [landing, None]
