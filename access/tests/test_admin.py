"""What those who look after the running see of users, systems and open records."""

import re
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from access.models import CareOf, Issuer, LaunchClient, PatientContext, User
from access.oidc import people
from access.registering import register_client, register_user
from access.tests.blocks import block, override
from access.tests.cast import (
    EMIL,
    EPJ,
    ISSUER,
    JENS,
    chosen,
    citizen,
    citizen_signs_in,
    custody,
    issuers,
    key,
    launched,
    own,
    person,
    signed_in,
)  # fmt: skip
from access.tests.conftest import Rows
from audit.models import AuditEvent
from sundhedsjournal.tests.pages import CheckingClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.ROOT_URLCONF = "access.tests.urls_with_admin"


@pytest.fixture
def operator(db: None) -> Client:
    User.objects.filter(pk=person("drift").pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(username="drift"))
    return client


@pytest.fixture
def colleague(db: None) -> Client:
    """Another operator."""
    client = Client()
    client.force_login(register_user(ISSUER, "drift-2", name="Else Drift", is_admin=True))
    return client


def test_open_records_are_listed_without_names_and_with_masked_numbers(
    operator: Client, nancy: str, events: Rows
) -> None:
    events()
    listed = operator.get("/admin/access/patientcontext/")
    one = operator.get(f"/admin/access/patientcontext/{nancy}/change/")
    for page in (listed, one):
        assert page.status_code == 200
        assert "251248-••••" in page.content.decode()
        assert "251248-9996" not in page.content.decode()
        assert "Berggren" not in page.content.decode()
    assert [row[0] for row in events()] == ["admin.searched", "admin.viewed"]
    assert AuditEvent.objects.get(action="admin.viewed").patient_ref == PatientContext.objects.get().patient_id


def test_an_operator_closes_a_record(operator: Client, holm: Client, nancy: str, events: Rows) -> None:
    events()
    operator.post("/admin/access/patientcontext/", {"action": "close", "_selected_action": [nancy]})
    assert ("context.closed", 0, "") in events()
    assert PatientContext.objects.get().closed_reason == "operator"
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 410


def test_a_user_who_is_switched_off_is_out_with_the_next_request(
    operator: Client, holm: Client, nancy: str, events: Rows
) -> None:
    user = User.objects.get(username="holm")
    events()
    saved = operator.post(f"/admin/access/user/{user.pk}/change/", {"role": "clinician"})
    assert saved.status_code == 302
    assert "admin.changed" in [row[0] for row in events()]
    assert not User.objects.get(username="holm").is_active
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 401


def test_nobody_adds_deletes_or_grants_themselves_more_there(operator: Client, nancy: str) -> None:
    user = User.objects.get(username="holm")
    for path in ("user/add/", f"user/{user.pk}/delete/", "launchclient/add/", f"patientcontext/{nancy}/delete/"):
        assert operator.get(f"/admin/access/{path}").status_code == 403
    operator.post(f"/admin/access/user/{user.pk}/change/", {"role": "clinician", "is_active": "on", "is_staff": "on"})
    assert not User.objects.get(username="holm").is_staff
    client = LaunchClient.objects.get(client_id=EPJ)
    operator.post(f"/admin/access/launchclient/{client.pk}/change/", {"user_issuer": "https://evil.invalid"})
    client.refresh_from_db()
    assert (client.user_issuer, client.active) == (ISSUER, False)


def test_an_issuer_is_switched_off_there_and_changed_in_nothing_else(operator: Client, events: Rows) -> None:
    staff, _ = issuers()
    events()
    assert "Regionens login" in operator.get("/admin/access/issuer/").content.decode()
    assert operator.get("/admin/access/issuer/add/").status_code == 403
    assert operator.get(f"/admin/access/issuer/{staff.pk}/delete/").status_code == 403
    operator.post(f"/admin/access/issuer/{staff.pk}/change/", {"issuer": "https://evil.invalid", "roles": "[]"})
    changed = Issuer.objects.get(pk=staff.pk)
    assert (changed.issuer, changed.roles, changed.active) == (ISSUER, staff.roles, False)
    assert "admin.changed" in [row[0] for row in events()]


def test_an_issuer_that_is_switched_off_has_nobody_signed_in_at_the_next_request(
    operator: Client, holm: Client, nancy: str, events: Rows
) -> None:
    staff, _ = issuers()
    citizen_browser = CheckingClient()
    hers = own(citizen_browser, "nancy")
    block("all")
    override(holm, nancy)
    events()
    operator.post(f"/admin/access/issuer/{staff.pk}/change/", {})
    assert [row for row in events() if row[0] != "admin.changed"] == [
        ("override.stopped", 0, "context-closed"), ("user.signed_out", 0, "issuer-inactive"),
    ]  # fmt: skip
    assert AuditEvent.objects.get(action="user.signed_out").actor_subject == "holm"
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 401
    assert "Log ud" not in holm.get("/").content.decode()
    assert PatientContext.objects.get(pk=nancy).closed_reason == "operator"
    assert citizen_browser.get(f"/borger/{hers}/kommune/").status_code == 200
    events()
    operator.post(f"/admin/access/issuer/{staff.pk}/change/", {"active": "on"})
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 401


def test_an_issuer_that_is_switched_off_while_somebody_comes_back_from_it_lets_nobody_in(
    holm: Client, events: Rows
) -> None:
    def meanwhile(issuer: Issuer, login: Any) -> Any:
        Issuer.objects.update(active=False)
        return kept(issuer, login)

    kept = people.kept
    with patch("access.oidc.people.kept", meanwhile):
        assert signed_in(holm, "holm").status_code == 403
    assert events() == [("user.sign_in_failed", 4, "issuer-inactive")]
    assert not Session.objects.exists()


def test_a_system_that_is_switched_off_has_nothing_open_at_the_next_request(
    operator: Client, holm: Client, nancy: str, events: Rows
) -> None:
    client = LaunchClient.objects.get(client_id=EPJ)
    another = epj_of_another(holm)
    events()
    operator.post(f"/admin/access/launchclient/{client.pk}/change/", {"unvouched": ""})
    assert ("context.closed", 0, "client-inactive") in events()
    closed = AuditEvent.objects.get(action="context.closed")
    assert (closed.context, closed.actor_subject) == (nancy, "drift")
    assert re.fullmatch("[0-9a-f]{32}", closed.request_id)
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 410
    assert holm.get(f"/k/{another}/ekg/").status_code == 200


def epj_of_another(browser: Client) -> str:
    """A record in this browser that another system has opened."""
    context = launched(browser, "holm", JENS)
    other = register_client("other", "COSMIC", key("P-384").as_dict(private=False), user_issuer=ISSUER)
    PatientContext.objects.filter(pk=context).update(client=other)
    return context


def test_a_professional_s_own_number_is_nowhere(operator: Client, nancy: str) -> None:
    User.objects.filter(username="holm").update(professional_cpr="0101909990")
    user = User.objects.get(username="holm")
    for path in ("", "?q=holm", f"{user.pk}/change/", f"{user.pk}/history/"):
        assert "0101909990" not in operator.get(f"/admin/access/user/{path}").content.decode()


@pytest.mark.parametrize("subject", ["2512489996", "cpr:251248-9996"])
def test_a_subject_that_is_a_cpr_number_is_masked(operator: Client, nancy: str, subject: str) -> None:
    user = register_user(ISSUER, subject, name="Ny Læge", username="ny")
    for path in ("", f"{user.pk}/change/", f"{user.pk}/history/"):
        assert "9996" not in operator.get(f"/admin/access/user/{path}").content.decode()
    assert "251248-••••" in operator.get(f"/admin/access/user/{user.pk}/change/").content.decode()
    holm = User.objects.get(username="holm")
    assert ">holm<" in operator.get(f"/admin/access/user/{holm.pk}/change/").content.decode()


def test_a_clinician_has_no_way_in(holm: Client, nancy: str) -> None:
    assert holm.get("/admin/access/user/").status_code == 302
    assert holm.get("/admin/login/?next=/admin/access/user/").status_code == 200


def test_a_citizen_is_listed_without_a_number_and_stays_a_citizen(operator: Client, events: Rows) -> None:
    user = citizen("nancy")
    events()
    listed = operator.get("/admin/access/user/")
    one = operator.get(f"/admin/access/user/{user.pk}/change/")
    assert "nancy" in listed.content.decode()
    assert "Berggren" not in listed.content.decode() + one.content.decode()
    assert "251248" not in listed.content.decode()
    assert "251248-••••" in one.content.decode()
    assert "9996" not in one.content.decode()
    assert 'name="role"' not in one.content.decode()
    assert AuditEvent.objects.get(action="admin.viewed").patient_ref == user.patient_id
    operator.post(f"/admin/access/user/{user.pk}/change/", {"role": "clinician"})
    user.refresh_from_db()
    assert (user.role, user.is_active) == ("citizen", False)


def test_nobody_is_made_a_citizen_there(operator: Client, nancy: str) -> None:
    user = User.objects.get(username="holm")
    page = operator.get(f"/admin/access/user/{user.pk}/change/")
    assert 'value="clinician"' in page.content.decode()
    assert 'value="citizen"' not in page.content.decode()
    saved = operator.post(f"/admin/access/user/{user.pk}/change/", {"role": "citizen", "is_active": "on"})
    assert saved.status_code == 200
    user.refresh_from_db()
    assert user.role == "clinician"


def test_an_operator_closes_a_citizen_s_own_record(operator: Client, holm: Client) -> None:
    context = own(holm, "nancy")
    page = operator.get(f"/admin/access/patientcontext/{context}/change/").content.decode()
    assert "251248-••••" in page
    operator.post("/admin/access/patientcontext/", {"action": "close", "_selected_action": [context]})
    assert holm.get(f"/borger/{context}/kommune/").status_code == 410


# ── custody and guardianship ────────────────────────────────────────────────────────────────────────────────────────
CARE = "/admin/access/careof/"
SAID = {
    "holder_cpr": "030486-9914", "patient_cpr": "120917-9943", "kind": "custody", "patient_name": "Emil Vang Kjær",
    "valid_from": "2020-01-01", "valid_until": "", "source": "CPR",
}  # fmt: skip


def test_an_operator_enters_custody_by_two_numbers_that_are_never_shown_again(operator: Client, events: Rows) -> None:
    events()
    assert operator.post(f"{CARE}add/", SAID).status_code == 302
    row = CareOf.objects.get()
    assert (row.holder.cpr, row.patient.cpr, row.kind, row.valid_until) == ("0304869914", EMIL, "custody", None)
    assert ("admin.changed", 0, "") in events()
    assert AuditEvent.objects.get(action="admin.changed").patient_ref == row.patient_id
    for address in (CARE, f"{CARE}{row.pk}/change/"):
        page = operator.get(address).content.decode()
        assert "120917-••••" in page
        assert "030486-••••" in page
        assert "9943" not in page
        assert "9914" not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"holder_cpr": "12"},
        {"patient_cpr": ""},
        {"holder_cpr": "120917-9943"},
        {"valid_until": "2019-12-31"},
        {"kind": "proxy"},
        {"source": ""},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_said_in_the_form(operator: Client, wrong: dict[str, str]) -> None:
    answer = operator.post(f"{CARE}add/", SAID | wrong)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not CareOf.objects.exists()


def test_the_same_again_is_said_and_a_row_is_ended_not_deleted_nor_given_to_another(operator: Client) -> None:
    row = custody()
    assert operator.post(f"{CARE}add/", SAID).status_code == 200
    saved = operator.post(
        f"{CARE}{row.pk}/change/",
        {"patient_name": "Emil", "valid_until": "2026-12-31", "source": "CPR", "kind": "guardian", "holder_cpr": "x"},
    )
    assert saved.status_code == 302
    row.refresh_from_db()
    assert (str(row.valid_until), row.kind, row.holder.cpr) == ("2026-12-31", "custody", "0304869914")
    assert operator.post(f"{CARE}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def confirmed(by: Client, row: CareOf) -> str:
    """What the page says after a press on "Bekræft de valgte"."""
    pressed = {"action": "confirm", "_selected_action": [row.pk]}
    return by.post(CARE, pressed, follow=True).content.decode()


def offers_emil(parent: Client) -> bool:
    return "Emil Vang Kjær" in parent.get("/borger/").content.decode()


def test_what_one_operator_enters_shows_nobody_anything_until_another_confirms_it(
    operator: Client, colleague: Client, events: Rows
) -> None:
    parent = Client()
    operator.post(f"{CARE}add/", SAID)
    row = CareOf.objects.get()
    citizen_signs_in(parent, "maria")
    assert not offers_emil(parent)
    assert "afventer bekræftelse" in colleague.get(CARE).content.decode()
    events()
    assert "En anden skal bekræfte det" in confirmed(operator, row)
    assert ("admin.changed", 4, "own-entry") in events()
    assert not offers_emil(parent)
    assert parent.post("/borger/", {"person": f"custody.{row.patient_id}"}).status_code == 403
    assert "1 række er bekræftet" in confirmed(colleague, row)
    assert ("admin.changed", 0, "") in events()
    told = AuditEvent.objects.filter(action="admin.changed").order_by("recorded", "id").last()
    assert told is not None
    assert (told.actor_subject, told.patient_ref, told.entity) == ("drift-2", row.patient_id, f"CareOf/{row.pk}")
    assert offers_emil(parent)
    assert chosen(parent, "custody", EMIL)
    row.refresh_from_db()
    assert (row.entered_by, row.confirmed_by) == (
        User.objects.get(username="drift"), User.objects.get(username="drift-2"),
    )  # fmt: skip
    confirmed(operator, row)
    row.refresh_from_db()
    assert row.confirmed_by == User.objects.get(username="drift-2")


def test_to_end_takes_one_operator_and_to_make_it_last_longer_takes_two(operator: Client, colleague: Client) -> None:
    row, parent = custody(), Client()
    citizen_signs_in(parent, "maria")
    context = chosen(parent, "custody", EMIL)
    change = {"patient_name": "Emil Vang Kjær", "source": "CPR"}
    operator.post(f"{CARE}{row.pk}/change/", change | {"valid_until": "2020-12-31"})
    assert parent.get(f"/borger/{context}/kommune/").status_code == 410
    for longer in ("", "2099-12-31"):
        operator.post(f"{CARE}{row.pk}/change/", change | {"valid_until": longer})
        assert parent.get(f"/borger/{context}/kommune/").status_code == 410
        confirmed(operator, row)
        assert parent.get(f"/borger/{context}/kommune/").status_code == 410
        confirmed(colleague, row)
        assert parent.get(f"/borger/{context}/kommune/").status_code == 200
        operator.post(f"{CARE}{row.pk}/change/", change | {"valid_until": "2020-12-31"})
    operator.post(f"{CARE}{row.pk}/change/", change | {"valid_until": ""})
    custody(source="CPR")  # the register says the same
    assert parent.get(f"/borger/{context}/kommune/").status_code == 200


def test_the_database_takes_no_confirmation_by_whoever_entered_it(operator: Client) -> None:
    operator.post(f"{CARE}add/", SAID)
    me, now = User.objects.get(username="drift"), timezone.now()
    other = register_user(ISSUER, "drift-2", name="Else Drift", is_admin=True)
    wrongs: list[dict[str, Any]] = [
        {"confirmed_by": me, "confirmed_at": now},
        {"confirmed_by": other},
        {"confirmed_at": now},
        {"entered_by": None, "confirmed_by": other, "confirmed_at": now},
    ]
    for wrong in wrongs:
        with pytest.raises(IntegrityError), transaction.atomic():
            CareOf.objects.update(**wrong)


# ── the names of staff ──────────────────────────────────────────────────────────────────────────────────────────────
def test_an_operator_finds_a_user_by_id_and_issuer_and_reads_no_name(operator: Client, nancy: str) -> None:
    user = User.objects.get(username="holm")
    for path in ("/admin/access/user/", f"/admin/access/user/{user.pk}/change/", "/admin/access/user/?q=holm"):
        page = operator.get(path).content.decode()
        assert ISSUER in page or "change" not in path
        assert "holm" in page
        assert "Autoriseret sundhedsperson" in page
        assert "Anna" not in page
    assert str(user.pk) in operator.get(f"/admin/access/user/{user.pk}/change/").content.decode()


def test_a_log_controller_reads_the_names_of_staff_and_of_no_citizen_and_changes_nothing(
    nancy: str, events: Rows
) -> None:
    citizen("jens")
    client, controller = Client(), person("kontrol")
    client.force_login(controller)
    user = User.objects.get(username="holm")
    events()
    listed = client.get("/admin/access/user/").content.decode()
    assert "Læge Anna Holm" in listed
    assert "Thorsen" not in listed
    path = f"/admin/access/user/{user.pk}/change/"
    assert "Læge Anna Holm" in client.get(path).content.decode()
    assert [row[0] for row in events()] == ["admin.searched", "admin.viewed"]
    assert client.post(path, {"role": "log-controller", "is_active": "on"}).status_code == 403
    assert User.objects.get(pk=user.pk).role == "clinician"
