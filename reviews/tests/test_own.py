""" "Mine opslag": whoever works with records reads what the log has of him or her, and nobody else does."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access.models import Block, PatientContext
from access.registering import register_block
from access.tests.cast import JENS, NANCY, citizen, launched, own, person
from audit.actions import Action
from audit.models import AuditEvent
from audit.record import NotRecorded
from reviews.tests.conftest import MONDAY, NOW, WARD, at, controller, looked, text
from sundhedsjournal.tests.pages import CheckingClient

pytestmark = pytest.mark.django_db
HERE = "/mine-opslag/"


def own_events() -> list[tuple[str, str, Any]]:
    return list(
        AuditEvent.objects.filter(action="own_looks.viewed").values_list("actor_subject", "reason", "patient_ref")
    )


def test_each_look_up_is_told_with_the_name_of_the_banner_and_never_a_number(log: Any, settings: Any) -> None:
    """Through the doors: what was launched and read is what is told."""
    settings.RELATION_EVIDENCE = ()
    holm = CheckingClient()
    for minutes, cpr, pages in ((0, NANCY, ("ekg/", "kommune/")), (9, JENS, ("",))):
        log.move_to(NOW + timedelta(minutes=minutes))
        context = launched(holm, "holm", cpr, org={"sor": WARD})
        for page in pages:
            assert holm.get(f"/k/{context}/{page}").status_code == 200
    banner = holm.get(f"/k/{context}/").content.decode()
    assert 'href="/mine-opslag/"' in banner
    register_block(NANCY, Block.Kind.ALL)
    answer = holm.get(HERE)
    page = text(answer)
    assert (
        "25.11.2026 kl. 12.09 Navn ikke oplyst: oversigten Hjertesygdomme · Grund: Aktuel behandling · "
        "Behandlingsrelation: B generel kl. 12.00 Nancy Ann Berggren: listen over EKG'er, kommunale data" in page
    ), "a name that went with a block would tell of the block"
    assert not [number for number in (NANCY[:6], JENS[:6]) if number in answer.content.decode()]
    assert answer["Cache-Control"] == "no-store"
    assert own_events() == [("holm", "", None)], "one line for the page, about its reader"
    assert str(AuditEvent.objects.get(action="own_looks.viewed").pk) == answer["X-Audit-Id"]


def test_colleagues_and_citizens_look_ups_are_not_among_one_s_own(log: Any) -> None:
    looked(log, NOW - timedelta(hours=2), Action.OVERVIEW_VIEWED)
    looked(log, NOW - timedelta(hours=3), Action.EKG_RECORDING_VIEWED, by="kvist")
    page = text(at(person("holm")).get(HERE))
    assert "oversigten" in page
    assert "EKG" not in page


def test_an_override_is_marked_and_a_period_chosen_and_what_is_forgotten_has_no_name(log: Any) -> None:
    looked(log, NOW - timedelta(days=3), Action.EKG_FOLDER_VIEWED, ground="other")
    context = looked(log, NOW - timedelta(days=9), Action.OVERRIDE_STARTED, Action.EKG_RECORDING_VIEWED)
    holm = at(person("holm"))
    assert "Værdispring" in text(holm.get(HERE))
    week = text(holm.get(f"{HERE}?periode=uge"))
    assert "Værdispring" not in week
    assert "Grund: Andet" in week
    assert "Navnet er ikke gemt længere" in week
    assert text(holm.get(f"{HERE}?periode=x")) == text(holm.get(HERE))
    assert not PatientContext.objects.filter(pk=context).exists()
    nothing = text(at(person("kvist")).get(HERE))
    assert "Du har ikke åbnet nogen journaler i den valgte periode." in nothing


def test_a_machine_that_many_use_shows_no_names(log: Any) -> None:
    holm = CheckingClient()
    launched(holm, "holm", NANCY)
    session = holm.session
    session["profile"] = "shared"
    session.save()
    page = text(holm.get(HERE))
    assert "Her vises ingen navne." in page
    assert "Berggren" not in page
    assert "åbnede journalen uden at se noget" in page


def test_five_hundred_cost_as_many_queries_as_one_and_pages_follow_without_gap_or_repeat(log: Any) -> None:
    holm = at(person("holm"))
    looked(log, MONDAY, Action.OVERVIEW_VIEWED)
    with CaptureQueriesContext(connection) as few:
        holm.get(HERE)
    for number in range(59):
        looked(log, MONDAY + timedelta(minutes=number // 2 + 1), Action.OVERVIEW_VIEWED)
    with CaptureQueriesContext(connection) as many:
        answer = holm.get(HERE)
    assert len(many) == len(few) <= 10, [each["sql"][:80] for each in many]
    contexts: list[str] = []
    while True:
        view = answer.context["view"]
        contexts += [row.own.lookup.opening.context for _day, rows in view.days for row in rows]
        if not view.older:
            break
        answer = holm.get(view.older)
    assert len(contexts) == len(set(contexts)) == 60
    assert "Vis de nyeste" in text(answer)
    for wrong in ("x", "0190a1b2-0000-7000-8000-000000000001", str(AuditEvent.objects.earliest("id").pk)):
        assert holm.get(f"{HERE}?efter={wrong}").status_code == 404


@pytest.mark.parametrize("who", ["kontrol", "drift"])
def test_who_works_with_no_records_is_refused_and_so_are_citizens_and_strangers(log: Any, who: str) -> None:
    assert at(person(who)).get(HERE).status_code == 403
    assert at(citizen("jens")).get(HERE).status_code == 403
    nancy = CheckingClient()
    own(nancy, "nancy")
    assert nancy.get(HERE).status_code == 403
    assert 'href="/mine-opslag/"' not in nancy.get(nancy.post("/borger/")["Location"]).content.decode()
    stranger = Client().get(HERE)
    assert (stranger.status_code, "Berggren" in stranger.content.decode()) == (401, False)
    refused = AuditEvent.objects.filter(action="access.refused").values_list("outcome", "reason")
    assert set(refused) == {(4, "role"), (4, "signed-out")}
    assert own_events() == []
    told = {role: "på dine vegne, står ikke her" in text(at(person(role)).get(HERE)) for role in ("lund", "krogh")}
    assert told == {"lund": False, "krogh": True}


def test_what_cannot_be_recorded_is_not_shown_and_nothing_is_sent_to_it(log: Any) -> None:
    looked(log, NOW - timedelta(hours=2), Action.OVERVIEW_VIEWED)
    holm = at(person("holm"))
    with patch("reviews.views.record", side_effect=NotRecorded("down")):
        answer = holm.get(HERE)
    assert answer.status_code == 503
    assert "oversigten" not in answer.content.decode()
    assert holm.post(HERE).status_code == 405
    assert controller().get(HERE).status_code == 403
