"""The administration: to look is an event, and nothing clinical or recorded can be changed there."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages.storage import default_storage
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.test import Client, RequestFactory
from django.urls import reverse

from audit.actions import Action
from audit.admin_base import RecordedAdmin, masked, recorded_action
from audit.admin_site import RecordedAdminSite
from audit.models import AuditEvent
from audit.record import Outcome, record
from audit.tests.conftest import HOLM

pytestmark = pytest.mark.django_db
LIST = "admin:audit_auditevent_changelist"
CPR = "2512489996"


@pytest.fixture
def operator(client: Client) -> Any:
    """Somebody who may see everything in the administration, signed in."""
    user = get_user_model().objects.create_superuser("drift", password="x", role="operator")
    client.force_login(user)
    return user


@pytest.fixture
def event(operator: Any) -> AuditEvent:
    """An event about a patient, for the operator to find."""
    patient = uuid.uuid4()
    key = record(
        Action.EKG_RECORDING_VIEWED, actor=HOLM, patient=patient, entity=f"Recording/{patient}", context="ctx-of-holm"
    )
    return AuditEvent.objects.get(pk=key)


def newest() -> AuditEvent:
    found = AuditEvent.objects.order_by("-recorded").first()
    assert found is not None
    return found


def row_of(event: AuditEvent) -> str:
    return reverse("admin:audit_auditevent_change", args=[event.pk])


def broken(*_: Any, **__: Any) -> None:
    raise DatabaseError("disk full")


def test_the_log_is_listed_in_danish_and_that_is_an_event(client: Client, operator: Any, event: AuditEvent) -> None:
    response = client.get(reverse(LIST))
    html = response.content.decode()
    assert response.status_code == 200
    for words in ("Fik vist EKG", "Bruger holm", "Lykkedes", str(event.patient_ref), "Denne måned"):
        assert words in html
    seen = newest()
    assert (seen.action, seen.entity, seen.actor_ref) == ("audit.searched", "AuditEvent", operator.pk)
    assert response["X-Audit-Id"] == str(seen.pk)
    assert "Tilføj" not in html


def test_opening_a_row_is_an_event_about_its_patient(client: Client, event: AuditEvent) -> None:
    response = client.get(row_of(event))
    html = response.content.decode()
    assert response.status_code == 200
    assert "&quot;resourceType&quot;: &quot;AuditEvent&quot;" in html
    assert "Gem" not in html.split("<form", 1)[1].split("</form>")[0]
    seen = newest()
    assert (seen.action, seen.entity) == ("audit.viewed", f"AuditEvent/{event.pk}")
    assert (seen.patient_ref, seen.outcome) == (event.patient_ref, 0)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("change", {"action": "other"}),
        ("delete", {"post": "yes"}),
        ("add", {}),
        ("changelist", {"action": "delete_selected", "_selected_action": "{pk}", "post": "yes"}),
    ],
)
def test_the_log_refuses_every_change(client: Client, event: AuditEvent, name: str, data: dict[str, str]) -> None:
    arguments = [event.pk] if name in {"change", "delete"} else []
    posted = {key: value.format(pk=event.pk) for key, value in data.items()}
    response = client.post(reverse(f"admin:audit_auditevent_{name}", args=arguments), posted)
    assert AuditEvent.objects.get(pk=event.pk).event == event.event
    if name == "changelist":
        assert "delete_selected" not in response.content.decode()
    else:
        assert response.status_code == 403
        assert (newest().outcome, newest().reason) == (4, "denied")


def test_what_cannot_be_recorded_is_not_shown(
    client: Client, event: AuditEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.record._insert", broken)
    for address in (reverse(LIST), row_of(event), reverse("admin:audit_auditevent_history", args=[event.pk])):
        response = client.get(address)
        assert response.status_code == 503
        assert "kan ikke registreres" in response.content.decode()
        assert str(event.pk) not in response.content.decode()


def test_a_row_that_is_not_there_is_recorded_as_refused(client: Client, operator: Any) -> None:
    missing = uuid.uuid4()
    assert client.get(reverse("admin:audit_auditevent_change", args=[missing])).status_code == 302
    assert (newest().outcome, newest().reason, newest().entity) == (4, "not-found", f"AuditEvent/{missing}")
    assert client.get(reverse("admin:audit_auditevent_change", args=[CPR])).status_code == 302
    assert CPR not in json.dumps(newest().event)
    assert newest().entity.startswith("AuditEvent/hash-")


@pytest.mark.parametrize("by", ["patient_ref", "pk", "context"])
def test_the_log_is_searched_by_patient_event_or_context(client: Client, event: AuditEvent, by: str) -> None:
    words = str(getattr(event, by))
    html = client.get(reverse(LIST), {"q": words}).content.decode()
    assert str(event.patient_ref) in html
    told = newest().event["entity"][0]["detail"][0]["valueString"]
    assert told == words if by != "context" else words not in told


def test_search_words_are_kept_as_a_code_that_equal_words_share(client: Client, operator: Any) -> None:
    codes = []
    for words in ("Jens Hansen", "Jens Hansen", "Jens Hansson"):
        client.get(reverse(LIST), {"q": words})
        assert "Jens" not in json.dumps(newest().event)
        codes.append(newest().event["entity"][0]["detail"][0]["valueString"])
    assert codes[0] == codes[1] != codes[2]


@pytest.mark.parametrize("query", [{"q": "251248-9996"}, {"q": CPR}, {"patient_ref": CPR}])
def test_a_cpr_number_in_the_address_is_refused_and_not_repeated(
    client: Client, operator: Any, query: dict[str, str]
) -> None:
    response = client.get(reverse(LIST), query)
    assert (response.status_code, response["Location"]) == (302, reverse(LIST))
    assert (newest().outcome, newest().reason) == (4, "cpr-in-address")
    assert CPR not in json.dumps(newest().event)
    assert "Skriv ikke CPR-numre" in client.get(reverse(LIST)).content.decode()


def test_fields_that_are_no_filter_cannot_be_asked_for(client: Client, operator: Any, event: AuditEvent) -> None:
    """Else a CPR number could be guessed digit by digit with ?cpr__startswith=."""
    response = client.get(reverse(LIST), {"actor_subject__startswith": "h"})
    assert response.status_code in {302, 400}
    assert client.get(reverse(LIST), {"udfald": "0"}).status_code == 200


def test_the_list_shows_one_month_and_costs_the_same_however_many_rows(
    client: Client, event: AuditEvent, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12) as few:
        client.get(reverse(LIST))
    for _ in range(30):
        record(Action.EKG_IMAGE_FETCHED, actor=HOLM, outcome=Outcome.MINOR, reason="not-found")
    with django_assert_max_num_queries(len(few.captured_queries)):
        html = client.get(reverse(LIST), {"handling": "ekg_image.fetched"}).content.decode()
    assert html.count("Afvist (not-found)") == 30
    assert html.count("Fik vist EKG</td>") == 0
    assert client.get(reverse(LIST), {"maaned": "2020-01"}).status_code == 200


@time_machine.travel(datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
def test_a_month_and_a_day_of_it_can_be_chosen_in_local_time(client: Client, operator: Any) -> None:
    client.force_login(operator)
    patient = uuid.uuid4()
    record(Action.EKG_RECORDING_VIEWED, actor=HOLM, patient=patient)

    def shown(**chosen: str) -> bool:
        response = client.get(reverse(LIST), chosen, follow=True)
        assert response.status_code == 200
        return str(patient) in response.content.decode()

    assert shown(maaned="2026-11")
    assert shown(dag="21"), "half past midnight in Copenhagen"
    assert not shown(dag="20")
    assert not shown(maaned="2026-10")
    assert shown(dag="99"), "no day of the month: all of them"
    assert shown(maaned="nonsense"), "back to the list"
    assert not shown(udfald="4")
    assert shown(udfald="0", aktoer="user", handling="ekg_recording.viewed")


def test_who_has_no_permission_sees_nothing_and_that_is_an_event(client: Client, event: AuditEvent) -> None:
    clerk = get_user_model().objects.create_user("kontor", password="x", is_staff=True, role="operator")
    client.force_login(clerk)
    assert client.get(row_of(event)).status_code == 403
    assert (newest().actor_ref, newest().outcome, newest().reason) == (clerk.pk, 4, "denied")


@pytest.mark.parametrize("role", ["clinician", "assistant", "municipal"])
def test_who_works_with_records_reads_no_log_there_whatever_django_allows(
    client: Client, event: AuditEvent, role: str
) -> None:
    client.force_login(get_user_model().objects.create_superuser("chef", password="x", role=role))
    for address in (reverse(LIST), row_of(event)):
        assert client.get(address).status_code == 403
        assert (newest().outcome, newest().reason) == (4, "denied")


def test_a_log_controller_reads_all_of_it_and_that_is_an_event(client: Client, event: AuditEvent) -> None:
    controller = get_user_model().objects.create_user("kontrol", role="log-controller")
    client.force_login(controller)
    assert "Bruger holm" in client.get(reverse(LIST)).content.decode()
    assert (newest().action, newest().actor_ref, newest().outcome) == ("audit.searched", controller.pk, 0)
    assert str(event.patient_ref) in client.get(row_of(event)).content.decode()
    assert (newest().action, newest().patient_ref) == ("audit.viewed", event.patient_ref)
    for name in ("add", "delete"):
        arguments = [event.pk] if name == "delete" else []
        assert client.get(reverse(f"admin:audit_auditevent_{name}", args=arguments)).status_code == 403


@pytest.mark.parametrize("model", ["audithold", "auditdropped"])
@pytest.mark.parametrize(("role", "status"), [("log-controller", 200), ("operator", 302), ("clinician", 302)])
def test_months_held_and_months_gone_are_for_the_log_control_to_look_at(
    client: Client, model: str, role: str, status: int
) -> None:
    client.force_login(get_user_model().objects.create_user("en", role=role))
    assert client.get(reverse(f"admin:audit_{model}_changelist")).status_code == status
    if status == 200:
        name = {"audithold": "AuditHold", "auditdropped": "AuditDropped"}[model]
        assert (newest().action, newest().entity, newest().outcome) == ("audit.searched", name, 0)
        assert client.get(reverse(f"admin:audit_{model}_add")).status_code == 403


def test_the_administration_has_no_door_of_its_own(client: Client) -> None:
    response = client.get(reverse(LIST), follow=True)
    assert response.redirect_chain[0][0].startswith("/admin/login/")
    assert "Log ind" in response.content.decode()
    site = RecordedAdminSite()
    request = RequestFactory().get("/admin/login/?next=/admin/audit/")
    assert site.login(request)["Location"] == reverse("access:sign_in") + "?next=%2Fadmin%2Faudit%2F"


def test_only_recorded_pages_can_be_registered() -> None:
    site = RecordedAdminSite()
    with pytest.raises(ImproperlyConfigured):
        site.register(AuditEvent)
    with pytest.raises(ImproperlyConfigured):
        site.register(AuditEvent, admin.ModelAdmin)
    site.register(Group, admin.ModelAdmin)
    assert not site._registry, "Django's own pages are left out"
    assert isinstance(admin.site, RecordedAdminSite)
    assert all(isinstance(page, RecordedAdmin) for page in admin.site._registry.values())


def test_autocomplete_is_off(client: Client, operator: Any) -> None:
    assert client.get(reverse("admin:autocomplete")).status_code == 404


def test_nobody_asks_by_an_address_whether_a_row_is_there(client: Client, operator: Any, event: AuditEvent) -> None:
    """Django's way from a row to its page on the site: no row here has one, and no event would tell of the question."""
    kind = ContentType.objects.get_for_model(AuditEvent)
    for row in (event.pk, uuid.uuid4(), "1"):
        assert client.get(f"/admin/r/{kind.pk}/{row}/").status_code == 404


def test_a_changed_password_is_an_event_or_is_not_changed(
    client: Client, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = "et-langt-kodeord-27"
    posted = {"old_password": "x", "new_password1": new, "new_password2": new}
    with monkeypatch.context() as patched:
        patched.setattr("audit.record._insert", broken)
        assert client.post(reverse("admin:password_change"), posted).status_code == 503
    operator.refresh_from_db()
    assert operator.check_password("x")
    client.force_login(operator)
    assert client.post(reverse("admin:password_change"), posted).status_code == 302
    operator.refresh_from_db()
    assert operator.check_password(new)
    assert (newest().action, newest().entity) == ("admin.changed", f"User/{operator.pk}")


# ── what other rooms build on ───────────────────────────────────────────────────────────────────────────────────────


class Groups(RecordedAdmin):
    """Any table will do: this one lets rows be changed, and has an action."""

    allows = frozenset({"add", "change", "delete"})

    @staticmethod
    @recorded_action(Action.QUARANTINE_RETRIED, "Behandl igen")
    def again(modeladmin: RecordedAdmin, request: Any, row: Any) -> None:
        if row.name == "fails":
            raise RuntimeError
        row.name += " again"
        row.save()

    actions = [again]


@pytest.fixture
def groups() -> Groups:
    site = RecordedAdminSite()
    site.register(Group, Groups)
    page = site._registry[Group]
    assert isinstance(page, Groups)
    return page


@pytest.fixture
def ask(operator: Any) -> Any:
    def ask(method: str, data: dict[str, Any]) -> Any:
        request = getattr(RequestFactory(), method)("/admin/auth/group/", data)
        request.user, request.session = operator, {}
        request._messages = default_storage(request)
        request._dont_enforce_csrf_checks = True
        return request

    return ask


@pytest.fixture
def routed(settings: Any) -> None:
    """The pages link to each other by name; a table that the house does not show has no names of its own."""
    settings.ROOT_URLCONF = "audit.tests.urls"


@pytest.mark.usefixtures("routed")
def test_a_change_and_its_event_share_a_transaction(groups: Groups, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert groups.changeform_view(ask("post", {"name": "first"})).status_code == 302
    row = groups.model.objects.get()
    assert (newest().action, newest().entity) == ("admin.changed", f"Group/{row.pk}")
    assert newest().event["entity"][0]["detail"] == [{"type": "change", "valueString": "added"}]
    with monkeypatch.context() as patched:
        patched.setattr("audit.record._insert", broken)
        assert groups.changeform_view(ask("post", {"name": "second"}), str(row.pk)).status_code == 503
        assert groups.delete_view(ask("post", {"post": "yes"}), str(row.pk)).status_code == 503
    row.refresh_from_db()
    assert row.name == "first"
    assert groups.delete_view(ask("post", {"post": "yes"}), str(row.pk)).status_code == 302
    assert newest().event["entity"][0]["detail"] == [{"type": "change", "valueString": "deleted"}]


@pytest.mark.usefixtures("routed")
def test_a_form_shown_again_with_its_errors_is_a_look(groups: Groups, ask: Any) -> None:
    row = groups.model.objects.create(name="first")
    assert groups.changeform_view(ask("post", {"name": ""}), str(row.pk)).status_code == 200
    assert (newest().action, newest().entity) == ("admin.viewed", f"Group/{row.pk}")


@pytest.mark.usefixtures("routed")
def test_an_action_records_each_row_or_does_nothing_to_it(
    groups: Groups, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [groups.model.objects.create(name=name) for name in ("one", "two")]
    chosen = {"action": "again", "_selected_action": [str(row.pk) for row in rows], "index": "0"}
    with monkeypatch.context() as patched:
        patched.setattr("audit.record._insert", broken)
        assert groups.changelist_view(ask("post", chosen)).status_code == 503
    assert sorted(groups.model.objects.values_list("name", flat=True)) == ["one", "two"]
    assert groups.changelist_view(ask("post", chosen)).status_code == 302
    assert sorted(groups.model.objects.values_list("name", flat=True)) == ["one again", "two again"]
    retried = AuditEvent.objects.filter(action="quarantine.retried", entity__in=[f"Group/{row.pk}" for row in rows])
    assert retried.count() == 2


@pytest.mark.usefixtures("routed")
def test_a_fault_is_recorded_as_ours(groups: Groups, ask: Any) -> None:
    row = groups.model.objects.create(name="fails")
    chosen = {"action": "again", "_selected_action": [str(row.pk)], "index": "0"}
    with pytest.raises(RuntimeError):
        groups.changelist_view(ask("post", chosen))
    assert (newest().action, newest().outcome, newest().reason) == ("admin.searched", 8, "error")
    assert not AuditEvent.objects.filter(action="quarantine.retried", entity=f"Group/{row.pk}").exists()


def test_masked_keeps_the_birth_date() -> None:
    assert masked(CPR) == "251248-••••"
    assert masked("") == ""
