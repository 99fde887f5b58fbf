"""Værdispring: who may, on what ground, for how long, and every trace that it leaves."""

import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from access import contexts, retention
from access.consent import overriding
from access.models import AccessReason, Block, Case, Override, PatientContext, Role, User
from access.tests import cast
from access.tests.blocks import REASON, UNREACHABLE, block, override
from access.tests.cast import JENS, NANCY, launched
from access.tests.conftest import Rows
from access.tests.test_consent import BLOCKED, seen
from audit.models import AuditEvent
from audit.record import NotRecorded, record
from sundhedsjournal.tests.pages import CheckingClient, check_page, words

pytestmark = pytest.mark.django_db
STARTED, STOPPED = "override.started", "override.stopped"
CONSIDERED, REFUSED, VIEWED = "override.considered", "access.refused", "ekg_folder.viewed"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def blocked(nancy: str, events: Rows) -> str:
    """Nancy's record open in Anna Holm's browser, all of it blocked."""
    block("all")
    events()
    return nancy


@pytest.fixture
def overridden(holm: Client, blocked: str, events: Rows) -> str:
    """The same a moment after Anna Holm has overridden the block."""
    assert override(holm, blocked).status_code == 303
    events()
    return blocked


def page(context: str) -> str:
    return f"/k/{context}/vaerdispring/"


def folder(client: Client, context: str) -> Any:
    return client.get(f"/k/{context}/ekg/")


def purpose(response: Any) -> str:
    return AuditEvent.objects.get(pk=response["X-Audit-Id"]).purpose


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_is_chosen_for_the_user_and_the_way_back_is_the_button_that_enter_presses(
    holm: Client, blocked: str, events: Rows
) -> None:
    answer = holm.get(page(blocked))
    assert answer.status_code == 200
    root = check_page(answer)
    radios = [each for each in root.iter("input") if each.get("type") == "radio"]
    assert len(radios) == 3
    assert [each.get("checked") for each in radios] == [None] * 3
    main = next(root.iter("main"))
    buttons = [(words(each), "primary" in each.get("class")) for each in main.iter("button")]
    assert buttons == [("Annullér", True), ("Vis spærrede oplysninger", False)]
    assert events() == [(CONSIDERED, 0, "")]
    assert holm.post(page(blocked), {"annuller": "1", **UNREACHABLE}).status_code == 303
    assert not Override.objects.exists()
    assert events() == [(CONSIDERED, 0, "")]
    assert not seen(holm, blocked)


def test_where_nothing_is_blocked_there_is_nothing_to_override(holm: Client, nancy: str, events: Rows) -> None:
    assert holm.get(page(nancy)).status_code == 404
    assert override(holm, nancy).status_code == 404
    assert events() == [(REFUSED, 4, "not-found")] * 2


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"ground": ""}, "Vælg en grund."),
        ({"ground": "curiosity"}, "Vælg en grund."),
        ({"reason": ""}, "Skriv en begrundelse."),
        ({"reason": "   haster      "}, "Skriv en begrundelse på mindst 10 tegn."),
        ({"reason": "haster" + "\u200b\u00ad" * 9}, "Skriv en begrundelse på mindst 10 tegn."),
        ({"reason": "x" * 2001}, "Skriv en begrundelse på højst 2000 tegn."),
    ],
)
def test_without_a_ground_and_a_reason_nothing_is_shown(
    holm: Client, blocked: str, events: Rows, said: dict[str, str], told: str
) -> None:
    answer = override(holm, blocked, **said)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert events() == [(CONSIDERED, 4, "422")]
    assert not Override.objects.exists()
    assert not AccessReason.objects.exists()
    assert not seen(holm, blocked)


@pytest.mark.parametrize(("part", "room"), [("", "ekg"), ("ekg", "ekg"), ("kommune", "kommune"), ("//evil.dk", "ekg")])
def test_the_way_leads_back_to_where_the_user_came_from(holm: Client, blocked: str, part: str, room: str) -> None:
    answer = holm.post(f"{page(blocked)}?fra={part}", UNREACHABLE)
    assert answer["Location"] == f"/k/{blocked}/{room}/"


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("role", "authorised", "status"),
    [
        (Role.MUNICIPAL, False, 403),
        (Role.MUNICIPAL, True, 200),
        (Role.CLINICIAN, False, 403),
        (Role.CLINICIAN, True, 200),
    ],
)
def test_only_authorised_staff_may(
    holm: Client, blocked: str, events: Rows, role: Role, authorised: bool, status: int
) -> None:
    User.objects.filter(username="holm").update(role=role, authorised=authorised)
    PatientContext.objects.update(audience=role)
    answer = holm.get(page(blocked))
    assert answer.status_code == status
    assert events() == [(CONSIDERED, 0, "") if status == 200 else (REFUSED, 4, "forbidden")]
    if status == 403:
        assert "Du har ikke adgang til denne borgers oplysninger." in answer.content.decode()
        assert override(holm, blocked).status_code == 403
        assert not Override.objects.exists()


def test_an_assistant_may_not(holm: Client, blocked: str, events: Rows) -> None:
    User.objects.filter(username="holm").update(role=Role.ASSISTANT, authorised=True)
    assert holm.get(page(blocked)).status_code == 403
    assert override(holm, blocked).status_code == 403
    assert [row[:2] for row in events()] == [(REFUSED, 4)] * 2
    assert not Override.objects.exists()


def test_19_who_may_no_more_sees_nothing_of_it_from_the_very_next_request(
    holm: Client, blocked: str, events: Rows
) -> None:
    User.objects.filter(username="holm").update(role=Role.MUNICIPAL, authorised=True)
    PatientContext.objects.update(audience=Role.MUNICIPAL)
    care = f"/k/{blocked}/kommune/"
    assert override(holm, blocked).status_code == 303
    assert AuditEvent.objects.get(pk=holm.get(care)["X-Audit-Id"]).purpose == "BTG"
    User.objects.filter(username="holm").update(authorised=False)
    events()
    answer = holm.get(care)
    assert answer.status_code == 200
    assert AuditEvent.objects.get(pk=answer["X-Audit-Id"]).purpose == "TREAT"
    assert events() == [(STOPPED, 0, "override-not-allowed"), ("eoj.viewed", 0, "")]
    assert Override.objects.get().ended_at is not None


# ── what it does ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_ground_and_a_reason_show_everything_and_leave_a_line_a_row_and_a_reason(
    holm: Client, blocked: str, events: Rows
) -> None:
    answer = override(holm, blocked)
    assert answer.status_code == 303
    assert events() == [(STARTED, 0, ""), ("case.opened", 0, "override")]
    made, context = Override.objects.get(), PatientContext.objects.get()
    assert (made.context, made.patient_id, made.user_id) == (blocked, context.patient_id, context.user_id)
    assert (made.ground, made.organisation, made.role) == ("patient-unreachable", cast.UNIT, "clinician")
    assert made.ends - made.started == timedelta(minutes=30)
    assert made.reason is not None
    assert (made.reason.text, made.reason.context) == (REASON, blocked)

    event = AuditEvent.objects.get(pk=answer["X-Audit-Id"])
    assert (event.purpose, event.entity, event.context) == ("BTG", f"Override/{made.pk}", blocked)
    assert (event.type, event.subtype) == ("110113", ["110127"])
    assert "patient-unreachable" in str(event.event)
    assert REASON not in str(list(AuditEvent.objects.values_list("event", flat=True)))
    assert seen(holm, blocked)


def test_the_banner_names_the_purpose_while_it_runs(holm: Client, blocked: str) -> None:
    assert "Formål: Aktuel behandling" in words(check_page(folder(holm, blocked)))
    override(holm, blocked)
    assert "Formål: Værdispring" in words(check_page(folder(holm, blocked)))
    holm.post(f"/k/{blocked}/vaerdispring/slut")
    assert "Formål: Aktuel behandling" in words(check_page(folder(holm, blocked)))


def test_while_it_runs_every_page_says_so_and_every_line_has_the_purpose(
    holm: Client, overridden: str, events: Rows
) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=3, seconds=30)):
        for rest in ("ekg/", "kommune/"):
            shown = holm.get(f"/k/{overridden}/{rest}").content.decode()
            assert "Værdispring: Du ser oplysninger, som borgeren har spærret." in shown
            assert "Adgangen udløber om 27 minutter." in shown
            assert BLOCKED in shown
            assert f'action="/k/{overridden}/vaerdispring/slut"' in shown
        for rest in ("ekg/", "kommune/", "ekg/original.pdf", "ekg/image.png", "ekg/odd/missing/"):
            answer = holm.get(f"/k/{overridden}/{rest}")
            assert purpose(answer) == "BTG"
            assert str(Override.objects.get().pk) in str(AuditEvent.objects.get(pk=answer["X-Audit-Id"]).event)
        assert holm.get(page(overridden)).status_code == 303


def test_it_holds_in_its_own_context_alone(holm: Client, overridden: str) -> None:
    again = launched(holm, "holm", NANCY)
    block("all", cpr=JENS)
    other = launched(holm, "holm", JENS)
    assert seen(holm, overridden)
    assert not seen(holm, again)
    assert not seen(holm, other)
    assert purpose(folder(holm, again)) == "TREAT"


def test_a_second_press_begins_no_second_override(holm: Client, overridden: str) -> None:
    assert override(holm, overridden).status_code == 303
    assert Override.objects.count() == AccessReason.objects.count() == 1


def test_two_at_once_find_the_same(holm: Client, overridden: str) -> None:
    held = Override.objects.get()
    held.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        Override.objects.create(**{f.attname: getattr(held, f.attname) for f in held._meta.fields if f.name != "id"})


def test_two_presses_at_the_same_moment_leave_one_line_and_one_case(holm: Client, blocked: str, events: Rows) -> None:
    before = contexts.find(blocked)  # what the gate of the second has read when the first begins
    assert override(holm, blocked).status_code == 303
    events()
    with patch("access.gate.contexts.find", return_value=before):
        assert override(holm, blocked, ground="public-interest").status_code == 303
    assert events() == [(CONSIDERED, 0, "")]
    assert Override.objects.get().ground == "patient-unreachable"
    assert Override.objects.count() == AccessReason.objects.count() == Case.objects.count() == 1


def test_no_line_no_override(holm: Client, blocked: str) -> None:
    with patch("access.visit.record", side_effect=NotRecorded("down")):
        assert override(holm, blocked).status_code == 503
    assert not Override.objects.exists()
    assert not AccessReason.objects.exists()
    assert not seen(holm, blocked)


# ── how it ends ─────────────────────────────────────────────────────────────────────────────────────────────────────
def stop_of(context: str) -> AuditEvent:
    event = AuditEvent.objects.get(action=STOPPED)
    assert (event.type, event.subtype, event.purpose) == ("110113", ["110138"], "BTG")
    assert (event.context, event.entity) == (context, f"Override/{Override.objects.get().pk}")
    assert event.actor_subject == "holm"
    assert event.patient_ref == PatientContext.objects.get(pk=context).patient_id
    return event


def test_after_thirty_minutes_the_very_next_request_is_blocked_again(
    holm: Client, overridden: str, events: Rows
) -> None:
    made = Override.objects.get()
    with time_machine.travel(made.ends - timedelta(seconds=2)):
        assert seen(holm, overridden)
        assert "Adgangen udløber om 1 minut." in folder(holm, overridden).content.decode()
    with time_machine.travel(made.ends + timedelta(seconds=2)):
        contexts.touch(contexts.find(overridden))  # type: ignore[arg-type]
        events()
        assert not seen(holm, overridden)
        assert events() == [(STOPPED, 0, "override-expired"), (VIEWED, 0, "")]
        answer = folder(holm, overridden)
        assert "Værdispring: Du ser" not in answer.content.decode()
        assert purpose(answer) == "TREAT"
        assert events() == [(VIEWED, 0, "")]
    stop_of(overridden)
    assert Override.objects.get().ended_at == made.ends


def test_what_is_blocked_after_it_began_is_hidden_at_the_next_request(
    holm: Client, overridden: str, events: Rows
) -> None:
    assert seen(holm, overridden, "999000000000110")
    block("organisation", sor="999000000000110")
    assert not seen(holm, overridden, "999000000000110")
    assert seen(holm, overridden, "999000000000210")  # what was blocked when it began goes on being shown
    answer = folder(holm, overridden)
    assert BLOCKED in answer.content.decode()
    assert "Værdispring: Du ser" in answer.content.decode()
    assert purpose(answer) == "BTG"
    block("period", data_from=timezone.localdate() - timedelta(days=20_000))
    assert not seen(holm, overridden, "999000000000210")
    block("all")
    assert not seen(holm, overridden, "999000000000210", "1900-01-01")
    holm.post(f"/k/{overridden}/vaerdispring/slut")
    assert override(holm, overridden).status_code == 303  # a new one, with a ground of its own, lifts these too
    assert seen(holm, overridden, "999000000000110")


def test_a_block_that_was_made_before_and_begins_later_counts_from_its_beginning(holm: Client, nancy: str) -> None:
    now = timezone.now()
    block("organisation", sor="999000000000210")
    block("all", valid_from=now + timedelta(minutes=5))
    assert override(holm, nancy).status_code == 303
    assert seen(holm, nancy, "999000000000210")
    with time_machine.travel(now + timedelta(minutes=6)):
        assert not seen(holm, nancy, "999000000000210")


def test_a_block_that_is_ended_while_it_runs_leaves_the_rest_lifted(holm: Client, overridden: str) -> None:
    made = block("all")
    assert not seen(holm, overridden)
    Block.objects.filter(pk=made.pk).update(ended=timezone.now())
    assert seen(holm, overridden)


def test_it_can_begin_again_after_its_end(holm: Client, overridden: str) -> None:
    ends = Override.objects.get().ends
    with time_machine.travel(ends - timedelta(minutes=1)):
        assert seen(holm, overridden)
    with time_machine.travel(ends + timedelta(seconds=2)):
        session = holm.session
        session["auth_time"] = timezone.now().timestamp()
        session.save()
        assert override(holm, overridden).status_code == 303
        assert seen(holm, overridden)
    assert Override.objects.count() == 2


def test_the_button_ends_it_at_once(holm: Client, overridden: str, events: Rows) -> None:
    answer = holm.post(f"/k/{overridden}/vaerdispring/slut")
    assert answer.status_code == 303
    assert events() == [(STOPPED, 0, "")]
    stop_of(overridden)
    assert not seen(holm, overridden)
    assert holm.post(f"/k/{overridden}/vaerdispring/slut").status_code == 303
    assert AuditEvent.objects.filter(action=STOPPED).count() == 1


def test_the_button_works_when_nobody_knows_what_is_blocked(holm: Client, overridden: str, settings: Any) -> None:
    settings.CONSENT_SOURCE = "access.tests.blocks.nobody_knows"
    assert folder(holm, overridden).status_code == 503
    assert holm.post(f"/k/{overridden}/vaerdispring/slut").status_code == 303
    stop_of(overridden)


@pytest.mark.parametrize("how", ["button", "close", "sign out", "time", "the EPJ"])
def test_the_case_and_the_stop_say_which_request_they_are_of(holm: Client, overridden: str, how: str) -> None:
    started, case = (AuditEvent.objects.get(action=action) for action in (STARTED, "case.opened"))
    assert re.fullmatch("[0-9a-f]{32}", case.request_id)
    assert case.request_id == started.request_id
    paths = {"button": f"/k/{overridden}/vaerdispring/slut", "close": f"/k/{overridden}/luk", "sign out": "/log-ud/"}
    if how == "time":
        with time_machine.travel(Override.objects.get().ends + timedelta(seconds=2)):
            answer = folder(holm, overridden)
    elif how == "the EPJ":
        answer = cast.closed_by_epj(PatientContext.objects.get().correlation_id)
    else:
        answer = holm.post(paths[how])
    assert stop_of(overridden).request_id == answer["X-Request-Id"]


@pytest.mark.parametrize("rest", ["luk", "log-ud"])
def test_it_ends_with_its_context(holm: Client, overridden: str, events: Rows, rest: str) -> None:
    holm.post("/log-ud/" if rest == "log-ud" else f"/k/{overridden}/luk")
    assert stop_of(overridden).reason == "context-closed"
    assert folder(holm, overridden).status_code in (401, 410)
    assert overriding.sweep_once() == 0


def test_a_stop_that_cannot_be_recorded_is_recorded_by_the_sweep(holm: Client, overridden: str) -> None:
    with patch("access.consent.overriding.record", side_effect=NotRecorded("down")):
        assert holm.post(f"/k/{overridden}/luk").status_code == 200
    assert not AuditEvent.objects.filter(action=STOPPED).exists()
    assert overriding.sweep_once() == 1
    assert stop_of(overridden).reason == "context-closed"


@pytest.mark.parametrize("forget", [retention.forget, overriding.sweep_once])
def test_what_nobody_looks_at_again_ends_too(holm: Client, overridden: str, forget: Any) -> None:
    assert overriding.sweep_once() == 0
    ends = Override.objects.get().ends
    with time_machine.travel(ends + timedelta(minutes=1)):
        forget()
        assert stop_of(overridden).reason == "override-expired"
        assert overriding.sweep_once() == 0
    assert Override.objects.get().ended_at == ends


def test_who_comes_first_writes_the_stop_and_nobody_else(holm: Client, overridden: str) -> None:
    ends = Override.objects.get().ends

    def meanwhile(*told: Any, **how: Any) -> Any:
        overriding.stop(Override.objects.all(), "override-expired")
        return record(*told, **how)

    with time_machine.travel(ends + timedelta(minutes=1)), patch("access.consent.overriding.record", meanwhile):
        overriding.sweep_once()
    stop_of(overridden)


def test_a_page_that_stays_open_is_fetched_anew_when_it_has_ended(holm: Client, overridden: str, events: Rows) -> None:
    left = holm.get(f"/k/{overridden}/vaerdispring/tid/?vaerdispring", headers=HTMX)
    assert left.status_code == 200
    assert "Adgangen udløber om 30 minutter." in left.content.decode()
    assert events() == []
    ends = Override.objects.get().ends
    with time_machine.travel(ends - timedelta(minutes=1)):
        holm.get(f"/k/{overridden}/ekg/")
    with time_machine.travel(ends + timedelta(seconds=5)):
        for rest in ("vaerdispring/tid/", "ekg/nyt/0/"):
            answer = holm.get(f"/k/{overridden}/{rest}?vaerdispring", headers=HTMX)
            assert (answer.status_code, answer["HX-Refresh"], answer.content) == (204, "true", b"")
        assert "HX-Refresh" not in holm.get(f"/k/{overridden}/ekg/nyt/0/", headers=HTMX)


# ── an old login ────────────────────────────────────────────────────────────────────────────────────────────────────
def logged_in(client: Client, at: float | None) -> None:
    session = client.session
    session.pop("auth_time", None)
    if at is not None:
        session["auth_time"] = at
    session.save()


@pytest.mark.parametrize("age", [None, 15 * 60 + 1, -3600])
def test_an_old_login_must_be_repeated_first(holm: Client, blocked: str, events: Rows, age: int | None) -> None:
    logged_in(holm, None if age is None else timezone.now().timestamp() - age)
    asked = holm.get(page(blocked)).content.decode()
    assert "Log ind igen for at gå videre." in asked
    assert "textarea" not in asked
    events()
    answer = override(holm, blocked)
    assert answer.status_code == 302
    assert answer["Location"] == f"/log-ind/igen/?next=%2Fk%2F{blocked}%2Fvaerdispring%2F"
    assert events() == [(CONSIDERED, 0, "")]
    assert not Override.objects.exists()


def test_signing_in_again_leads_back_and_keeps_the_record_open(holm: Client, blocked: str, events: Rows) -> None:
    logged_in(holm, 0)
    way = override(holm, blocked)["Location"]
    assert holm.get(way).status_code == 200
    left = holm.post("/log-ind/igen/", {"next": page(blocked)})
    answer = cast.came_back(holm, left, cast.claims("holm"))
    assert answer["Location"] == page(blocked)
    assert ("user.signed_in", 0, "again") in events()
    assert override(holm, blocked).status_code == 303
    assert seen(holm, blocked)


def test_a_failed_login_begins_nothing(holm: Client, blocked: str, events: Rows) -> None:
    logged_in(holm, 0)
    left = holm.post("/log-ind/igen/", {"next": page(blocked)})
    assert cast.came_back(holm, left, cast.claims("kvist")).status_code == 403
    assert events()[-1] == ("user.sign_in_failed", 4, "again-other-user")
    assert override(holm, blocked).status_code == 302
    assert not Override.objects.exists()


# ── who reads about it ──────────────────────────────────────────────────────────────────────────────────────────────
def administrator(role: Role, *, is_superuser: bool) -> Client:
    user = cast.person("drift")
    User.objects.filter(pk=user.pk).update(role=role, is_staff=True, is_superuser=is_superuser)
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def test_operators_see_the_override_and_never_the_reason(holm: Client, overridden: str, settings: Any) -> None:
    settings.ROOT_URLCONF = "access.tests.urls_with_admin"
    made = Override.objects.get()
    operator = administrator(Role.OPERATOR, is_superuser=True)
    for path in ("/admin/access/override/", f"/admin/access/override/{made.pk}/change/"):
        told = operator.get(path)
        assert told.status_code == 200
        assert "251248-••••" in told.content.decode()
        assert REASON not in told.content.decode()
    assert operator.get("/admin/access/case/").status_code == 403


def test_log_controllers_read_the_reason_and_leave_a_line(holm: Client, overridden: str, settings: Any) -> None:
    settings.ROOT_URLCONF = "access.tests.urls_with_admin"
    controller = administrator(Role.LOG_CONTROLLER, is_superuser=False)
    cast.told(controller, organization={"sor": cast.UNIT})
    told = controller.get(f"/admin/access/case/{Case.objects.get(kind='override').pk}/change/")
    assert told.status_code == 200
    assert REASON in told.content.decode()
    assert AuditEvent.objects.get(pk=told["X-Audit-Id"]).action == "case.viewed"


def test_reasons_are_forgotten_after_five_years_and_the_override_stays(holm: Client, overridden: str) -> None:
    with time_machine.travel(timezone.now() + retention.REASONS - timedelta(days=1)):
        retention.forget()
        assert AccessReason.objects.exists()
    with time_machine.travel(timezone.now() + retention.REASONS + timedelta(days=1)):
        retention.forget()
        assert not AccessReason.objects.exists()
    assert Override.objects.get().reason is None


def test_the_post_needs_its_csrf_token(holm: Client, blocked: str) -> None:
    strict = CheckingClient(enforce_csrf_checks=True)
    strict.cookies = holm.cookies
    assert strict.post(page(blocked), UNREACHABLE).status_code == 403
    assert not Override.objects.exists()
