"""The EPJ's SMART launch and its FHIR server: one patient, for one user, for one token."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from demo.epj.tests.peer import SMART, Browser, Client
from samples.personas import PATIENTS, USERS


def launched(
    browser: Browser, user: str = "juhl", patient: str = "nancy", cpr: str = "", door: str = "smart"
) -> tuple[str, str]:
    """The FHIR server and the launch that Sundhedsjournal is told of."""
    answer = browser.send(browser.get("/"), user=user, patient=patient, cpr=cpr, door=door)
    assert answer.status_code == 302
    to = urlsplit(answer.headers["Location"])
    assert f"{to.scheme}://{to.netloc}{to.path}" == f"{browser.journal.url}/launch"
    told = parse_qs(to.query)
    assert set(told) == {"iss", "launch"}
    return told["iss"][0], told["launch"][0]


def question(client: Client, fhir: str, launch: str) -> str:
    return client.question(SMART, launch=launch, aud=fhir)


def read(fhir: str, id: str, token: str) -> httpx.Response:
    return httpx.get(f"{fhir}/Patient/{id}", headers={"Authorization": f"Bearer {token}"})


def test_a_launch_is_answered_without_a_click_and_gives_the_patient_to_the_token(
    browser: Browser, staff: Client
) -> None:
    fhir, launch = launched(browser)
    assert re.fullmatch(r"[\w-]{32}", launch)
    tokens = staff.signed_in(browser.get(question(staff, fhir, launch)))
    juhl, nancy = USERS["juhl"], PATIENTS["nancy"]
    assert staff.claims(tokens)["sub"] == "juhl"
    assert tokens["need_patient_banner"] is True
    assert tokens["fhirContext"] == [
        {"type": "Organization", "identifier": {"system": "urn:oid:1.2.208.176.1.1", "value": juhl.sor}}
    ]
    assert staff.claims(tokens)["organization"] == {"sor": juhl.sor}
    patient = read(fhir, tokens["patient"], tokens["access_token"])
    assert patient.status_code == 200
    assert patient.headers["Content-Type"] == "application/fhir+json"
    told = patient.json()
    assert (told["resourceType"], told["id"]) == ("Patient", tokens["patient"])
    assert {"use": "official", "system": "urn:oid:1.2.208.176.1.2", "value": nancy.cpr} in told["identifier"]
    assert told["name"] == [{"use": "official", "family": "Berggren", "given": ["Nancy", "Ann"]}]
    assert (told["gender"], told["birthDate"]) == ("female", "1948-12-25")


def test_a_typed_number_is_launched_without_a_name(browser: Browser, staff: Client) -> None:
    fhir, launch = launched(browser, cpr="010190-9990")
    tokens = staff.signed_in(browser.get(question(staff, fhir, launch)))
    told = read(fhir, tokens["patient"], tokens["access_token"]).json()
    assert told["identifier"][0]["value"] == "0101909990"
    assert "name" not in told


def test_two_launches_under_way_are_never_mixed(browser: Browser, staff: Client) -> None:
    ways = {name: launched(browser, patient=name) for name in ("nancy", "jens")}
    for name in ("jens", "nancy"):
        fhir, launch = ways[name]
        tokens = staff.signed_in(browser.get(question(staff, fhir, launch)))
        told = read(fhir, tokens["patient"], tokens["access_token"]).json()
        assert told["identifier"][0]["value"] == PATIENTS[name].cpr


def test_a_launch_works_once(browser: Browser, staff: Client) -> None:
    fhir, launch = launched(browser)
    staff.signed_in(browser.get(question(staff, fhir, launch)))
    assert staff.answered(browser.get(question(staff, fhir, launch)))["error"] == "invalid_request"


def test_a_launch_is_for_its_own_user_and_for_this_fhir_server(browser: Browser, staff: Client, epj: str) -> None:
    fhir, launch = launched(browser, user="juhl")
    assert staff.answered(browser.get(question(staff, "http://elsewhere", launch)))["error"] == "invalid_request"
    browser.send(browser.get("/"), user="holm", patient="jens", door="smart")  # a colleague takes the chair
    page = browser.get(question(staff, fhir, launch))
    assert "Log ind som Læge Per Juhl" in page.text
    assert "Anna Holm" not in page.text
    assert browser.send(page, person="holm").status_code == 422
    assert staff.claims(staff.signed_in(browser.send(page, person="juhl")))["sub"] == "juhl"


def test_no_token_opens_another_patient(browser: Browser, staff: Client) -> None:
    seen = {}
    for name in ("nancy", "jens"):
        fhir, launch = launched(browser, patient=name)
        seen[name] = staff.signed_in(browser.get(question(staff, fhir, launch)))
    plain = staff.signed_in(browser.get(staff.question()))
    nancy, jens = seen["nancy"], seen["jens"]
    assert read(fhir, nancy["patient"], jens["access_token"]).status_code == 404
    assert read(fhir, "0", jens["access_token"]).status_code == 404
    for token in (plain["access_token"], jens["id_token"], "guessed"):
        refused = read(fhir, jens["patient"], token)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert refused.json()["resourceType"] == "OperationOutcome"
    assert httpx.get(f"{fhir}/Patient/{jens['patient']}?access_token={jens['access_token']}").status_code == 401
    assert read(fhir, jens["patient"], jens["access_token"]).status_code == 200


def test_the_claim_of_who_the_user_is_leads_to_the_user_and_to_no_other(browser: Browser, staff: Client) -> None:
    fhir, launch = launched(browser, user="juhl")
    tokens = staff.signed_in(browser.get(question(staff, fhir, launch)))
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    told = httpx.get(staff.claims(tokens)["fhirUser"], headers=bearer).json()
    assert (told["resourceType"], told["id"], told["name"][0]["text"]) == ("Practitioner", "juhl", "Per Juhl")
    assert httpx.get(f"{fhir}/Practitioner/holm", headers=bearer).status_code == 404
    assert httpx.get(f"{fhir}/Practitioner/juhl").status_code == 401


@pytest.mark.parametrize("name", ["metadata", ".well-known/smart-configuration"])
def test_the_fhir_server_says_what_it_can(epj: str, staff: Client, name: str) -> None:
    told = httpx.get(f"{epj}/fhir/{name}").json()
    if name == "metadata":
        assert (told["resourceType"], told["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    else:
        assert told["token_endpoint"] == f"{staff.issuer}/token/"
        assert {"launch-ehr", "context-ehr-patient", "client-confidential-asymmetric"} <= set(told["capabilities"])


@pytest.mark.parametrize("intent", ["oversigt", "ekg", "kommune"])
def test_the_token_says_what_is_wanted_first(browser: Browser, staff: Client, intent: str) -> None:
    fhir, launch = launched(browser, door=f"smart:{intent}")
    assert staff.signed_in(browser.get(question(staff, fhir, launch)))["intent"] == intent
    fhir, launch = launched(browser)
    assert "intent" not in staff.signed_in(browser.get(question(staff, fhir, launch)))
