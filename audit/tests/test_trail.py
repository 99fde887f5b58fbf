"""Who saw what, newest first, in one query."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from audit import trail
from audit.actions import Action
from audit.record import Outcome, record
from audit.tests.conftest import HOLM

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)


@pytest.fixture
def patient() -> uuid.UUID:
    """Seen five times by Holm, twice in the same microsecond."""
    patient, other = uuid.uuid4(), uuid.uuid4()
    with time_machine.travel(START, tick=False) as clock:
        for minutes in (0, 0, 1, 2, 40 * 24 * 60):
            clock.move_to(START + timedelta(minutes=minutes))
            record(Action.EKG_RECORDING_VIEWED, actor=HOLM, patient=patient, context=f"ctx-{patient}")
        record(Action.EKG_FOLDER_VIEWED, actor=HOLM, patient=other, context=f"ctx-{patient}", outcome=Outcome.MINOR)
    return patient


def test_the_newest_stands_first_and_others_stay_out(patient: uuid.UUID, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        lines = trail.for_patient(patient)
    assert [line.recorded - START for line in lines][:2] == [timedelta(days=40), timedelta(minutes=2)]
    assert len(lines) == 5
    assert lines[0].words == "Fik vist EKG"
    assert lines[0].actor_organisation == "325421000016001"


def test_pages_follow_each_other_without_gap_or_repeat(patient: uuid.UUID, django_assert_num_queries: Any) -> None:
    found: list[trail.Line] = []
    for _ in range(6):
        with django_assert_num_queries(1):
            found += trail.for_patient(patient, limit=1, before=found[-1] if found else None)
    assert found == trail.for_patient(patient)


def test_a_context_tells_everything_done_in_it(patient: uuid.UUID) -> None:
    lines = trail.for_context(f"ctx-{patient}")
    assert len(lines) == 6
    assert {line.action for line in lines} == {"ekg_recording.viewed", "ekg_folder.viewed"}
    assert trail.for_context("another") == []


def test_an_action_of_a_later_version_is_shown_by_its_code(patient: uuid.UUID) -> None:
    from dataclasses import replace

    assert replace(trail.for_patient(patient)[0], action="xray.viewed").words == "xray.viewed"
