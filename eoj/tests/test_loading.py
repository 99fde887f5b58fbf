"""A first load gives what the door would have given, report by report, and may be run again."""

from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from access.tests.cast import launched
from audit.models import AuditEvent
from audit.record import NotRecorded
from eoj import item, loading
from eoj.ingest import EOJ
from eoj.models import Report, Version
from eoj.tests.door import municipality
from eoj.tests.reports import MOBILITY, condition, incremental, report
from eoj.tests.stands import everything, stands
from fhir import work
from fhir.models import Delivery
from organisations.models import Organisation
from samples.population import reports

pytestmark = pytest.mark.django_db
COLUMNS = (
    "cpr",
    "sor",
    "type",
    "resource_id",
    "state",
    "code",
    "level",
    "hidden",
    "created",
    "since",
    "levels",
)


def standing() -> list[object]:
    return [[getattr(row, name) for name in COLUMNS] for row in everything()]


def written(folder: Path, *lines: bytes) -> str:
    file = folder / "reports.ndjson"
    file.write_bytes(b"\n".join(lines) + b"\n")
    return str(file)


def test_a_load_ends_as_the_door_would(tmp_path: Path) -> None:
    people = list(reports(12, 7))
    put = municipality()
    for each in people:
        assert put(each).handling == "accepted"
    expected = standing()
    assert expected
    for model in (Version, Report):
        model.objects.all().delete()
    municipality("load")
    call_command("load_eoj", written(tmp_path, *map(orjson.dumps, reversed(people))), "--sender", "load")
    assert standing() == expected
    for action in ("eoj.stored", "document.received"):
        assert AuditEvent.objects.filter(action=action, actor_subject="load").count() == len(people)


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    municipality("load")
    file = written(tmp_path, *map(orjson.dumps, reports(5, 1)))
    call_command("load_eoj", file, "--sender", "load")
    before = Delivery.objects.count(), Version.objects.count(), AuditEvent.objects.count()
    call_command("load_eoj", file, "--sender", "load")
    assert (Delivery.objects.count(), Version.objects.count(), AuditEvent.objects.count()) == before


def test_what_is_wrong_goes_to_quarantine_and_stops_nobody(tmp_path: Path) -> None:
    municipality("load")
    good, bad = report(condition(MOBILITY, 2), id="god"), report(condition(MOBILITY), id="daarlig")
    again = report(condition(MOBILITY, 3), id="god")
    lines = (b"{half a", orjson.dumps(bad), orjson.dumps(good), orjson.dumps(again), b"")
    call_command("load_eoj", written(tmp_path, *lines), "--sender", "load")
    assert Report.objects.get().pk == "god"
    held = Delivery.objects.filter(state="quarantined").order_by("handling")
    assert [each.handling for each in held] == ["duplicate", "refused", "refused"]
    assert {each.address for each in held} == {"", "daarlig", "god"}, "each can be processed again under its own id"
    assert [row.level for row in stands("Condition").values()] == [2]


def test_what_another_sender_has_delivered_is_accepted_and_stored_once(tmp_path: Path) -> None:
    known = report(condition(MOBILITY, 2), id="god")
    municipality()(known)
    municipality("load")
    call_command("load_eoj", written(tmp_path, orjson.dumps(known)), "--sender", "load")
    assert Report.objects.count() == 1
    assert set(Delivery.objects.values_list("state", "handling")) == {("stored", "accepted")}


def test_what_has_come_inside_a_delivery_is_accepted_as_at_the_door(tmp_path: Path) -> None:
    known = report(condition(MOBILITY, 2), id="god")
    municipality()(incremental(known))
    assert municipality("another")(known).handling == "accepted"
    municipality("load")
    changed = orjson.dumps(report(condition(MOBILITY, 3), id="god"))
    call_command("load_eoj", written(tmp_path, orjson.dumps(known), changed), "--sender", "load")
    loaded = Delivery.objects.filter(sender__subject="load").order_by("handling")
    assert [(each.state, each.handling) for each in loaded] == [("stored", "accepted"), ("quarantined", "duplicate")]
    assert Report.objects.count() == 1


def breaking(monkeypatch: pytest.MonkeyPatch, where: str, ids: set[str], error: Exception) -> None:
    """From now on something goes wrong at us, in this place, whenever one of these reports comes by."""
    module, _, name = where.rpartition(".")
    real = getattr(import_module(module), name)

    def broken(*said: Any) -> Any:
        told = next(each for each in said if isinstance(each, item.Report | dict))
        if (told["id"] if isinstance(told, dict) else told.id) in ids:
            raise error
        return real(*said)

    monkeypatch.setattr(where, broken)


WHERE = ["eoj.loading.judged", "eoj.loading._reported", "eoj.applying.row"]
"""Judging one; writing its own row; writing what it holds, when rows of others are on their way."""


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("chunk", [2, 500])
def test_one_that_fails_at_us_goes_to_quarantine_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where: str, chunk: int
) -> None:
    monkeypatch.setattr("eoj.loading.CHUNK", chunk)
    municipality("load")
    people = list(reports(6, 7))
    ids = [each["id"] for each in people]
    file = written(tmp_path, *map(orjson.dumps, people))
    with monkeypatch.context() as wrong:
        breaking(wrong, where, {ids[1], ids[-1]}, ZeroDivisionError("251248-9996"))
        call_command("load_eoj", file, "--sender", "load")
    said = capsys.readouterr()
    assert f"{len(ids)} læst: {len(ids) - 2} modtaget" in said.out
    assert "2 i karantæne" in said.out
    assert set(Report.objects.values_list("pk", flat=True)) == {*ids} - {ids[1], ids[-1]}
    held = Delivery.objects.filter(state="quarantined")
    assert {(each.address, each.reason) for each in held} == {(id, "care-report-failed") for id in (ids[1], ids[-1])}
    assert "251248" not in said.out + said.err + "".join(each.answer for each in held)
    assert Delivery.objects.count() == len(ids)
    for action, times in (("document.received", len(ids) - 2), ("eoj.stored", len(ids) - 2), ("document.rejected", 2)):
        assert AuditEvent.objects.filter(action=action).count() == times
    # Once we have mended it, both are processed again, and stand as the others do.
    for each in held:
        assert work.again(each)
        assert work.process(each.pk, (EOJ,))
    assert set(Report.objects.values_list("pk", flat=True)) == {*ids}


def test_of_two_with_one_id_the_second_stands_when_the_first_fails_at_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    municipality("load")
    first, second = report(condition(MOBILITY, 2), id="god"), report(condition(MOBILITY, 3), id="god")
    real, turns = loading._reported, count(1)

    def broken(*said: Any) -> Any:
        if next(turns) in (1, 2):  # the first of them: together with the other, and alone
            raise ValueError
        return real(*said)

    monkeypatch.setattr(loading, "_reported", broken)
    call_command("load_eoj", written(tmp_path, orjson.dumps(first), orjson.dumps(second)), "--sender", "load")
    assert [row.level for row in stands("Condition").values()] == [3]
    assert sorted(Delivery.objects.values_list("state", "reason")) == [
        ("quarantined", "care-report-failed"),
        ("stored", ""),
    ]


@pytest.mark.parametrize("error", [OperationalError("gone"), OSError(28, "full"), NotRecorded("down")])
def test_a_house_that_is_down_stops_the_run_and_blames_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    municipality("load")
    people = list(reports(3, 7))
    breaking(monkeypatch, "eoj.loading._reported", {people[1]["id"]}, error)
    with pytest.raises((type(error), CommandError)):
        call_command("load_eoj", written(tmp_path, *map(orjson.dumps, people)), "--sender", "load")
    assert not Delivery.objects.exists()


def test_blank_lines_end_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eoj.loading.CHUNK", 3)
    municipality("load")
    last = orjson.dumps(report(condition(MOBILITY, 2), id="sidst"))
    call_command("load_eoj", written(tmp_path, *[b""] * 7, last), "--sender", "load")
    assert Report.objects.get().pk == "sidst"


def test_a_generated_file_can_be_loaded(tmp_path: Path) -> None:
    municipality("load")
    people, sor = str(tmp_path / "people"), str(tmp_path / "98.csv")
    call_command("generate_eoj", "--citizens", "4", "--seed", "9", "--out", people, "--sor", sor)
    call_command("load_eoj", people, "--sender", "load")
    assert Report.objects.count() == len(list(reports(4, 9)))


def test_the_municipalities_of_generated_citizens_have_names(tmp_path: Path, client: Client) -> None:
    people, sor = tmp_path / "people", str(tmp_path / "98.csv")
    call_command("generate_eoj", "--citizens", "30", "--seed", "9", "--out", str(people), "--sor", sor)
    call_command("import_sor", sor)
    municipality("load")
    call_command("load_eoj", str(people), "--sender", "load")
    held = Organisation.objects.all()
    assert (held.count(), held.values("municipality_code").distinct().count()) == (98, 98)
    assert set(Report.objects.values_list("sor", flat=True)) <= {each.sor for each in held}
    last = Report.objects.select_related("patient").latest("timestamp")
    context = launched(client, "krogh", last.patient.cpr, org={"sor": last.sor})
    page = client.get(f"/k/{context}/kommune/?vis=alle").content.decode()
    assert Organisation.objects.get(sor=last.sor).name in page


def test_an_unknown_sender_or_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="ikke registreret"):
        call_command("load_eoj", written(tmp_path), "--sender", "nobody")
    municipality("load")
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_eoj", str(tmp_path / "missing"), "--sender", "load")


def test_the_same_seed_makes_the_same_people() -> None:
    assert list(reports(3, 5)) == list(reports(3, 5)) != list(reports(3, 6))
