"""What the own municipality has reported tells of a relation to its care staff; of nobody else does it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from access.relation import rules
from access.relation.question import Level, Question
from eoj.evidence import last_reported
from eoj.tests import reports
from eoj.tests.door import municipality
from eoj.tests.reports import CPR, OTHER_SOR, SOR, TIME
from organisations.models import Organisation
from patients.registry import patient_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked() -> Question:
    """A nurse of the municipality whose report came last spring."""
    put = municipality()
    assert put(reports.report(reports.condition("J3.1", 1))).status == 200
    later = reports.report(
        reports.condition("J3.1", 2), sor=OTHER_SOR, timestamp="2026-03-14T20:00:00Z", id="rapport-2"
    )
    assert put(later).status == 200
    now = timezone.now()
    return Question(
        patient=patient_for(CPR).pk,
        cpr=CPR,
        professional_cpr="",
        audience="municipal",
        organisation_system="sor",
        organisation_id=SOR,
        vouched=False,
        launched=True,
        since=now,
        until=now + timedelta(hours=8),
    )


def test_the_newest_report_of_the_own_municipality_counts(asked: Question) -> None:
    assert last_reported(asked) == datetime.fromisoformat(TIME)
    assert last_reported(replace(asked, organisation_id="999000000000999")) is None
    assert last_reported(replace(asked, organisation_system="cvr")) is None
    assert last_reported(replace(asked, patient=patient_for(reports.OTHER_CPR).pk)) is None


def test_a_unit_of_the_municipality_is_the_municipality(asked: Question) -> None:
    team = "999000000000999"
    for sor, code in ((SOR, "0751"), (team, "0751"), (OTHER_SOR, "0615")):
        Organisation.objects.create(sor=sor, name=sor, municipality_code=code)
    assert last_reported(replace(asked, organisation_id=team)) == datetime.fromisoformat(TIME)


def test_a_doctor_of_the_same_municipality_has_no_relation_by_it(asked: Question) -> None:
    assert last_reported(replace(asked, audience="clinician")) is None


def test_it_counts_for_its_time(asked: Question) -> None:
    reported = datetime.fromisoformat(TIME)
    assert rules.relation(replace(asked, since=reported + timedelta(days=89))).level is Level.B
    assert rules.relation(replace(asked, since=reported + timedelta(days=91))).level is Level.C
