"""Whole months of the log go when their time is up, and only sealed ones that nobody holds back."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections

from audit import holds, leaf, merkle, partitions, retention
from audit.actions import Action
from audit.minlog.table import MinLogRow
from audit.models import AuditDropped, AuditEvent, AuditHold
from audit.record import SYSTEM, record
from audit.sealing.tests.conftest import begin
from audit.tests.conftest import Scratch

FIRST, SECOND, THIRD = (datetime(2026, month, 15, 12, tzinfo=UTC) for month in (1, 2, 3))
LATER = datetime(2031, 3, 5, tzinfo=UTC)
"""When the first two months are past their five years, and the third is not."""


def run(command: str = "audit_retention", *arguments: str) -> str:
    said = StringIO()
    call_command(command, *arguments, stdout=said)
    return said.getvalue()


def broken() -> list[str]:
    """What audit_verify names."""
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("audit_verify", stdout=said)
    return said.getvalue().splitlines()


def written(at: datetime, times: int = 3) -> None:
    with time_machine.travel(at, tick=False) as clock:
        for _ in range(times):
            record(Action.SOR_IMPORTED, actor=SYSTEM)
            clock.shift(timedelta(seconds=1))


def sealed(log: Scratch, at: datetime = LATER) -> list[bytes]:
    """Every row gets its leaf, and one checkpoint covers them all; the leaf hashes, in order."""
    columns = ", ".join(sorted(leaf.COLUMNS | {"salt"}))
    with log.raw("owner") as owner:
        owner.execute("SET timezone = 'UTC'")
        cursor = owner.cursor(row_factory=psycopg.rows.dict_row)
        lacking = f"SELECT {columns} FROM audit_event WHERE id NOT IN (SELECT event_id FROM audit_leaf)"
        number = int(owner.execute("SELECT count(*) FROM audit_leaf").fetchone()[0])  # type: ignore[index]
        for index, row in enumerate(cursor.execute(f"{lacking} ORDER BY recorded, id").fetchall(), number):
            hashed = merkle.leaf_hash(leaf.leaf_data(row["salt"], leaf.canonical(row)))
            owner.execute("INSERT INTO audit_leaf VALUES (%s, %s, %s, %s)", (index, row["id"], row["recorded"], hashed))
        leaves = [hashed for (hashed,) in owner.execute("SELECT leaf_hash FROM audit_leaf ORDER BY leaf_index")]
        owner.execute(
            "INSERT INTO audit_checkpoint VALUES (%s, %s, 'a note', %s, 0)", (len(leaves), merkle.root(leaves), at)
        )
    return leaves


def names() -> list[str]:
    return [each.name for each in partitions.partitions(connection)][:3]


@pytest.fixture
def old_log(empty_log: Scratch) -> Iterator[Scratch]:
    """A log of three months, looked at five years later."""
    partitions.make_ahead(connections["owner"], FIRST, 2)
    for month in (FIRST, SECOND, THIRD):
        written(month)
    with time_machine.travel(LATER, tick=False):
        partitions.make_ahead(connections["owner"], LATER, 1)
        yield empty_log


def test_months_past_their_time_go_whole_and_leave_a_tombstone_an_event_and_their_leaves(old_log: Scratch) -> None:
    leaves = sealed(old_log)
    for event in AuditEvent.objects.all():
        looked = {"recorded": event.recorded, "since": event.recorded, "next_try": event.recorded}
        MinLogRow.objects.create(event_id=event.id, source="ekg", state="suppressed", **looked)
    told = run()
    assert "audit_event_2026_01 kan slettes: 3 hændelser." in told
    assert "audit_event_2026_02 kan slettes: 3 hændelser." in told
    assert AuditEvent.objects.count() == 9, "without --drop nothing is changed"
    assert "audit_event_2026_02 er slettet: 3 hændelser." in run("audit_retention", "--drop")

    assert names()[0] == "audit_event_2026_03"
    left = list(AuditEvent.objects.order_by("recorded"))
    assert set(MinLogRow.objects.values_list("pk", flat=True)) == {event.id for event in left[:3]}, (
        "rows go with events"
    )
    assert [event.recorded for event in left[:3]] == [THIRD + timedelta(seconds=second) for second in range(3)]
    tombs = list(AuditDropped.objects.order_by("start").values_list("partition", "start", "end", "rows", "last_size"))
    january, february, march = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
    assert tombs == [("audit_event_2026_01", january, february, 3, 9), ("audit_event_2026_02", february, march, 3, 9)]
    assert [(event.action, event.type, event.crud, event.entity) for event in left[3:]] == [
        ("audit.dropped", "retention", "D", f"AuditPartition/audit_event_2026_0{month}") for month in (1, 2)
    ]
    details = {each["type"]: each["valueString"] for each in left[3].event["entity"][0]["detail"]}
    assert details == {"from": "2026-01-01", "to": "2026-02-01", "rows": "3", "checkpoint": "9"}

    # What is left is proven as before, against the old checkpoint and against one that is made of what is left.
    assert sealed(old_log, LATER + timedelta(minutes=1))[:9] == leaves
    with old_log.raw() as app:
        kept = [bytes(each) for (each,) in app.execute("SELECT leaf_hash FROM audit_leaf ORDER BY leaf_index")]
        (root,) = app.execute("SELECT root FROM audit_checkpoint WHERE size = 9").fetchone()  # type: ignore[misc]

    def hash_at(level: int, n: int) -> bytes:
        return merkle.root(kept[n << level : (n + 1) << level])

    for index in range(6, 9):
        path = merkle.inclusion(index, 9, hash_at)
        assert merkle.verify_inclusion(kept[index], index, 9, path, root)
    assert merkle.verify_consistency(9, 11, root, merkle.root(kept), merkle.consistency(9, 11, hash_at))
    assert "Ingen måned af loggen er ældre end 5 år." in run("audit_retention", "--drop"), "again changes nothing"


def test_the_seal_verifies_after_the_drop_and_what_is_left_is_proven_on_another_machine(
    old_log: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = begin(old_log, tmp_path, monkeypatch)
    log.seal()
    assert "audit_event_2026_02 er slettet" in run("audit_retention", "--drop")
    log.seal()
    run("audit_verify")
    kept = AuditEvent.objects.order_by("recorded")[0]
    proof, key = tmp_path / "proof", tmp_path / "key"
    run("audit_prove", str(kept.pk), "--by", "case-17", "--out", str(proof))
    key.write_text("\n".join(log.folder.vkeys()))
    command = [sys.executable, "verify_audit.py", str(proof), str(key)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    log.tamper("DELETE FROM audit_leaf WHERE leaf_index = 0")
    assert broken()[-1:] == ["audit_event_2026_01: 3 rækker blev slettet efter fristen, men 2 mangler."]
    log.tamper("UPDATE audit_dropped SET rows = 2 WHERE partition = 'audit_event_2026_01'")
    assert broken()[-1:] == ["audit_event_2026_01 står som slettet, men ingen forseglet hændelse fortæller om det."]
    log.tamper("DELETE FROM audit_dropped")
    assert len([line for line in broken() if line.startswith("Blad ")]) == 6


def test_a_month_with_a_row_that_is_not_sealed_stays_and_alarms(old_log: Scratch) -> None:
    sealed(old_log)
    written(FIRST + timedelta(days=1), times=1)  # by a clock that was wrong: it has no leaf
    with old_log.raw("owner") as owner:
        # A leaf that no checkpoint covers yet.
        key = "SELECT id FROM audit_event_2026_02 LIMIT 1"
        assert owner.execute(f"SELECT leaf_index FROM audit_leaf WHERE event_id = ({key})").fetchone() is not None
        with time_machine.travel(SECOND + timedelta(days=1), tick=False):
            late = record(Action.SOR_IMPORTED, actor=SYSTEM)
        owner.execute(
            "INSERT INTO audit_leaf SELECT 9, id, recorded, sha256('x') FROM audit_event WHERE id = %s", (late,)
        )
    for arguments in ((), ("--drop",)):
        with pytest.raises(CommandError) as alarm:
            run("audit_retention", *arguments)
        assert str(alarm.value) == (
            "audit_event_2026_01 har 1 hændelse, der ikke er forseglet."
            " audit_event_2026_02 har 1 hændelse, der ikke er forseglet."
        )
    assert (len(names()), AuditDropped.objects.count(), AuditEvent.objects.count()) == (3, 0, 11)


def test_without_any_seal_nothing_goes(old_log: Scratch) -> None:
    with pytest.raises(CommandError, match="har 3 hændelser, der ikke er forseglet"):
        run("audit_retention", "--drop")
    assert names()[0] == "audit_event_2026_01"


def test_a_month_that_is_held_stays_until_it_is_released(old_log: Scratch) -> None:
    sealed(old_log)
    who = ("--reason", "sag-2026-17", "--by", "0190a1b2-0000-7000-8000-000000000001")
    assert "noteret" in run("audit_hold", "2026-02", *who)
    assert "allerede" in run("audit_hold", "2026-02", *who)
    assert run("audit_hold") == "2026-02 sag-2026-17 0190a1b2-0000-7000-8000-000000000001\n"
    told = run("audit_retention", "--drop")
    assert "audit_event_2026_01 er slettet" in told
    assert "audit_event_2026_02 bevares" in told
    assert "noteret" in run("audit_hold", "2026-02", "--lift", *who)
    assert run("audit_hold") == ""
    assert "audit_event_2026_02 er slettet" in run("audit_retention", "--drop")

    assert list(AuditHold.objects.order_by("id").values_list("held", flat=True)) == [True, False]
    events = AuditEvent.objects.filter(type="retention").order_by("recorded", "id")
    assert {(event.action, event.reason, event.entity) for event in events if event.reason} == {
        ("audit.held", "sag-2026-17", "AuditHold/2026-02"),
        ("audit.released", "sag-2026-17", "AuditHold/2026-02"),
    }


def test_what_is_written_of_a_hold_is_a_code_and_stands(old_log: Scratch) -> None:
    for wrong in (
        ("2026-13", "--reason", "x", "--by", "y"),
        ("2026-02", "--reason", "x"),
        ("2026-02", "--reason", "Retssag mod Jens", "--by", "y"),
        ("2026-02", "--reason", "x", "--by", "251248-9996"),
    ):
        with pytest.raises(CommandError):
            run("audit_hold", *wrong)
    assert AuditHold.objects.count() == 0
    run("audit_hold", "2026-02", "--reason", "x", "--by", "y")
    sealed(old_log)
    run("audit_retention", "--drop")
    with old_log.raw("owner") as owner, old_log.raw() as app:
        for table in ("audit_hold", "audit_dropped"):
            for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}", f"UPDATE {table} SET dropped_at = now()"):
                with pytest.raises((psycopg.errors.IntegrityConstraintViolation, psycopg.errors.UndefinedColumn)):
                    owner.execute(statement)
                with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedColumn)):
                    app.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(
                "INSERT INTO audit_hold (month, held, reason, set_by, at) VALUES ('2026-02-01', false, 'x', 'y', now())"
            )


def test_what_fails_on_the_way_leaves_everything_as_it_was_and_the_next_run_goes_on(
    old_log: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(old_log)
    with old_log.raw() as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM audit_event")
        told = run("audit_retention", "--drop")
    assert told.count("er i brug") == 2
    assert (AuditDropped.objects.count(), AuditEvent.objects.count()) == (0, 9)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the machine stopped")

    monkeypatch.setattr("audit.retention._note", broken)
    with pytest.raises(RuntimeError):
        run("audit_retention", "--drop")
    assert (AuditDropped.objects.count(), AuditEvent.objects.count(), len(names())) == (0, 9, 3)
    monkeypatch.undo()
    assert run("audit_retention", "--drop").count("er slettet") == 2


@pytest.mark.parametrize("signed", [(THIRD,), (THIRD, LATER, LATER + timedelta(minutes=1))], ids=["one", "both"])
def test_a_clock_that_runs_ahead_drops_nothing_whether_it_signs_or_not(
    old_log: Scratch, signed: tuple[datetime, ...]
) -> None:
    """The retention's clock alone, and the sequencer's with it: the time of its checkpoints says nothing then."""
    for at in signed:
        sealed(old_log, at)
        written(at, times=1)
    sealed(old_log, signed[-1] + timedelta(minutes=1))
    asked = ("audit_retention", "--drop")
    if len(signed) == 1:
        assert "Ingen måned" in run(*asked), "age is counted from the newest checkpoint"
    else:
        for arguments in ((), ("--drop",)):
            with pytest.raises(CommandError, match="Intet slettes: loggen har ikke været underskrevet"):
                run("audit_retention", *arguments)
        assert names()[0] == "audit_event_2026_01"
        # A clock that is put right again is believed; one that has signed for a month is, too; or a person says so.
        assert "audit_event_2026_01 er slettet" in run(*asked, "--after-a-pause")


@pytest.mark.parametrize(("days", "believed"), [((0, 30, 60, 61), True), ((0, 32, 40, 60), False)])
def test_checkpoints_without_a_months_silence_are_believed(
    old_log: Scratch, days: tuple[int, ...], believed: bool
) -> None:
    for number, day in enumerate(days):
        at = LATER - timedelta(days=70 - day)
        written(at, times=1)
        sealed(old_log, at)
        assert retention.paused(connections["owner"], at) is (False if believed else number > 0), day
    assert retention.paused(connections["owner"], LATER + timedelta(days=30)), "nor when the last is so long ago"
    # Ahead for a while, and put right: what was signed meanwhile is left out.
    written(LATER, times=1)
    sealed(old_log, LATER + timedelta(days=9000))
    written(LATER, times=1)
    sealed(old_log, LATER)
    assert not retention.paused(connections["owner"], LATER)


def test_a_row_that_repeats_the_id_of_a_sealed_one_is_not_sealed(old_log: Scratch) -> None:
    sealed(old_log)
    with old_log.raw("owner") as owner:
        columns = ", ".join(sorted(leaf.COLUMNS - {"id", "recorded", "txid"} | {"salt"}))
        owner.execute(
            f"INSERT INTO audit_event (id, recorded, {columns})"
            f" SELECT id, recorded + interval '1 hour', {columns} FROM audit_event_2026_01 ORDER BY id LIMIT 1"
        )
    with pytest.raises(CommandError, match="2026_01 har 1 hændelse, der ikke er forseglet"):
        run("audit_retention", "--drop")
    assert names()[0] == "audit_event_2026_01"


def test_the_look_before_the_drop_keeps_no_row_from_being_sealed(
    old_log: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(old_log)
    numbers: list[Any] = []
    locking = partitions.lock

    def noting(cursor: Any) -> None:
        cursor.execute("SELECT pg_current_xact_id_if_assigned()")
        numbers.append(cursor.fetchone()[0])
        locking(cursor)

    monkeypatch.setattr("audit.retention.lock", noting)
    run("audit_retention", "--drop")
    assert numbers == [None, None]


def test_a_hold_that_comes_during_the_look_counts(old_log: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(old_log)
    looking = retention._judged

    def slow(*args: Any) -> Any:
        found = looking(*args)
        with _elsewhere(old_log):
            holds.change(
                connections["owner"], FIRST.date().replace(day=1), hold=True, reason="x", set_by="y", now=LATER
            )
        return found

    monkeypatch.setattr("audit.retention._judged", slow)
    (january, *_rest) = retention.old(connections["owner"], LATER)
    assert not retention.drop(connections["owner"], january, LATER).may_go
    assert names()[0] == "audit_event_2026_01"


@contextmanager
def _elsewhere(log: Scratch) -> Iterator[None]:
    """The block runs with connections of its own."""
    with log.entered():
        yield


def test_a_partition_of_several_months_is_held_by_each_of_them(empty_log: Scratch) -> None:
    with time_machine.travel(FIRST, tick=False) as clock:
        record(Action.SOR_IMPORTED, actor=SYSTEM)
        clock.move_to(SECOND)
        record(Action.SOR_IMPORTED, actor=SYSTEM)
    partitions.adopt(connections["owner"])
    sealed(empty_log)
    run("audit_hold", "2026-02", "--reason", "x", "--by", "y")
    with time_machine.travel(LATER, tick=False):
        assert "audit_event_2026_01_to_2026_02 bevares" in run("audit_retention", "--drop")
        run("audit_hold", "2026-02", "--lift", "--reason", "x", "--by", "y")
        assert "audit_event_2026_01_to_2026_02 er slettet" in run("audit_retention", "--drop")
