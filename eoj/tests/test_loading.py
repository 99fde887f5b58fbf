"""A first load gives what the door would have given, report by report, and may be run again."""

from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from access.tests.cast import launched
from audit.models import AuditEvent
from eoj.models import Report, Version
from eoj.tests.door import municipality
from eoj.tests.reports import MOBILITY, condition, incremental, report
from eoj.tests.stands import everything, stands
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
