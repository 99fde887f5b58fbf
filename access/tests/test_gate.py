"""The gate: what is let through, what is refused, and that each leaves exactly one line first."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from access import contexts, matrix, registering
from access.doors import Door
from access.models import PatientContext, Role, User
from access.tests import rooms
from access.tests.cast import JENS, NANCY, launched, own
from access.tests.conftest import Rows
from audit.models import AuditEvent
from audit.record import NotRecorded
from sundhedsjournal.tests.pages import CheckingClient

VIEWED, REFUSED = "ekg_folder.viewed", "access.refused"
HTMX = {"HX-Request": "true"}


def url(context: str, rest: str = "") -> str:
    return f"/k/{context}/ekg/{rest}"


def below(context: str, rest: str = "") -> str:
    """The same behind whichever door the context was opened for."""
    return f"/{matrix.door(PatientContext.objects.get(pk=context).audience)}/{context}/{rest}"


@pytest.fixture(params=["k", "borger"])
def opened(request: pytest.FixtureRequest, holm: Client, events: Rows) -> str:
    """Nancy's record, open in that browser: as a doctor, or as herself."""
    context = launched(holm, "holm", NANCY) if request.param == "k" else own(holm, "nancy")
    events()
    return context


def names(html: bytes) -> list[str]:
    """What of a patient stands in an answer."""
    text = html.decode()
    return [word for word in ("Nancy", "Berggren", "251248", NANCY, "nyt", "PDF") if word in text]


def test_an_open_context_shows_the_record_and_leaves_one_line(holm: Client, nancy: str, events: Rows) -> None:
    answer = holm.get(url(nancy))
    assert answer.status_code == 200
    assert "Nancy Ann Berggren" in answer.content.decode()
    (row,) = AuditEvent.objects.filter(action=VIEWED)
    assert answer["X-Audit-Id"] == str(row.id)
    assert answer["Cache-Control"] == "no-store"
    context = PatientContext.objects.get()
    assert (row.context, row.patient_ref, row.actor_ref) == (nancy, context.patient_id, context.user_id)
    assert (row.outcome, row.purpose, row.actor_subject, row.actor_role) == (0, "TREAT", "holm", "clinician")
    assert row.correlation == context.correlation_id
    assert row.actor_organisation == "999000000000210"


def test_a_unit_of_another_register_is_recorded_with_its_register(holm: Client) -> None:
    context = launched(holm, "holm", NANCY, org={"ydernummer": "012345"})
    page = holm.get(url(context))
    assert "Ydernummer 012345" in page.content.decode()
    assert "(SOR" not in page.content.decode()
    assert AuditEvent.objects.get(pk=page["X-Audit-Id"]).actor_organisation == "ydernummer:012345"


def signed_out(client: Client, context: str) -> Client:
    return CheckingClient()


def other_user(client: Client, context: str) -> Client:
    kvist = CheckingClient()
    launched(kvist, "kvist", JENS)
    return kvist


def other_session(client: Client, context: str) -> Client:
    elsewhere = CheckingClient()
    if PatientContext.objects.get(pk=context).audience == Role.CITIZEN:
        own(elsewhere, "nancy")
    else:
        launched(elsewhere, "holm", JENS)
    return elsewhere


def closed(client: Client, context: str) -> Client:
    assert client.post(below(context, "luk")).status_code == 200
    return client


def superseded(client: Client, context: str) -> Client:
    contexts.close(context, PatientContext.Closed.SUPERSEDED)
    return client


def idle(client: Client, context: str) -> Client:
    PatientContext.objects.update(last_seen=timezone.now() - timedelta(minutes=30))
    return client


def too_old(client: Client, context: str) -> Client:
    PatientContext.objects.update(expires=timezone.now() - timedelta(seconds=1))
    return client


def role_taken(client: Client, context: str) -> Client:
    User.objects.filter(username__in=("holm", "nancy")).update(role=Role.LOG_CONTROLLER, patient=None)
    return client


def disabled(client: Client, context: str) -> Client:
    User.objects.filter(username__in=("holm", "nancy")).update(is_active=False)
    return client


REFUSALS = [
    (signed_out, 401, "signed-out"),
    (other_user, 404, "context-of-another-user"),
    (other_session, 404, "context-of-another-session"),
    (closed, 410, "context-closed"),
    (superseded, 409, "context-superseded"),
    (idle, 410, "context-expired"),
    (too_old, 410, "context-expired"),
    (role_taken, 403, "role"),
    (disabled, 401, "signed-out"),
]


@pytest.mark.parametrize(("change", "status", "reason"), REFUSALS, ids=[case[0].__name__ for case in REFUSALS])
@pytest.mark.parametrize("rest", ["", "original.pdf", "image.png", "nyt/1/", "odd/missing/"])
def test_what_opened_a_moment_ago_is_refused_when_one_thing_is_wrong(
    holm: Client, opened: str, events: Rows, change: Any, status: int, reason: str, rest: str
) -> None:
    assert holm.get(below(opened, "ekg/")).status_code == 200
    asking = change(holm, opened)
    events()
    answer = asking.get(below(opened, f"ekg/{rest}"))
    assert answer.status_code == status
    assert events() == [(REFUSED, 4, reason)]
    assert names(answer.content) == []
    assert answer["Cache-Control"] == "no-store"
    assert AuditEvent.objects.filter(pk=answer["X-Audit-Id"]).exists()


@pytest.mark.parametrize("context", ["0" * 22, "kort", "251248-9996", "æ" * 22, "x" * 300])
@pytest.mark.parametrize("door", Door)
def test_a_context_that_never_was_is_not_found_and_recorded_without_repeating_a_cpr(
    holm: Client, opened: str, events: Rows, context: str, door: Door
) -> None:
    assert holm.get(f"/{door}/{context}/ekg/").status_code == 404
    assert events() == [(REFUSED, 4, "context-unknown")]
    assert not AuditEvent.objects.filter(context__contains="251248").exists()


def test_the_expired_page_names_the_system_to_go_back_to_but_only_to_its_own_user(holm: Client, nancy: str) -> None:
    kvist = other_user(holm, nancy)
    idle(holm, nancy)
    assert "Åbn journalen igen fra XMO." in holm.get(url(nancy)).content.decode()
    assert "XMO" not in kvist.get(url(nancy)).content.decode()


def test_htmx_gets_fragments_and_a_way_out_when_signed_out(holm: Client, nancy: str) -> None:
    expired_part = CheckingClient().get(url(nancy), headers=HTMX)
    assert expired_part.status_code == 401
    assert expired_part["HX-Redirect"] == "/adgang-udloebet/"
    assert CheckingClient().get("/adgang-udloebet/").status_code == 200
    closed(holm, nancy)
    part = holm.get(url(nancy), headers=HTMX)
    assert part.status_code == 410
    assert "<html" not in part.content.decode()
    assert "Journalen er lukket." in part.content.decode()


@pytest.mark.parametrize("rest", ["original.pdf", "image.png"])
@pytest.mark.parametrize(("site", "status"), [("cross-site", 403), ("same-origin", 200), ("none", 200), (None, 200)])
def test_bytes_are_refused_to_another_site(
    holm: Client, nancy: str, events: Rows, rest: str, site: str | None, status: int
) -> None:
    answer = holm.get(url(nancy, rest), headers={"Sec-Fetch-Site": site} if site else {})
    body = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == status
    assert (b"PDF-" in body or b"png" in body) == (status == 200)
    assert [row[2] for row in events()] == (["cross-site"] if status == 403 else [""])


def test_a_page_reached_from_another_site_by_a_link_is_shown(holm: Client, nancy: str) -> None:
    assert holm.get(url(nancy), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("how", "status", "event"),
    [
        ("missing", 404, (REFUSED, 4, "not-found")),
        ("forbidden", 403, (REFUSED, 4, "forbidden")),
        ("conflict", 409, (VIEWED, 4, "409")),
        ("cached", 200, (VIEWED, 0, "")),
    ],
)
def test_how_a_view_ends_is_how_it_is_recorded(
    holm: Client, nancy: str, events: Rows, how: str, status: int, event: tuple[str, int, str]
) -> None:
    answer = holm.get(url(nancy, f"odd/{how}/"))
    assert answer.status_code == status
    assert events() == [event]
    assert answer["Cache-Control"] == "no-store"
    assert AuditEvent.objects.get(pk=answer["X-Audit-Id"]).entity.startswith("Recording/")


@pytest.mark.parametrize("how", ["broken", "late"])
def test_a_fault_in_a_view_is_recorded_and_shows_nothing(holm: Client, nancy: str, events: Rows, how: str) -> None:
    bare = Client(raise_request_exception=False)  # the page for a fault is not of this house
    bare.cookies = holm.cookies
    answer = bare.get(url(nancy, f"odd/{how}/"))
    assert answer.status_code == 500
    assert events() == [(VIEWED, 8, "fault")]
    assert names(answer.content) == []


def test_a_database_that_goes_away_gives_503(holm: Client, nancy: str) -> None:
    answer = holm.get(url(nancy, "odd/no-database/"))
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert names(answer.content) == []


@pytest.mark.parametrize("rest", ["", "original.pdf", "image.png", "odd/missing/", "odd/broken/"])
def test_no_line_no_answer(holm: Client, nancy: str, rest: str) -> None:
    assert holm.get(url(nancy)).status_code == 200
    rooms.open_files.clear()
    with patch("access.visit.record", side_effect=NotRecorded("down")):
        answer = holm.get(url(nancy, rest))
    assert answer.status_code == 503
    assert not answer.streaming
    assert names(answer.content) == []
    assert "X-Audit-Id" not in answer
    assert all(file.closed for file in rooms.open_files)


def test_a_refusal_that_cannot_be_recorded_is_503_too(holm: Client, nancy: str) -> None:
    with patch("access.visit.record", side_effect=NotRecorded("down")):
        assert CheckingClient().get(url(nancy)).status_code == 503


def test_the_line_is_written_before_the_first_byte_leaves(holm: Client, nancy: str) -> None:
    answer = holm.get(url(nancy, "original.pdf"))
    assert answer.streaming
    assert AuditEvent.objects.filter(pk=answer["X-Audit-Id"], action="ekg_original.opened").exists()
    assert b"".join(answer) == b"%PDF- the original"


def test_no_cache_keeps_anything_whatever_the_view_says(holm: Client, nancy: str) -> None:
    assert holm.get(url(nancy, "image.png"))["Cache-Control"] == "no-store"


def test_only_reading_is_let_through_where_only_reading_is_meant(holm: Client, nancy: str, events: Rows) -> None:
    answer = holm.post(url(nancy))
    assert answer.status_code == 405
    assert events() == [(REFUSED, 4, "method")]
    assert names(answer.content) == []


def test_a_background_check_leaves_no_line_and_no_sign_of_life(holm: Client, nancy: str, events: Rows) -> None:
    later = timezone.now() + timedelta(minutes=20)
    with time_machine.travel(later):
        quiet, said = holm.get(url(nancy, "nyt/0/")), holm.get(url(nancy, "nyt/1/"), headers=HTMX)
        assert (quiet.status_code, quiet.content, said.status_code) == (204, b"", 200)
        assert events() == []
        assert PatientContext.objects.get().last_seen < later - timedelta(minutes=19)
    with time_machine.travel(later + timedelta(minutes=11)):
        assert holm.get(url(nancy, "nyt/0/")).status_code in {401, 410}
        assert [row for row in events() if row[0] == REFUSED]


def test_a_background_check_may_answer_nothing_else(holm: Client, nancy: str) -> None:
    with pytest.raises(RuntimeError):
        holm.get(url(nancy, "nyt/9/"))


def test_being_used_is_noted_at_most_once_a_minute(holm: Client, nancy: str) -> None:
    opened = PatientContext.objects.get().last_seen
    with time_machine.travel(opened + timedelta(seconds=59)):
        holm.get(url(nancy))
        assert PatientContext.objects.get().last_seen == opened
    with time_machine.travel(opened + timedelta(seconds=61)):
        holm.get(url(nancy))
        assert PatientContext.objects.get().last_seen > opened


def test_the_gate_costs_two_queries_beside_the_line(
    holm: Client, nancy: str, events: Rows, django_assert_num_queries: Any
) -> None:
    holm.get(url(nancy))
    events()
    # The session. The one statement for context, patient, blocks and user, and the line, go below the counter.
    with django_assert_num_queries(1) as captured:
        holm.get(url(nancy))
    assert "django_session" in captured.captured_queries[0]["sql"]
    assert events() == [(VIEWED, 0, "")]


def test_nothing_about_the_patient_is_in_the_session(holm: Client, nancy: str) -> None:
    holm.get(url(nancy))
    said = json.dumps(dict(holm.session))
    assert nancy not in said
    assert NANCY not in said
    assert str(PatientContext.objects.get().patient_id) not in said


def test_a_user_of_another_issuer_with_the_same_subject_is_somebody_else(holm: Client, nancy: str) -> None:
    other = registering.register_user("https://other.invalid", "holm", name="Anna Holm", username="holm-2")
    assert other.pk != User.objects.get(username="holm").pk
    stranger = CheckingClient()
    stranger.force_login(other)
    assert stranger.get(url(nancy)).status_code == 404


def test_the_app_role_holds_the_connection(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("sj_app",)
