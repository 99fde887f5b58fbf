"""What MinLog will be told when staff open pages through the gate, and that citizens' own looks are left alone."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from access.tests.blocks import block, override
from access.tests.cast import EMIL, ISSUER, JENS, NANCY, chosen, custody, launched, own, signed_in
from audit.minlog.entry import content
from audit.models import AuditEvent, MinLogRow
from sundhedsjournal.tests.pages import CheckingClient

pytestmark = pytest.mark.django_db
HOLM = {"sub": "holm-7", "name": "Læge Anna Holm", "cpr": "0101701236"}


@pytest.fixture
def browser() -> Client:
    return CheckingClient()


def told(answer: Any) -> tuple[str, dict[str, Any]]:
    """The CPR number and what MinLog is told of the look that this answer was."""
    assert answer.status_code in (200, 303)
    row = MinLogRow.objects.get(pk=answer["X-Audit-Id"])
    assert row.state == "pending"
    cpr, said = content(row.pk, row.key_id, bytes(row.patient_cpr_enc or b""), bytes(row.payload_enc or b""))
    return cpr, said["Destination"]


@pytest.mark.parametrize(
    ("claims", "source", "identifier"),
    [
        ({}, ISSUER, "holm"),
        ({"authorisation_id": "0BC12"}, "authorisation", "0BC12"),
        ({"authorisation_id": "0BC12", "cpr": "0101701236"}, "cpr", "0101701236"),
    ],
    ids=["login", "authorisation", "number"],
)
def test_a_clinician_is_named_by_the_best_that_the_login_told(
    browser: Client, claims: dict[str, str], source: str, identifier: str
) -> None:
    signed_in(browser, "holm", **claims)
    cpr, said = told(browser.get(f"/k/{launched(browser, 'holm', NANCY)}/ekg/"))
    assert cpr == NANCY
    assert said["UserPersonIdentifier"] == said["PersonIdentifier"] == [source, identifier]
    assert said["UserPersonName"] == said["PersonName"] == "Læge Anna Holm"
    assert (said["UserRole"], said["Reason"]) == ("Autoriseret sundhedsperson", "Aktuel behandling")
    assert (said["Activity"], said["SystemName"]) == ("Så listen over EKG'er", "Sundhedsjournal: EKG")


def test_an_assistant_is_told_with_the_responsible_person(browser: Client) -> None:
    signed_in(browser, "lund", on_behalf_of=HOLM, organization={"ydernummer": "012345"})
    context = launched(browser, "lund", JENS, org={"ydernummer": "012345"})
    _, said = told(browser.get(f"/k/{context}/kommune/"))
    assert (said["PersonIdentifier"], said["PersonName"]) == (["cpr", "0101701236"], "Læge Anna Holm")
    assert (said["UserPersonIdentifier"], said["UserPersonName"]) == ([ISSUER, "lund"], "Sekretær Ida Lund")
    assert said["UserRole"] == "Medhjælp"
    assert said["OrganisationId"] == ["ydernummer", "012345"]
    assert said["Activity"] == "Så kommunale data"


def test_an_override_is_told_with_its_ground_from_when_it_begins_to_when_it_ends(browser: Client) -> None:
    context = launched(browser, "holm", NANCY)
    block("all")
    ground = "Værdispring: Væsentligt hensyn til borgeren, som ikke kan kontaktes"
    assert told(browser.get(f"/k/{context}/ekg/"))[1]["Reason"] == "Aktuel behandling"
    begun = told(override(browser, context))[1]
    assert (begun["Activity"], begun["Reason"]) == ("Begyndte værdispring", ground)
    assert told(browser.get(f"/k/{context}/ekg/"))[1]["Reason"] == ground
    browser.post(f"/k/{context}/vaerdispring/slut")
    assert told(browser.get(f"/k/{context}/ekg/"))[1]["Reason"] == "Aktuel behandling"


def test_what_citizens_see_of_their_own_or_for_another_is_not_for_minlog(browser: Client) -> None:
    custody()
    mine = own(browser, "maria")
    child = chosen(browser, "custody", EMIL)
    for context in (mine, child):
        for page in ("ekg/", "kommune/", "log/"):
            assert browser.get(f"/borger/{context}/{page}").status_code == 200
    assert not MinLogRow.objects.exists()


def test_a_look_that_cannot_be_owed_is_not_shown(browser: Client, settings: Any) -> None:
    context = launched(browser, "holm", NANCY)
    settings.MINLOG_KEY = Path("/proc/nowhere/minlog.key")
    before = AuditEvent.objects.count()
    answer = browser.get(f"/k/{context}/ekg/")
    assert answer.status_code == 503
    assert "Berggren" not in answer.content.decode()
    assert (AuditEvent.objects.count(), MinLogRow.objects.count()) == (before, 0)
