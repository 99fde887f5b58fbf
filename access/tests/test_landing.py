"""A launch opens where the launching system asked, by ticket and by SMART, and nowhere that its user may not be."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from access.matrix import Part
from access.models import Launch, PatientContext
from access.tests.cast import NANCY, WHY, arrived, ask_ticket, came_back, claims, epj, issuers, person, ticket, wish
from access.tests.conftest import Rows
from access.tests.provider import provider
from access.tests.test_smart import fhir_patient, sent
from access.ticket_request import LANDINGS, OVERVIEW
from sundhedsjournal.tests.pages import CheckingClient

pytestmark = pytest.mark.django_db
CROSS = {"Sec-Fetch-Site": "cross-site"}
PAGES = {"oversigt": "", "ekg": "ekg/", "kommune": "kommune/", None: "ekg/"}
NO_EKG = {"oversigt": "", "ekg": "kommune/", "kommune": "kommune/", None: "kommune/"}


@pytest.fixture
def browser() -> Client:
    return CheckingClient()


@pytest.fixture
def smart() -> Iterator[dict[str, Any]]:
    """The EPJ's token endpoint: what stands here goes into its answer."""
    issuers(launch_client=epj(), fhir_base=provider().fhir)
    provider().patients = {"p1": fhir_patient("p1", NANCY, "Nancy Ann", "Berggren")}
    provider().launches = {"launch-1": "p1"}
    told: dict[str, Any] = {}
    with provider().breaking(token=told):
        yield told
    provider().patients, provider().launches = {}, {}


def landed(browser: Client, path: str, username: str) -> str:
    """Where below the record a launch ends, once its user has signed in and answered."""
    answer = browser.get(path, headers=CROSS)
    if answer.status_code == 303 and not answer["Location"].startswith("/k/"):
        came_back(browser, answer, claims(username))
        answer = browser.get(path, headers=CROSS)
    if answer.status_code == 200:
        answer = browser.post(f"{path}aabn/", WHY)
    return below(answer["Location"])


def below(location: str) -> str:
    context = PatientContext.objects.order_by("opened").last()
    assert context is not None
    assert location.startswith(f"/k/{context.pk}/"), "on our own site, in this very record"
    return location.removeprefix(f"/k/{context.pk}/")


def test_what_may_be_asked_for_is_the_overview_and_the_parts() -> None:
    assert (OVERVIEW, *(part for part in Part if part is not Part.LOG)) == LANDINGS


@pytest.mark.parametrize("asked", PAGES)
def test_a_ticket_opens_the_page_it_names(browser: Client, asked: str | None) -> None:
    path = arrived(browser, ticket("holm", NANCY, landing=asked))
    assert landed(browser, path, "holm") == PAGES[asked]
    again = browser.get(path, headers=CROSS)
    assert below(again["Location"]) == PAGES[asked], "the back button comes to the same"
    assert browser.get(again["Location"]).status_code == 200


@pytest.mark.parametrize("asked", NO_EKG)
def test_a_page_that_the_user_may_not_see_is_not_where_one_lands(browser: Client, asked: str | None) -> None:
    path = arrived(browser, ticket("krogh", NANCY, landing=asked))
    landing = landed(browser, path, "krogh")
    assert landing == NO_EKG[asked]
    assert browser.get(browser.get(path, headers=CROSS)["Location"]).status_code == 200


@pytest.mark.parametrize(
    "asked",
    ["", "EKG", "ekg/", " ekg", "/k/x/ekg/", "//evil.example", "https://evil.example/", "../admin/", "ekg?x=1", NANCY,
     None, 1, True, ["ekg"], {"ekg": 1}],
)  # fmt: skip
def test_a_ticket_with_another_wish_is_refused_in_words_and_never_repeated(asked: Any, events: Rows) -> None:
    epj()
    person("holm")
    answer = ask_ticket(wish("holm", NANCY) | {"landing": asked})
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_request",
        "error_description": "Feltet skal være et af oversigt, ekg, kommune, eller udelades.",
        "field": "landing",
    }
    assert events() == [("launch_ticket.refused", 4, "request")]
    assert not Launch.objects.exists()


@pytest.mark.parametrize(
    ("said", "page"),
    [
        ({}, "ekg/"),
        ({"intent": "oversigt"}, ""),
        ({"intent": "ekg"}, "ekg/"),
        ({"intent": "kommune"}, "kommune/"),
        ({"intent": "reconcile-medications"}, "ekg/"),
        ({"intent": "https://evil.example/"}, "ekg/"),
        ({"intent": ["kommune"]}, "ekg/"),
        ({"intent": NANCY}, "ekg/"),
        ({"fhirContext": [{"reference": "CarePlan/1"}]}, "kommune/"),
        ({"fhirContext": [{"reference": "Condition/x"}]}, "kommune/"),
        ({"fhirContext": [{"reference": "Encounter/1"}, {"reference": "DiagnosticReport/1"}]}, "ekg/"),
        ({"fhirContext": [{"type": "Condition", "identifier": {"system": "urn:x", "value": "y"}}]}, "kommune/"),
        ({"fhirContext": [{"reference": "https://evil.example/CarePlan/1"}]}, "ekg/"),
        ({"fhirContext": [{"reference": "Patient/p2"}, "CarePlan/1", {"reference": 7}]}, "ekg/"),
        ({"intent": "oversigt", "fhirContext": [{"reference": "CarePlan/1"}]}, ""),
    ],
)
def test_a_smart_launch_opens_what_its_intent_names_or_what_the_epj_had_open(
    browser: Client, smart: dict[str, Any], said: dict[str, Any], page: str
) -> None:
    smart.update(said)
    back = came_back(browser, sent(browser), claims("holm"))
    assert landed(browser, back["Location"], "holm") == page
    assert PatientContext.objects.get().patient.cpr == NANCY, "what is named beside is no patient"


def test_a_smart_launch_by_who_has_no_ekgs_lands_at_home(browser: Client, smart: dict[str, Any]) -> None:
    smart["intent"] = "ekg"
    back = came_back(browser, sent(browser), claims("krogh"))
    assert landed(browser, back["Location"], "krogh") == "kommune/"


def test_the_launch_s_own_address_takes_no_wish(browser: Client) -> None:
    path = arrived(browser, ticket("holm", NANCY))
    assert landed(browser, path, "holm") == "ekg/"
    for asked in ("?landing=kommune", "?next=https://evil.example/", f"?patient={NANCY}"):
        assert below(browser.get(f"{path}{asked}", headers=CROSS)["Location"]) == "ekg/"


def test_the_table_holds_no_other_wish(browser: Client) -> None:
    arrived(browser, ticket("holm", NANCY))
    with pytest.raises(IntegrityError), transaction.atomic():
        Launch.objects.update(landing="//evil")
