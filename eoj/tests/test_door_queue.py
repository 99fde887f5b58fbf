"""Reports that are left to the worker: no answer is final before the tables have had their say."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from eoj import applying
from eoj.models import Report
from eoj.tests.door import Answer, municipality
from eoj.tests.reports import MOBILITY, OTHER_CPR, RESPIRATION, condition, incremental, report
from eoj.tests.stands import stands
from fhir.models import Delivery
from fhir.work import again

Put = Callable[..., Answer]
GOOD = report(condition(MOBILITY, 2, id="gang"), id="god")
CHANGED = report(condition(MOBILITY, 4, id="gang"), id="god")
FRESH = report(condition(RESPIRATION, id="luft"), id="ny", cpr=OTHER_CPR)


@pytest.fixture
def put(db: None, settings: Any) -> Put:
    """Everything is large enough for the worker, and nobody waits for it."""
    settings.FHIR_INLINE_BELOW, settings.FHIR_LARGE_WAIT = 1, 0
    return municipality()


def work() -> None:
    Delivery.objects.filter(state="received").update(next_try="2026-01-01T00:00:00Z")
    call_command("sweep", "--once")


def finally_(put: Put, tree: Any) -> Answer:
    """The answer to a repeat, when the worker has been at it."""
    first = put(tree)
    assert (first.status, first.handling) == (202, "accepted")
    work()
    return put(tree)


def test_a_report_is_accepted_when_it_is_stored(put: Put) -> None:
    answer = finally_(put, GOOD)
    assert (answer.status, answer.handling) == (200, "accepted")
    assert stands("Condition")["gang"].level == 2


def test_another_content_under_the_id_is_never_called_accepted(put: Put) -> None:
    finally_(put, GOOD)
    answer = finally_(put, CHANGED)
    assert (answer.status, answer.handling, answer.codes) == (409, "duplicate", ["duplicate"])
    assert stands("Condition")["gang"].level == 2


def test_a_delivery_tells_of_each_report_in_quarantine(put: Put) -> None:
    finally_(put, GOOD)
    answer = finally_(put, incremental(CHANGED, FRESH))
    assert (answer.status, answer.handling) == (200, "accepted")
    assert "duplicate" in answer.codes
    assert set(stands("Condition")) == {"gang", "luft"}
    assert Delivery.objects.get(state="quarantined").handling == "duplicate"


def test_the_sender_waits_for_the_outcome(put: Put, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    finally_(put, GOOD)
    settings.FHIR_LARGE_WAIT = 60
    monkeypatch.setattr("fhir.receiving.time.sleep", lambda _seconds: work())  # another process is at it meanwhile
    assert [put(tree).status for tree in (CHANGED, FRESH)] == [409, 200]


def test_what_is_wrong_by_itself_is_told_at_once(put: Put) -> None:
    assert put(report(condition(MOBILITY))).status == 422
    assert put(b'{"resourceType": "Bundle", ', to="halv").status == 400
    assert Report.objects.count() == 0


@pytest.mark.parametrize("large", [False, True])
def test_a_report_that_we_fail_to_store_stops_nobody_else(
    put: Put, settings: Any, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    real = applying.row

    def failing(patient: Any, said: Any, item: Any) -> Any:
        if said.id == "ny":
            raise ZeroDivisionError
        return real(patient, said, item)

    monkeypatch.setattr("eoj.applying.row", failing)
    settings.FHIR_INLINE_BELOW, settings.FHIR_MAX_BODY = 1_000_000, 3_000 if large else 20_000_000
    put(GOOD)
    work()
    last = report(condition(MOBILITY, 1, id="gang"), id="sidste", timestamp="2026-03-13T20:00:00Z")
    delivery = incremental(CHANGED, FRESH, last)
    answer = finally_(put, delivery) if large else put(delivery)
    assert (answer.status, answer.handling) == (200, "accepted")
    assert {"duplicate", "care-report-not-stored-yet"} <= set(answer.rules)
    assert stands("Condition")["gang"].level == 1
    held = Delivery.objects.get(address="ny")
    assert (held.state, held.status, Report.objects.count()) == ("received", 202, 2)
    for _ in range(5):
        work()
    held.refresh_from_db()
    assert (held.state, held.reason) == ("dead", "ZeroDivisionError")
    monkeypatch.setattr("eoj.applying.row", real)
    assert again(held)
    work()
    assert set(stands("Condition")) == {"gang", "luft"}
    held.refresh_from_db()
    assert (held.state, held.status) == ("stored", 200)


def test_a_report_alone_that_we_fail_to_store_is_not_called_accepted(
    put: Put, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FHIR_INLINE_BELOW = 1_000_000
    with monkeypatch.context() as broken:
        broken.setattr("eoj.applying.row", lambda *_: 1 / 0)
        assert put(GOOD).status == 202
    work()
    answer = put(GOOD)
    assert (answer.status, answer.handling, Report.objects.count()) == (200, "accepted", 1)
