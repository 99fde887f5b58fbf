from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.models import User
from audit.record import NotRecorded
from ekg.models import Recording
from ekg.tests import making
from ekg.tests.making import HOSPITAL, NANCY, deliver, document, held, metadata, recording
from fhir.bundle import Finding, Handling, Severity

pytestmark = pytest.mark.django_db
LIST = "admin:ekg_recording_changelist"
SECRETS = [NANCY, f"{NANCY[:6]}-{NANCY[6:]}", "Nancy Ann", "Lone Marie", "V1 og V2", "Fortalt om hjertet"]


@pytest.fixture
def administrator(client: Client) -> Client:
    user = User.objects.create_superuser("drift", password="x")
    client.force_login(user)
    return client


@pytest.fixture
def stored() -> Recording:
    findings = (Finding("bdl-11", Severity.ERROR, "Bundle", "Composition står ikke først."),)
    said = recording(note="V1 og V2 er byttet om", narrative="Fortalt om hjertet")
    deliver(document("one", said), metadata(facility_type=HOSPITAL), handling=Handling.DISCLAIMER, findings=findings)
    Recording.objects.update(narrative="Fortalt om hjertet")
    return held()


def opened(one: Recording) -> str:
    return reverse("admin:ekg_recording_change", args=[one.pk])


def seen(action: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT entity, patient_ref FROM audit_event WHERE action = %s ORDER BY id", [action])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def test_the_list_shows_states_and_no_clinical_content(administrator: Client, stored: Recording) -> None:
    page = administrator.get(reverse(LIST)).content.decode()
    assert "251248-••••" in page
    assert "vises med forbehold" in page
    assert not [secret for secret in SECRETS if secret in page]
    assert seen("admin.searched") == [("Recording", None)]


def test_a_row_shows_metadata_and_findings_and_no_clinical_content(administrator: Client, stored: Recording) -> None:
    answer = administrator.get(opened(stored))
    page = answer.content.decode()
    for shown in ("251248-••••", "22232009 hospital", "bdl-11", "Composition står ikke først.", stored.pdf_sha256):
        assert shown in page
    assert not [secret for secret in SECRETS if secret in page]
    assert seen("admin.viewed") == [(stored.ref, stored.patient_id)]
    assert answer["X-Audit-Id"]


def test_nothing_can_be_added_changed_or_deleted(administrator: Client, stored: Recording) -> None:
    before = Recording.objects.values().get()
    assert administrator.get(reverse("admin:ekg_recording_add")).status_code == 403
    assert administrator.post(opened(stored), {"status": "current", "handling": "show"}).status_code == 403
    assert (
        administrator.post(reverse("admin:ekg_recording_delete", args=[stored.pk]), {"post": "yes"}).status_code == 403
    )
    administrator.post(
        reverse(LIST), {"action": "delete_selected", "_selected_action": [str(stored.pk)], "post": "yes"}
    )
    assert Recording.objects.values().get() == before


@pytest.mark.parametrize("by", ["pk", "patient_id", "delivery_id", "document_id", "entry_uuid"])
def test_a_row_is_found_by_its_ids(by: str, administrator: Client) -> None:
    deliver(document("other", cpr=making.JENS))
    deliver(document(), metadata(entry_uuid="urn:uuid:entry"))
    page = administrator.get(reverse(LIST), {"q": str(getattr(held(), by))}).content.decode()
    assert opened(held()) in page
    assert opened(held("other")) not in page


def test_a_search_for_a_cpr_number_is_refused(administrator: Client, stored: Recording) -> None:
    answer = administrator.get(reverse(LIST), {"q": NANCY})
    assert answer.status_code == 302
    assert NANCY not in answer["Location"]


def test_the_list_costs_the_same_with_many_rows(administrator: Client, stored: Recording) -> None:
    administrator.get(reverse(LIST))
    with CaptureQueriesContext(connection) as one:
        administrator.get(reverse(LIST))
    for number in range(20):
        deliver(document(str(number)), by=f"sender-{number}")
    with CaptureQueriesContext(connection) as many:
        administrator.get(reverse(LIST))
    assert len(many) == len(one)


def test_what_cannot_be_recorded_is_not_shown(
    administrator: Client, stored: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **more: Any) -> None:
        raise NotRecorded("admin.viewed")

    monkeypatch.setattr("audit.admin_base.record", refuse)
    answer = administrator.get(opened(stored))
    assert answer.status_code == 503
    assert "bdl-11" not in answer.content.decode()
