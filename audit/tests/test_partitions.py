"""The months of the log: made ahead, and an alarm when one is missing."""

import threading
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from audit import partitions
from audit.actions import Action
from audit.models import AuditEvent
from audit.record import SYSTEM, record
from audit.tests.conftest import Scratch

NEXT_YEAR = datetime(2031, 2, 28, 23, 59, tzinfo=UTC)


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("audit_partitions", *arguments, stdout=said)
    return said.getvalue()


def names() -> list[str]:
    return [one.name for one in partitions.partitions(connection)]


def partition_of(key: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM audit_event WHERE id = %s", [key])
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("moment", "ahead", "first"),
    [
        (datetime(2026, 11, 20, 14, tzinfo=UTC), 0, datetime(2026, 11, 1, tzinfo=UTC)),
        (datetime(2026, 11, 30, 23, tzinfo=UTC), 1, datetime(2026, 12, 1, tzinfo=UTC)),
        (datetime(2026, 11, 1, tzinfo=UTC), 2, datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), 13, datetime(2028, 1, 1, tzinfo=UTC)),
        (datetime.fromisoformat("2026-12-01T00:30:00+01:00"), 0, datetime(2026, 11, 1, tzinfo=UTC)),
    ],
)
def test_a_month_begins_in_utc(moment: datetime, ahead: int, first: datetime) -> None:
    assert partitions.month(moment, ahead) == first


def test_migrating_makes_this_month_and_three_more_and_events_go_there(empty_log: Scratch) -> None:
    now = datetime.now(UTC)
    assert names() == [f"audit_event_{partitions.month(now, ahead):%Y_%m}" for ahead in range(4)]
    assert partition_of(record(Action.SOR_IMPORTED, actor=SYSTEM)) == f"audit_event_{now:%Y_%m}"


def test_making_them_again_makes_nothing(empty_log: Scratch) -> None:
    before = names()
    assert "ingen" in run()
    assert names() == before


@time_machine.travel(NEXT_YEAR, tick=False)
def test_the_command_makes_the_months_that_are_missing(empty_log: Scratch) -> None:
    assert "audit_event_2031_02, audit_event_2031_03, audit_event_2031_04" in run("--months", "2")
    assert partition_of(record(Action.SOR_IMPORTED, actor=SYSTEM)) == "audit_event_2031_02"


def test_a_turn_of_the_month_without_a_partition_loses_nothing_and_alarms(
    empty_log: Scratch, caplog: pytest.LogCaptureFixture
) -> None:
    with time_machine.travel(NEXT_YEAR, tick=False) as clock:
        keys = [record(Action.SOR_IMPORTED, actor=SYSTEM)]
        clock.move_to(datetime(2031, 3, 1, 0, 0, 1, tzinfo=UTC))
        keys.append(record(Action.SOR_IMPORTED, actor=SYSTEM))
        assert [partition_of(key) for key in keys] == ["audit_event_default"] * 2
        with pytest.raises(CommandError) as alarm:
            run()
        assert alarm.value.returncode == 1
        assert "mangler en partition for 03.2031" in str(alarm.value)
        assert "audit_event_default" in str(alarm.value)
        logged = [line.getMessage() for line in caplog.records if line.name == "audit.partitions"]
        assert str(alarm.value) == " ".join(logged)
        # Months that the stray rows do not touch are made all the same.
        assert "audit_event_2031_04" in names()

        said = run("--adopt")
        assert "audit_event_2031_02_to_2031_03" in said
        assert [partition_of(key) for key in keys] == ["audit_event_2031_02_to_2031_03"] * 2
        assert AuditEvent.objects.filter(pk__in=keys).count() == 2
        assert partition_of(record(Action.SOR_IMPORTED, actor=SYSTEM)) == "audit_event_2031_02_to_2031_03"
        assert "ingen" in run()
        with empty_log.raw("owner") as owner, pytest.raises(Exception, match="append-only"):
            owner.execute("DELETE FROM audit_event_2031_02_to_2031_03")
        with empty_log.raw("owner") as owner, pytest.raises(Exception, match="append-only"):
            owner.execute("TRUNCATE audit_event_default")


def test_adopting_an_empty_default_changes_nothing(empty_log: Scratch) -> None:
    before = names()
    assert "tom" in run("--adopt")
    assert names() == before
    with time_machine.travel(NEXT_YEAR):
        assert partition_of(record(Action.SOR_IMPORTED, actor=SYSTEM)) == "audit_event_default"


def test_stray_rows_around_a_partition_stay_where_they_are(empty_log: Scratch) -> None:
    with time_machine.travel(datetime(2001, 1, 1, tzinfo=UTC)):
        early = record(Action.SOR_IMPORTED, actor=SYSTEM)
    with time_machine.travel(NEXT_YEAR):
        late = record(Action.SOR_IMPORTED, actor=SYSTEM)
    before = names()
    with pytest.raises(CommandError, match="0004"):
        run("--adopt")
    assert names() == before
    assert [partition_of(key) for key in (early, late)] == ["audit_event_default"] * 2


def test_looking_makes_nothing_and_the_app_role_may(empty_log: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    run("--check")
    monkeypatch.setattr("audit.management.commands.audit_partitions.connections", {"default": connection})
    run("--check")
    with time_machine.travel(NEXT_YEAR), pytest.raises(CommandError, match=r"02\.2031.*03\.2031"):
        run("--check")
    assert "audit_event_2031_02" not in names()
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        run()


def test_two_makers_at_once_make_each_month_once(empty_log: Scratch) -> None:
    made: list[str] = []
    failed: list[BaseException] = []

    def make() -> None:
        try:
            with empty_log.entered():
                made.extend(partitions.make_ahead(connections["owner"], NEXT_YEAR, 5))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(made) == len(set(made)) == 6


def test_partitions_are_made_while_an_event_is_being_written(empty_log: Scratch) -> None:
    with transaction.atomic():
        record(Action.SOR_IMPORTED, actor=SYSTEM)
        assert partitions.make_ahead(connections["owner"], NEXT_YEAR, 0) == ["audit_event_2031_02"]


def test_a_long_reader_of_the_whole_log_only_delays_them(empty_log: Scratch, caplog: pytest.LogCaptureFixture) -> None:
    with empty_log.raw() as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM audit_event")
        assert partitions.make_ahead(connections["owner"], NEXT_YEAR, 0) == []
        assert "audit_event_2031_02 not made" in caplog.text
        reader.execute("COMMIT")
    assert partitions.make_ahead(connections["owner"], NEXT_YEAR, 0) == ["audit_event_2031_02"]
