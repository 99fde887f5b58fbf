"""Times that care cannot have are refused; a change that is said to come after its report outranks nothing later."""

from collections.abc import Callable
from typing import Any

import pytest

from eoj.models import Report
from eoj.tests.door import XML, Answer, municipality
from eoj.tests.renditions import xml
from eoj.tests.reports import (
    MOBILITY,
    RESPIRATION,
    condition,
    encounter,
    follow_up,
    goal,
    incremental,
    plan,
    procedure,
    report,
    wrong,
)
from eoj.tests.stands import stands

Put = Callable[..., Answer]
FUNCTION = condition(MOBILITY, 2, id="gang")


@pytest.fixture
def put(db: None) -> Put:
    return municipality()


def changed(resource: dict[str, Any], at: str) -> dict[str, Any]:
    return resource | {"meta": resource["meta"] | {"lastUpdated": at}}


WRONG = {
    "CarePlan.period.end": report(plan("H1.1", "2026-03-01", "9999-12-31T23:59:59Z")),
    "CarePlan.period.start": report(plan("H1.1", "0001-01-01T00:00:00+14:00")),
    "Condition.recordedDate": report(condition(RESPIRATION, recorded="9999-12-31")),
    "Condition.meta.lastUpdated": report(changed(condition(RESPIRATION), "9999-12-31T23:59:59-12:00")),
    "Encounter.period.start": report(encounter("2200-01-01")),
    "Goal.start[x]": report(FUNCTION, goal("gang", 1, "1899-12-31")),
    "Observation.effective[x]": report(FUNCTION, follow_up("gang", at="0001")),
    "Procedure.performed[x]": report(procedure("G1.39", "2300-05-01T08:00:00Z")),
    "Bundle.timestamp": report(condition(RESPIRATION), timestamp="9999-12-31T23:59:59Z"),
}


@pytest.mark.parametrize("element", WRONG)
def test_a_time_that_care_cannot_have_is_refused_by_its_element(put: Put, element: str) -> None:
    tree = WRONG[element]
    for answer in (put(tree), put(xml(tree), to=tree["id"], media=XML)):
        assert (answer.status, answer.handling) == (422, "refused")
        told = [each for each in answer.tree["issue"] if each["severity"] in ("error", "fatal")]
        assert [each["details"]["coding"][0]["code"].partition(":")[2] for each in told] == [f"{element}:range"]
        sentence = told[0]["details"]["text"]
        assert "1900 til 2199" in sentence or "slutdato" in sentence
    assert Report.objects.count() == 0


def test_a_delivery_made_at_no_time_is_refused(put: Put) -> None:
    answer = put(incremental(report(condition(RESPIRATION)), timestamp="0001-01-01T00:00:00+14:00"))
    assert (answer.status, answer.handling) == (422, "refused")


def test_the_first_and_the_last_day_are_accepted(put: Put) -> None:
    assert put(report(plan("H1.1", "1900-01-01", "2199-12-31"))).handling == "accepted"


def test_a_change_after_its_report_counts_from_the_report_and_is_told(put: Put) -> None:
    answer = put(report(changed(condition(RESPIRATION, id="luft"), "2062-05-01T20:00:00Z"), id="a"))
    assert (answer.status, answer.handling) == (200, "accepted")
    told = next(each for each in answer.tree["issue"] if each["severity"] == "warning")
    assert told["details"]["coding"][0]["code"] == "care-report-changed-later"
    assert told["expression"] == ["Bundle.entry[1].resource.meta.lastUpdated"]
    assert f"{stands('Condition')['luft'].effective:%Y-%m-%dT%H:%MZ}" == "2026-03-12T20:00Z"
    late = wrong(condition(RESPIRATION, id="luft"))
    assert put(report(late, id="b", timestamp="2026-03-13T20:00:00Z")).handling == "accepted"
    assert stands("Condition") == {}


def test_a_change_before_its_report_counts_from_the_change(put: Put) -> None:
    answer = put(report(changed(condition(RESPIRATION, id="luft"), "2026-03-12T08:00:00Z")))
    assert "care-report-changed-later" not in answer.rules
    assert f"{stands('Condition')['luft'].effective:%H:%M}" == "08:00"
