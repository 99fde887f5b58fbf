"""A delivery too large for memory: received to disk, judged report by report by the worker, safe to begin again."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import call_command

from audit.models import AuditEvent
from eoj import batches
from eoj.models import Report, Version
from eoj.tests.door import XML, Answer, municipality
from eoj.tests.reports import CPR, MOBILITY, OTHER_CPR, RESPIRATION, condition, incremental, report
from eoj.tests.stands import stands
from fhir.models import Delivery

Put = Callable[..., Answer]
LIMIT, MOST = 1_000, 200_000


@pytest.fixture
def put(db: None, settings: Any) -> Put:
    settings.FHIR_MAX_BODY, settings.FHIR_MAX_DELIVERY, settings.FHIR_LARGE_WAIT = LIMIT, MOST, 0
    return municipality()


def some(count: int) -> list[dict[str, Any]]:
    return [
        report(condition(MOBILITY, 2, id=f"gang-{n}"), id=f"rapport-{n}", cpr=(CPR, OTHER_CPR)[n % 2])
        for n in range(count)
    ]


def worked() -> Delivery:
    """The worker's part, and the delivery itself."""
    call_command("sweep", "--once")
    return Delivery.objects.order_by("received_at")[0]


def due() -> None:
    Delivery.objects.filter(state="received").update(next_try="2026-01-01T00:00:00Z")


def test_a_large_delivery_is_taken_and_every_report_in_it_stands(put: Put) -> None:
    answer = put(incremental(*some(40)))
    assert (answer.status, answer.handling) == (202, "accepted")
    due()
    delivery = worked()
    assert (delivery.state, delivery.handling, delivery.status) == ("stored", "accepted", 200)
    assert len(stands("Condition")) == Report.objects.count() == 40
    assert AuditEvent.objects.filter(action="eoj.stored").count() == 40
    again = put(incremental(*some(40)))
    assert (again.status, again.handling) == (200, "accepted"), "the same bytes get the final answer"
    assert Delivery.objects.count() == 1


def test_what_is_wrong_in_it_goes_to_quarantine_alone_and_is_told(put: Put) -> None:
    bad = report(condition(MOBILITY), id="daarlig")
    put(incremental(*some(10), bad, {"resourceType": "Patient", "id": "x"}))
    due()
    delivery = worked()
    assert delivery.handling == "accepted"
    assert [each["path"].split(".")[1] for each in delivery.findings] == ["entry[10]", "entry[11]"]
    assert Report.objects.count() == 10
    held = Delivery.objects.filter(state="quarantined")
    assert {(each.address, each.handling) for each in held} == {("daarlig", "refused"), ("x", "refused")}


def test_one_in_which_nothing_can_be_accepted_is_refused(put: Put) -> None:
    put(incremental(*(report(condition(MOBILITY), id=f"daarlig-{n}") for n in range(5))))
    due()
    assert (worked().status, worked().handling, Report.objects.count()) == (422, "refused", 0)


def test_an_id_that_is_taken_is_told_and_the_first_stays(put: Put) -> None:
    put(incremental(*some(6)))
    due()
    worked()
    changed = report(condition(MOBILITY, 4, id="gang-0"), id="rapport-0")
    put(incremental(changed, report(condition(RESPIRATION, id="luft"), id="ny"), *some(6)[1:]))
    due()
    worked()
    assert stands("Condition")["gang-0"].level == 2
    assert "luft" in stands("Condition")
    assert [each.handling for each in Delivery.objects.filter(state="quarantined")] == ["duplicate"]


def test_one_in_which_every_id_is_taken_is_refused_with_each(put: Put) -> None:
    put(incremental(*some(6)))
    due()
    worked()
    changed = [report(condition(MOBILITY, 4, id=f"gang-{n}"), id=f"rapport-{n}") for n in range(6)]
    put(incremental(*changed))
    due()
    worked()
    refused = Delivery.objects.get(address="levering-1", state="quarantined")
    assert (refused.status, refused.handling) == (422, "refused")
    assert [each["rule"] for each in refused.findings] == ["duplicate"] * 6
    assert [each.handling for each in Delivery.objects.filter(state="quarantined").exclude(pk=refused.pk)] == [
        "duplicate"
    ] * 6


def test_it_goes_on_where_it_was_broken_off(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eoj.large.CHUNK", 4)
    put(incremental(*some(10)))
    judged: list[Any] = []
    real = batches.judged

    def breaking(tree: Any) -> Any:
        judged.append(tree["id"])
        if len(judged) == 6:
            raise OSError("the disk is gone")
        return real(tree)

    monkeypatch.setattr("eoj.batches.judged", breaking)
    due()
    assert worked().state == "received"
    assert Report.objects.count() == 4, "what was whole is kept"
    due()
    assert worked().state == "stored"
    assert Report.objects.count() == 10
    assert judged[6:] == [f"rapport-{n}" for n in range(4, 10)], "what is stored is not judged again"


def test_the_limit_holds_as_sent_and_unpacked(put: Put) -> None:
    raw = orjson.dumps(incremental(*some(40))) + b" " * MOST
    answer = put(raw, to="samling-1")
    assert answer.status == 413
    packed = put(gzip.compress(raw), to="samling-1", headers={"HTTP_CONTENT_ENCODING": "gzip"})
    assert packed.status == 413
    assert not Delivery.objects.exists()
    fits = put(
        gzip.compress(orjson.dumps(incremental(*some(40)))), to="samling-1", headers={"HTTP_CONTENT_ENCODING": "gzip"}
    )
    assert fits.status == 202


def test_a_single_report_or_xml_of_that_size_is_refused(put: Put) -> None:
    put(report(*(condition(MOBILITY, 2, id=f"gang-{n}") for n in range(20)), id="stor"))
    due()
    delivery = worked()
    assert (delivery.status, delivery.reason) == (422, "too-large")
    assert put(b"<Bundle/>" + b" " * LIMIT, to="stor", media=XML).status == 413


def test_one_that_came_to_another_address_than_its_id_is_refused(put: Put) -> None:
    put(incremental(*some(20)), to="en-anden")
    due()
    assert (worked().status, worked().reason, Report.objects.count()) == (422, "bundle-id", 0)


@pytest.mark.parametrize("broken", [b"", b"]}", b"}}}", b'{"resourceType"'])
def test_bytes_that_are_no_document_are_refused_whole(put: Put, broken: bytes) -> None:
    raw = orjson.dumps(incremental(*some(20)))
    put(raw[:-30] + broken, to="samling-1")
    due()
    assert (worked().status, worked().state) == (422, "quarantined")
    assert not Version.objects.exists()


def test_nothing_is_left_of_a_delivery_that_was_cut_short(put: Put, settings: Any) -> None:
    folder = Path(settings.PRIVATE_STORAGE["OPTIONS"]["location"])
    before = set(folder.rglob("*"))
    put(orjson.dumps(incremental(*some(40))) + b" " * MOST, to="samling-1")
    assert set(folder.rglob("*")) - before <= {folder}
