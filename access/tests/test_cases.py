"""The queue of the log controllers: they alone see it, reading and answering are events, and a judgement stands."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access import cases
from access.models import AccessReason, Case, LaunchClient, PatientContext, Role, User
from access.registering import register_user
from access.tests.cast import ISSUER, JENS, NANCY, UNIT, arrived, epj, launched, person, ticket
from access.tests.conftest import Rows
from audit.models import AuditEvent
from audit.record import SYSTEM
from organisations.models import Organisation

REASON = "Vagtlægen har bedt mig se på optagelsen."
LIST = "/admin/access/case/"
WORDS = "Der var ingen aftale om behandling den dag."


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.ROOT_URLCONF = "access.tests.urls_with_admin"
    settings.RELATION_EVIDENCE = ()


@pytest.fixture
def controller(db: None) -> Client:
    """A log controller, as a login would make one: no permission of Django's own."""
    user = register_user(ISSUER, "kontrol", title="", name="Karl Ontrol", role=Role.LOG_CONTROLLER)
    client = Client()
    client.force_login(user)
    session = client.session
    session["organization"] = {"sor": UNIT}
    session.save()
    return client


@pytest.fixture
def case(holm: Client, events: Rows) -> Case:
    """Anna Holm has opened Nancy's record without a relation, with a reason."""
    launched(holm, "holm", JENS)
    epj(unvouched=["*"])
    path = arrived(holm, ticket("holm", NANCY))
    holm.post(f"{path}aabn/", {"formaal": "other", "begrundelse": REASON})
    events()
    return Case.objects.get()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_log_controller_sees_who_opened_whose_record_and_what_was_said(
    controller: Client, case: Case, events: Rows
) -> None:
    listed = controller.get(LIST)
    assert listed.status_code == 200
    who = "Læge Anna Holm (Autoriseret sundhedsperson)"
    for expected in ("Behandlingsrelation følges op", who, "251248-••••", "E kan ikke afklares"):
        assert expected in text(listed)
    assert REASON not in text(listed)
    one = controller.get(f"{LIST}{case.pk}/change/")
    for expected in ("Læge Anna Holm (Autoriseret sundhedsperson)", f"SOR {UNIT}", "251248-••••", REASON, "Andet"):
        assert expected in text(one)
    for hidden in (NANCY, "251248-9996", "Berggren"):
        assert hidden not in text(one)
    assert events() == [("admin.searched", 0, ""), ("case.viewed", 0, "")]
    row = AuditEvent.objects.get(action="case.viewed")
    assert (row.actor_subject, row.patient_ref, row.entity) == ("kontrol", case.patient_id, f"Case/{case.pk}")
    assert REASON not in str(row.event)


def test_the_ground_of_an_override_is_said_in_words(controller: Client, case: Case) -> None:
    Case.objects.update(kind=Case.Kind.OVERRIDE, ground="patient-unreachable")
    assert "Væsentligt hensyn til borgeren" in text(controller.get(f"{LIST}{case.pk}/change/"))


def test_cases_can_be_chosen_by_kind_and_state(controller: Client, case: Case) -> None:
    assert f"{LIST}{case.pk}/" in text(controller.get(f"{LIST}?kind__exact=relation-follow-up&state__exact=open"))
    assert f"{LIST}{case.pk}/" not in text(controller.get(f"{LIST}?kind__exact=override"))
    assert f"{LIST}{case.pk}/" not in text(controller.get(f"{LIST}?state__exact=closed"))


def test_a_log_controller_sees_nothing_else_of_the_administration_and_no_record(controller: Client, case: Case) -> None:
    index = controller.get("/admin/")
    assert index.status_code == 200
    assert set(re.findall(r'href="/admin/(\w+/\w+)/"', text(index))) == {
        "access/case",
        "access/user",
        "audit/auditcheckpoint",
        "audit/auditevent",
        "audit/audithold",
        "audit/auditdropped",
        "reviews/review",
    }
    for model in ("access/patientcontext", "access/launchclient", "access/override", "access/block"):
        assert controller.get(f"/admin/{model}/").status_code == 403
    assert controller.get(f"/k/{case.context}/ekg/").status_code == 404
    assert controller.get(f"{LIST}add/").status_code == 403
    assert controller.get(f"{LIST}{case.pk}/delete/").status_code == 403


def test_nobody_else_sees_the_queue_or_a_reason_whatever_django_lets_them(case: Case) -> None:
    everything = Permission.objects.filter(content_type__app_label="access")
    for username, extra in (("drift", {"is_superuser": True}), ("holm", {}), ("krogh", {})):
        user = person(username)
        user.user_permissions.set(everything)
        User.objects.filter(pk=user.pk).update(is_staff=True, **extra)
        client = Client()
        client.force_login(user)
        assert client.get(LIST).status_code == 403
        assert client.get(f"{LIST}{case.pk}/change/").status_code == 403
        assert client.get("/admin/access/accessreason/").status_code == 404
        assert "access/case" not in text(client.get("/admin/"))
        assert REASON not in text(client.get(f"/admin/access/patientcontext/{case.context}/change/"))


@pytest.mark.parametrize(
    "written", ['"sor:999000000000230"', "5", "[5]", '["999000000000230"]', '{"*": 1}', '["sor:*"]']
)
def test_a_list_of_units_that_would_mean_none_is_not_taken(case: Case, written: str) -> None:
    User.objects.filter(pk=person("drift").pk).update(is_staff=True, is_superuser=True)
    client, system = Client(), LaunchClient.objects.get()
    client.force_login(User.objects.get(username="drift"))
    answer = client.post(f"/admin/access/launchclient/{system.pk}/change/", {"unvouched": written, "active": "on"})
    assert "Skriv en liste som" in text(answer)
    assert LaunchClient.objects.get().unvouched == ["*"]


def test_an_operator_makes_no_log_controller_of_oneself(case: Case, events: Rows) -> None:
    User.objects.filter(pk=person("drift").pk).update(is_staff=True, is_superuser=True)
    client, me = Client(), User.objects.get(username="drift")
    client.force_login(me)
    assert client.post(f"/admin/access/user/{me.pk}/change/", {"role": "log-controller", "is_active": "on"})
    assert User.objects.get(pk=me.pk).role == Role.OPERATOR
    answer = client.get(f"{LIST}{case.pk}/change/")
    assert answer.status_code == 403
    assert REASON not in text(answer)


def test_a_log_controller_who_is_switched_off_is_out(controller: Client, case: Case) -> None:
    User.objects.filter(username="kontrol").update(is_active=False)
    assert controller.get(LIST).status_code == 302


@pytest.mark.parametrize(
    ("organisation", "sees"),
    [
        ({"sor": UNIT}, True),
        ({"sor": "999000000000010"}, True),
        ({"sor": "999000000000111"}, False),
        ({"cvr": "12345678"}, False),
        (None, False),
    ],
)
def test_a_log_controller_of_a_unit_sees_the_cases_of_that_unit_and_those_below(
    controller: Client, case: Case, organisation: dict[str, str] | None, sees: bool
) -> None:
    for sor, parent in (("999000000000010", "999000000000020"), (UNIT, "999000000000010"), ("999000000000020", UNIT)):
        Organisation.objects.create(sor=sor, name=sor, parent_sor=parent)  # a ring: the register is not ours
    session = controller.session
    session["organization"] = organisation
    session.save()
    assert (f"{LIST}{case.pk}/" in text(controller.get(LIST))) is sees
    one = controller.get(f"{LIST}{case.pk}/change/")
    assert (one.status_code == 200) is sees
    assert (REASON in text(one)) is sees


@pytest.mark.parametrize(("outcome", "state"), [("justified", "closed"), ("not-justified", "closed")])
def test_a_judgement_closes_the_case_for_good(
    controller: Client, case: Case, events: Rows, outcome: str, state: str
) -> None:
    assert controller.post(f"{LIST}{case.pk}/change/", {"outcome": outcome, "answer": WORDS}).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.outcome, case.closed_by.username) == (state, outcome, "kontrol")  # type: ignore[union-attr]
    assert ("case.answered", 0, outcome) in events()
    answered = AuditEvent.objects.get(action="case.answered")
    assert re.fullmatch("[0-9a-f]{32}", answered.request_id)
    controller.post(f"{LIST}{case.pk}/change/", {"outcome": "awaits-answer", "answer": WORDS})
    case.refresh_from_db()
    assert case.outcome == outcome
    assert "case.answered" not in [row[0] for row in events()]


def test_a_case_that_waits_for_an_answer_stays_open(controller: Client, case: Case, events: Rows) -> None:
    controller.post(f"{LIST}{case.pk}/change/", {"outcome": "awaits-answer", "answer": WORDS})
    case.refresh_from_db()
    assert (case.state, case.outcome, case.closed_by) == ("open", "awaits-answer", None)
    assert ("case.answered", 0, "awaits-answer") in events()
    controller.post(f"{LIST}{case.pk}/change/", {"outcome": "justified"})
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "justified")


@pytest.mark.parametrize("outcome", ["confirmed", "not-confirmed", "x"])
def test_what_only_the_system_can_find_nobody_can_say(
    controller: Client, case: Case, events: Rows, outcome: str
) -> None:
    assert controller.post(f"{LIST}{case.pk}/change/", {"outcome": outcome, "state": "closed"}).status_code == 200
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("open", "")
    with pytest.raises(ValueError, match="person"):
        cases.answered(case, Case.Outcome.CONFIRMED, User.objects.get(username="kontrol"), SYSTEM)


def test_an_answer_that_cannot_be_recorded_is_not_given(controller: Client, case: Case) -> None:
    from unittest.mock import patch

    from audit.record import NotRecorded

    with patch("access.cases.record", side_effect=NotRecorded("down")):
        assert controller.post(f"{LIST}{case.pk}/change/", {"outcome": "justified"}).status_code == 503
    case.refresh_from_db()
    assert case.state == "open"


def test_an_event_has_one_case_of_each_kind(holm: Client, nancy: str, events: Rows) -> None:
    context, event = PatientContext.objects.get(pk=nancy), AuditEvent.objects.order_by("id").last()
    assert event is not None
    first = cases.opened(Case.Kind.OVERRIDE, context, event.id, ground="patient-consented")
    again = cases.opened(Case.Kind.OVERRIDE, context, event.id, ground="public-interest")
    assert first == again
    assert events() == [("case.opened", 0, "override")]
    assert (first.context, first.organisation_id, first.ground) == (nancy, UNIT, "patient-consented")


def whole(case: Case, **changed: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**changed)


def test_the_database_keeps_a_case_whole(case: Case) -> None:
    now = timezone.now()
    whole(case, state="closed")
    whole(case, state="closed", closed_at=now, outcome="justified", next_try=None)  # by nobody
    whole(case, outcome="justified")
    whole(case, state="closed", closed_at=now, outcome="confirmed", next_try=now)
    whole(case, due=case.created - timedelta(seconds=1))
    assert case.reason is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessReason.objects.filter(pk=case.reason.pk).update(ground="Fri tekst")


def test_a_forgotten_reason_leaves_the_case(case: Case, controller: Client) -> None:
    AccessReason.objects.all().delete()
    assert controller.get(f"{LIST}{case.pk}/change/").status_code == 200


def test_an_operator_sees_what_a_record_was_opened_on_and_says_which_units_are_vouched_for(
    case: Case, events: Rows
) -> None:
    User.objects.filter(pk=person("drift").pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(username="drift"))
    page = text(client.get(f"/admin/access/patientcontext/{case.context}/change/"))
    assert "E kan ikke afklares" in page
    assert 'name="relation"' not in page
    system = LaunchClient.objects.get()
    posted = {"unvouched": '["sor:999000000000230"]', "asks_purpose": "on", "active": "on"}
    assert client.post(f"/admin/access/launchclient/{system.pk}/change/", posted).status_code == 302
    system.refresh_from_db()
    assert (system.unvouched, system.asks_purpose) == (["sor:999000000000230"], True)
    assert "admin.changed" in [row[0] for row in events()]


# ── the queue ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_has_waited_longest_stands_on_top_and_what_is_late_can_be_asked_for(
    controller: Client, case: Case, holm: Client
) -> None:
    now, context = timezone.now(), PatientContext.objects.get(pk=case.context)
    Case.objects.filter(pk=case.pk).update(created=now - timedelta(days=40), due=now - timedelta(days=10))
    events = list(AuditEvent.objects.values_list("id", flat=True)[:2])
    later = cases.opened(Case.Kind.OVERRIDE, context, events[0], ground="public-interest")
    done = cases.opened(Case.Kind.MANUAL, context, events[1])
    Case.objects.filter(pk=done.pk).update(created=now - timedelta(days=90), due=now - timedelta(days=60))
    cases.answered(done, Case.Outcome.JUSTIFIED, User.objects.get(username="kontrol"), SYSTEM)
    Case.objects.filter(pk=later.pk).update(due=now + timedelta(days=3))
    listed = text(controller.get(LIST))
    places = [listed.index(f"{LIST}{each.pk}/") for each in (case, later, done)]
    assert places == sorted(places), "open ones first, the oldest on top"
    assert "(overskredet)" in listed
    for chosen, expected in (("overskredet", {case.pk}), ("snart", {later.pk}), ("x", {case.pk, later.pk, done.pk})):
        found = text(controller.get(f"{LIST}?frist={chosen}"))
        assert {each.pk for each in (case, later, done) if f"{LIST}{each.pk}/" in found} == expected
    index = text(controller.get("/admin/"))
    assert "Sager (2 åbne, 1 over fristen)" in index
    Case.objects.filter(pk=case.pk).update(due=now + timedelta(days=1))
    assert "Sager (2 åbne)" in text(controller.get("/admin/"))


@pytest.mark.parametrize("outcome", ["not-justified", "awaits-answer"])
def test_what_is_said_against_somebody_takes_words_that_stay_out_of_the_log(
    controller: Client, case: Case, events: Rows, outcome: str
) -> None:
    said = {"outcome": outcome, "answer": " kort  ​ "}
    answer = controller.post(f"{LIST}{case.pk}/change/", said)
    assert "Skriv en begrundelse på mindst 10 tegn." in text(answer)
    case.refresh_from_db()
    assert case.outcome == ""
    assert controller.post(f"{LIST}{case.pk}/change/", said | {"answer": WORDS}).status_code == 302
    case.refresh_from_db()
    assert (case.outcome, case.answer) == (outcome, WORDS)
    assert WORDS in text(controller.get(f"{LIST}{case.pk}/change/"))
    assert ("case.answered", 0, outcome) in events()
    assert WORDS not in str(list(AuditEvent.objects.values_list("event", flat=True)))


def test_five_hundred_cases_cost_as_many_queries_as_one(controller: Client, case: Case) -> None:
    with CaptureQueriesContext(connection) as few:
        assert "Sager (1 åben)" in text([controller.get(LIST), controller.get("/admin/")][1])
    kept = {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}
    Case.objects.bulk_create(Case(**kept | {"id": uuid4(), "event": uuid4()}) for _ in range(499))
    with CaptureQueriesContext(connection) as many:
        assert "Sager (500 åbne)" in text([controller.get(LIST), controller.get("/admin/")][1])
    assert len(many) == len(few)
