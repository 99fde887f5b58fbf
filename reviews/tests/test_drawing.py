"""A week is drawn by chance, once; what is drawn again is seen, and the list is the log's."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import Error, IntegrityError, connection, transaction
from django.test import Client

from access.models import PatientContext
from access.tests.cast import JENS, LOGINS, citizen, launched, person
from audit.actions import Action
from audit.models import AuditEvent
from audit.record import Actor, NotRecorded, Outcome, record
from patients.registry import patient_for, remember_name
from reviews import snapshot
from reviews.models import LookUp, Review
from reviews.tests.conftest import (
    DRAW,
    ELSEWHERE,
    HOSPITAL,
    MONDAY,
    NOW,
    PAGES,
    WARD,
    at,
    controller,
    drawn,
    looked,
    lookup,
    text,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def test_a_look_up_is_on_the_list_with_who_where_what_and_why_and_without_the_patient(log: Any, settings: Any) -> None:
    """Through the door: what the gate writes is what the review reads."""
    settings.RELATION_EVIDENCE = ()
    holm = Client()
    with_minutes = MONDAY + timedelta(days=2, hours=8, minutes=5)
    log.move_to(with_minutes)
    context = launched(holm, "holm", JENS, org={"sor": WARD})
    for page in ("", "ekg/", "kommune/"):
        assert holm.get(f"/k/{context}/{page}").status_code == 200
    holm.post(f"/k/{context}/cpr")
    log.move_to(NOW)
    karl = controller()
    review = drawn(karl)
    assert (str(review.week), review.candidates, review.number, review.size) == ("2026-11-16", 1, 1, 1)
    patient = patient_for(JENS)
    remember_name(patient, "Jens Mikkel Thorsen", MONDAY)
    for masked, expected in (("ADRESSEBESKYTTET", "ADRESSEBESKYTTET"), ("", "Jens Mikkel Thorsen")):
        PatientContext.objects.filter(pk=context).update(patient_name=masked)
        assert f"Borger {expected}, 140461-••••" in text(karl.get(f"{PAGES}{review.pk}/opslag/1/"))
    page = text(karl.get(f"{PAGES}{review.pk}/change/"))
    for expected in (
        "Uge 47, 2026 · Østfjord Universitetshospital",
        "16.11.2026–22.11.2026 · 1. trækning i 2. halvår 2026, foretaget 25.11.2026",
        "18.11.2026 kl. 08.05",
        "Læge Anna Holm (Autoriseret sundhedsperson) Hjertesygdomme",
        "oversigten, listen over EKG'er, kommunale data, det fulde CPR-nummer",
        "Aktuel behandling · Behandlingsrelation: B generel",
        "0 af 1 opslag er markeret",
    ):
        assert expected in page
    assert not [said for said in ("Thorsen", JENS[:6]) if said in page], "who it was about, the list does not tell"


def test_the_list_holds_what_staff_of_the_units_saw_in_the_week_and_nothing_else(log: Any) -> None:
    inside = [
        looked(log, MONDAY, Action.OVERVIEW_VIEWED),
        looked(log, MONDAY + timedelta(days=6, hours=23, minutes=50), Action.EKG_RECORDING_VIEWED, unit=HOSPITAL),
        looked(log, MONDAY + timedelta(days=1), by="lund", responsible="holm"),
    ]
    looked(log, MONDAY - timedelta(minutes=2))  # the week before
    looked(log, MONDAY + timedelta(days=7), Action.OVERVIEW_VIEWED)  # the week after
    looked(log, MONDAY, Action.OVERVIEW_VIEWED, unit=ELSEWHERE)
    log.move_to(MONDAY + timedelta(hours=3))
    patient = patient_for(JENS).pk
    own = citizen("jens")
    record(Action.EOJ_VIEWED, actor=Actor("user", LOGINS, "jens", own.pk, role="citizen"), patient=patient, context="c")
    refused = Actor("user", "x", "holm", person("holm").pk, role="clinician", organisation=WARD)
    record(Action.ACCESS_REFUSED, actor=refused, patient=patient, context="d", outcome=Outcome.MINOR, reason="role")
    record(
        Action.EKG_FOLDER_VIEWED, actor=refused, patient=patient, context="d", outcome=Outcome.SERIOUS, reason="fault"
    )
    log.move_to(NOW)
    karl = controller()
    review = drawn(karl)
    assert list(review.lookups.order_by("number").values_list("context", flat=True)) == [
        inside[0],
        inside[2],
        inside[1],
    ]
    assert "Lund (Medhjælp) på vegne af Læge Anna Holm" in text(karl.get(f"{PAGES}{review.pk}/change/"))


def test_a_look_up_past_midnight_is_one_with_its_opening_on_the_day_before_the_week(log: Any) -> None:
    context = looked(log, MONDAY - timedelta(minutes=5), *[Action.EKG_RECORDING_VIEWED] * 10, ground="other")
    late = looked(log, MONDAY + timedelta(days=3) - timedelta(minutes=2), *[Action.EKG_RECORDING_VIEWED] * 5)
    review = drawn(controller())
    first, second = review.lookups.order_by("number")
    assert (first.context, len(first.seen), first.ground, first.relation) == (context, 6, "other", "B")
    assert (second.context, len(second.seen), second.ended - second.begun) == (late, 5, timedelta(minutes=5))


def test_an_override_is_told_with_its_ground(log: Any) -> None:
    context = looked(log, MONDAY, Action.EKG_FOLDER_VIEWED)
    log.move_to(MONDAY + timedelta(minutes=2))
    actor = Actor("user", "x", "holm", person("holm").pk, role="clinician", organisation=WARD)
    told: dict[str, Any] = {
        "patient": patient_for(JENS).pk,
        "context": context,
        "entity": "Override/1",
        "purpose": "BTG",
    }
    record(Action.OVERRIDE_STARTED, actor=actor, **told, extra={"ground": "public-interest"})
    log.move_to(NOW)
    karl = controller()
    page = text(karl.get(f"{PAGES}{drawn(karl).pk}/change/?vis=vaerdispring"))
    assert "Værdispring: Åbenbar almen interesse" in page


def test_the_draw_is_by_chance_and_in_the_log_and_a_second_one_says_why(log: Any, events: Any) -> None:
    log.move_to(NOW + timedelta(days=21))
    karl = controller()
    with patch("secrets.randbelow", return_value=2) as chance:
        review = drawn(karl)
    chance.assert_called_once_with(4)
    assert str(review.week) == "2026-11-30"
    (told,) = AuditEvent.objects.filter(action="review.drawn")
    (about,) = [each for each in told.event["entity"] if "detail" in each]
    assert {each["type"]: each["valueString"] for each in about["detail"]} == {
        "half": "2026-2", "week": "2026-w49", "among": "4", "number": "1"
    }  # fmt: skip
    assert (told.actor_subject, told.entity) == ("karl", f"Review/{review.pk}")
    again = karl.post(f"{PAGES}traek/", DRAW | {"grund": "kort"})
    assert again.status_code == 422
    assert "Der er allerede trukket en uge i halvåret." in text(again)
    second = drawn(karl, grund="Listen blev ikke gennemgået i tide.")
    assert (second.number, second.candidates) == (2, 3), "the same week is not drawn twice"
    assert second.week != review.week
    page = text(karl.get(f"{PAGES}{second.pk}/change/"))
    assert "2. trækning i 2. halvår 2026" in page
    assert "Grund til ny trækning: Listen blev ikke gennemgået i tide." in page
    assert "Listen blev" not in str(list(AuditEvent.objects.values_list("event", flat=True)))
    listed = text(karl.get(PAGES))
    assert "2. halvår 2026: trukket, men ikke afsluttet. Halvåret er ikke slut." in listed
    assert "1. halvår 2026: ingen hel, afsluttet uge i loggen endnu." in listed


def test_nothing_is_drawn_where_no_week_is_whole_or_nothing_can_be_recorded(log: Any) -> None:
    karl = controller()
    answer = karl.post(f"{PAGES}traek/", DRAW | {"halvaar": "2026-1"})
    assert (answer.status_code, Review.objects.count()) == (422, 0)
    assert "Loggen har ingen hel, afsluttet uge i halvåret" in text(answer)
    long_ago = karl.post(f"{PAGES}traek/", DRAW | {"halvaar": "2025-2"})
    assert "Der kan trækkes en uge i dette halvår og i det forrige." in text(long_ago)
    for wrong in ({"halvaar": "x"}, {"organisation": f"sor:{ELSEWHERE}"}, {"organisation": f"cvr:{HOSPITAL}"}):
        assert karl.post(f"{PAGES}traek/", DRAW | wrong).status_code == 403
    with patch("reviews.drawing.record", side_effect=NotRecorded("down")):
        assert karl.post(f"{PAGES}traek/", DRAW).status_code == 503
    assert not Review.objects.exists()


def test_a_unit_below_may_be_drawn_for_by_itself(log: Any) -> None:
    looked(log, MONDAY, unit=HOSPITAL)
    karl, ward = controller(), controller(WARD, "Wilma Ard")
    review = drawn(karl, organisation=f"sor:{WARD}")
    assert (review.organisation_name, review.size) == ("Hjertesygdomme", 0)
    assert ward.get(f"{PAGES}{review.pk}/change/").status_code == 200


@pytest.mark.parametrize("who", ["drift", "holm", "lund", "krogh"])
def test_nobody_but_a_log_controller_comes_near_it_whatever_django_lets_them(log: Any, events: Any, who: str) -> None:
    looked(log, MONDAY)
    review = drawn(controller())
    user = person(who)
    user.is_staff = user.is_superuser = True
    user.save()
    client = at(user, organization={"sor": HOSPITAL})
    events()
    here = f"{PAGES}{review.pk}/"
    gets = [PAGES, f"{PAGES}traek/", f"{here}change/", f"{here}opslag/1/", f"{here}rapport.pdf"]
    posts = [f"{PAGES}traek/", f"{here}opslag/1/", f"{here}opslag/1/cpr/", f"{here}marker/", f"{here}luk/"]
    for answer in [*map(client.get, gets), *(client.post(path, DRAW | {"vurdering": "reviewed"}) for path in posts)]:
        assert answer.status_code == 403
    assert {outcome for _action, outcome, _about in events()} == {4}
    assert (Review.objects.count(), lookup(review).mark) == (1, "")


@pytest.mark.parametrize("told", [{"sor": ELSEWHERE}, {"cvr": "12345678"}, {"sor": WARD}, None])
def test_a_controller_of_another_organisation_finds_no_such_review(log: Any, events: Any, told: Any) -> None:
    looked(log, MONDAY)
    review = drawn(controller())
    other = controller(name="Olga Ther", organization=told)
    here = f"{PAGES}{review.pk}/"
    for path in ("change/", "opslag/1/", "rapport.pdf"):
        assert other.get(f"{here}{path}").status_code == 404
    for path in ("opslag/1/", "opslag/1/cpr/", "marker/", "luk/"):
        assert other.post(f"{here}{path}", {"vurdering": "reviewed", "nummer": "1", "ja": "1"}).status_code == 404
    assert "Uge 47" not in text(other.get(PAGES))
    assert lookup(review).mark == ""


def test_days_that_are_not_copied_yet_are_copied_by_the_sweep_none_twice(log: Any, monkeypatch: Any) -> None:
    for day in range(7):
        looked(log, MONDAY + timedelta(days=day, hours=9))
    monkeypatch.setattr(snapshot, "AT_ONCE", 0)
    karl = controller()
    with patch("reviews.snapshot.take", lambda pk: None):
        review = drawn(karl)
    waiting = text(karl.get(f"{PAGES}{review.pk}/change/"))
    assert "Listen samles fra loggen. 0 af 7 dage." in waiting
    assert karl.get(f"{PAGES}{review.pk}/opslag/1/").status_code == 404
    assert snapshot.sweep_once() == 1
    with patch("reviews.snapshot.COPY", f"{snapshot.COPY}; SELECT 1/0"), pytest.raises(Error), transaction.atomic():
        snapshot.take_day(review.pk)
    review.refresh_from_db()
    assert (review.days, review.lookups.count()) == (1, 1), "half a day is none"
    while snapshot.sweep_once():
        continue
    review.refresh_from_db()
    assert (review.days, review.size) == (7, 7)
    assert list(review.lookups.order_by("begun").values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6, 7]
    assert not snapshot.take_day(review.pk)


def test_the_database_keeps_what_was_drawn_and_what_was_copied(log: Any) -> None:
    looked(log, MONDAY, Action.OVERVIEW_VIEWED)
    review = drawn(controller())
    kept = {
        "UPDATE reviews_review SET week = week + 7",
        "UPDATE reviews_review SET number = 2",
        "UPDATE reviews_review SET drawn_by_id = NULL",
        "DELETE FROM reviews_review",
        "DELETE FROM reviews_lookup",
        "UPDATE reviews_lookup SET seen = '{}'",
        "UPDATE reviews_lookup SET actor_ref = patient_ref",
        "UPDATE reviews_lookup SET mark = 'reviewed'",  # by nobody
    }
    for said in kept:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(said)
    for wrong in ({"half": 3}, {"number": 0}, {"number": 2, "why": "kort"}, {"candidates": 0}):
        row = {field.attname: getattr(review, field.attname) for field in Review._meta.concrete_fields} | wrong
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.create(**row | {"id": patient_for(JENS).pk, "year": 2027})
    assert LookUp.objects.count() == 1


def test_nobody_invents_look_ups_beside_real_patients(log: Any, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="SJ_DEMO=1"):
        call_command("demo_log")
    assert AuditEvent.objects.count() == 1
