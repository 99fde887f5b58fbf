"""What the own unit has recorded tells of a treatment relation; nobody else's recordings do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from access.relation import rules
from access.relation.question import Level, Question
from ekg.evidence import last_recorded
from ekg.models import Recording
from ekg.tests import making
from ekg.tests.making import STARTED, deliver, document
from patients.models import Patient
from patients.registry import patient_for

pytestmark = pytest.mark.django_db
UNIT = "999000000000016"


def question(patient: Patient, unit: str = UNIT, system: str = "sor") -> Question:
    now = timezone.now()
    return Question(
        patient=patient.pk,
        cpr=patient.cpr,
        professional_cpr="",
        audience="clinician",
        organisation_system=system,
        organisation_id=unit,
        vouched=False,
        launched=True,
        since=now,
        until=now + timedelta(hours=8),
    )


def test_the_newest_recording_of_the_asking_unit_counts() -> None:
    deliver(document("old", making.recording(started=STARTED - timedelta(days=700))))
    deliver(document("new", making.recording(started=STARTED)))
    deliver(
        document("theirs", making.recording(started=STARTED + timedelta(days=9), organisation_sor="999000000000111"))
    )
    nancy = Patient.objects.get(cpr=making.NANCY)
    assert last_recorded(question(nancy)) == STARTED
    assert last_recorded(question(nancy, "999000000000111")) == STARTED + timedelta(days=9)
    assert last_recorded(question(nancy, "999000000000999")) is None
    assert last_recorded(question(nancy, UNIT, "ydernummer")) is None
    assert last_recorded(question(patient_for(making.JENS))) is None


def test_what_was_withdrawn_is_evidence_of_nothing() -> None:
    deliver(document())
    Recording.objects.update(status="withdrawn", withdrawn_at=timezone.now())
    assert last_recorded(question(Patient.objects.get(cpr=making.NANCY))) is None


def test_without_a_launch_that_is_evidence_the_recording_decides() -> None:
    deliver(document("new", making.recording(started=timezone.now() - timedelta(days=364))))
    asked = question(Patient.objects.get(cpr=making.NANCY))
    assert rules.relation(asked).level is Level.B_PLUS
    assert rules.relation(replace(asked, since=asked.since + timedelta(days=2))).level is Level.C
    assert rules.relation(replace(asked, vouched=True, since=asked.since + timedelta(days=2))).level is Level.B
    assert rules.relation(replace(asked, organisation_id="1")).level is Level.E
    assert rules.relation(replace(asked, organisation_id="1", launched=False)).level is Level.D
