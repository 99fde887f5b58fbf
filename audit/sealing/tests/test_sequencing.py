"""Every committed row gets one leaf, whoever writes when, and whatever is killed (I3)."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from django.conf import settings as current
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from audit.sealing import sealer, sequencer, store
from audit.sealing.tests.conftest import UNSEALED, Log
from audit.tiles import SIDE

DENSE = "SELECT count(*) = coalesce(max(leaf_index) + 1, 0) FROM audit_leaf"
LOCKS = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = database WHERE datname = current_database() AND"
IN_ORDER = "SELECT event_id FROM audit_leaf ORDER BY leaf_index"
COPIED = """
INSERT INTO audit_event (id, recorded, action, type, subtype, crud, outcome, reason, actor_kind, actor_issuer,
 actor_subject, actor_role, actor_organisation, actor_network, entity, context, correlation, purpose, request_id, salt,
 event) SELECT {id}, {recorded}, action, type, subtype, crud, outcome, reason, actor_kind, actor_issuer, actor_subject,
 actor_role, actor_organisation, actor_network, entity, context, correlation, purpose, request_id, salt, {event}
FROM audit_event LIMIT 1"""


def copied(id: str = "gen_random_uuid()", recorded: str = "now()", event: str = "event") -> str:
    return COPIED.format(id=id, recorded=recorded, event=event)


def run_seal(log: Log, *arguments: str) -> "subprocess.Popen[str]":
    """The command in a process of its own, on this test's database."""
    told = connections["sequencer"].settings_dict
    host = told["HOST"].replace("/", "%2F")
    url = f"postgresql://{told['USER']}:{told['PASSWORD']}@{host}/{log.scratch.name}"
    env = os.environ | {"DATABASE_SEQUENCER_URL": url, "DATABASE_URL": url, "SECRET_KEY": "x" * 50, "SJ_DEMO": "1"}
    env |= {"AUDIT_KEY": str(current.AUDIT_KEY), "AUDIT_PUBLISH": str(current.AUDIT_PUBLISH)}
    command = [sys.executable, "manage.py", "audit_seal", *arguments]
    return subprocess.Popen(command, cwd=current.BASE_DIR, env=env, stderr=subprocess.PIPE, text=True)


def until(told: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_rows_get_dense_numbers_in_the_order_of_time_and_full_tiles(
    sealing: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "BATCH", 100)
    keys = sealing.write(3 * SIDE + 5)
    assert sealing.seal() == len(keys)
    assert sealing.column(IN_ORDER) == keys
    assert sealing.value(DENSE)
    assert sealing.column("SELECT n FROM audit_tile ORDER BY level, n") == [0, 1, 2]
    more = sealing.write(SIDE)
    sealing.seal()
    assert sealing.column(IN_ORDER) == keys + more
    call_command("audit_verify")


def test_a_row_that_is_committed_late_waits_and_is_sealed_after_those_that_came_before_it(sealing: Log) -> None:
    """The writer who was first is the last to commit; another commits meanwhile, and is sealed only when both have."""
    with sealing.scratch.raw() as slow, sealing.scratch.raw() as quick:
        sealing.write(1)
        sealing.seal()
        slow.execute("BEGIN")
        slow.execute(copied(recorded="now() - interval '1 minute'"))
        quick.execute(copied(recorded="now() - interval '2 minutes'"))
        quick.execute(copied())
        for _ in range(3):
            sealer.once()
            assert sealing.value(UNSEALED) == 2, "what began before it has not ended, so it waits"
        slow.execute("COMMIT")
    sealing.seal()
    ages = "SELECT round(extract(epoch FROM now() - l.recorded) / 60)::int FROM audit_leaf l ORDER BY leaf_index"
    first, *waited = sealing.column(ages)
    assert waited == sorted(waited, reverse=True), "all were waiting: the oldest goes first"
    assert (len(waited), sealing.value(DENSE)) == (3, True)
    assert first <= 1


def test_what_is_rolled_back_leaves_no_gap(sealing: Log) -> None:
    sealing.write(2)
    with transaction.atomic():
        sealing.write(5)
        transaction.set_rollback(True)
    sealing.write(1)
    assert sealing.seal() == 3
    assert sealing.value(DENSE)


def test_many_writers_with_delayed_commits_lose_nothing(sealing: Log) -> None:
    sealing.write(1)
    stop, failed = threading.Event(), []

    def writer(number: int) -> None:
        try:
            with sealing.scratch.raw() as own:
                for turn in range(12):
                    with own.transaction():
                        own.execute(copied())
                        time.sleep(0.002 * number * (turn % 3))
                        own.execute(copied())
        except BaseException as error:
            failed.append(error)

    def seal() -> None:
        try:
            with sealing.scratch.entered():
                while not stop.is_set():
                    sealer.once()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(4)]
    sealing_thread = threading.Thread(target=seal)
    for thread in (*threads, sealing_thread):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    sealing_thread.join()
    assert failed == []
    assert sealing.seal() == 1 + 4 * 12 * 2
    assert sealing.value(DENSE)
    call_command("audit_verify")


def test_a_clock_that_goes_backwards_and_rows_outside_every_month_are_sealed_at_once(sealing: Log) -> None:
    first = sealing.write(2)
    sealing.seal()
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=3)):
        back = sealing.write(2)
        sealing.seal()
    with time_machine.travel(datetime(2001, 1, 1, tzinfo=UTC)):
        stray = sealing.write(1)
    sealing.seal()
    assert sealing.column(IN_ORDER) == [*first, *back, *stray]
    call_command("audit_verify")


def test_a_second_sequencer_waits_and_says_so(sealing: Log) -> None:
    sealing.write(1)
    with store.connect("sequencer") as other:
        sequencer.lock(other)
        with pytest.raises(CommandError, match="kører allerede"):
            call_command("audit_seal", "--once")
        waiting = run_seal(sealing)
        try:
            assert waiting.stderr is not None
            assert "another sequencer runs" in waiting.stderr.readline()
            assert sealing.value("SELECT count(*) FROM audit_leaf") == 0
            other.close()
            until(lambda: sealing.value("SELECT count(*) FROM audit_checkpoint") == 1)
        finally:
            waiting.terminate()
            assert waiting.wait(20) == 0
            waiting.communicate()


@contextlib.contextmanager
def running(log: Log) -> Iterator[None]:
    """The sequencer in a thread of its own; it must end without an error."""
    stop, failed = threading.Event(), []

    def run() -> None:
        try:
            with log.scratch.entered():
                sealer.run(stop)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert failed == []


def test_whoever_holds_the_lock_without_sealing_is_named_as_an_error(
    sealing: Log, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Anybody who can connect can take it: here the app's own role."""
    monkeypatch.setattr(sealer, "PATIENCE", 0.0)
    sealing.write(1)
    with sealing.scratch.raw() as app:
        app.execute(sequencer.LOCK)
        app_pid = app.info.backend_pid
        with running(sealing):
            until(lambda: "the lock is held by" in caplog.text)
            app.close()
            until(lambda: sealing.value("SELECT count(*) FROM audit_checkpoint") == 1)
    (told,) = {each.getMessage().partition("held by ")[2] for each in caplog.records if each.levelno == logging.ERROR}
    assert told == f"process {app_pid} as role sj_app"


def test_a_folder_that_cannot_be_read_is_told_and_looked_at_again(
    sealing: Log, caplog: pytest.LogCaptureFixture
) -> None:
    """A stale mount may hide that the database was set back; here the newest copy cannot be opened."""
    sealing.write(1)
    sealing.seal()
    copy = sealing.folder.place(1)
    away = copy.rename(copy.with_name("away"))
    copy.mkdir()
    sealing.write(1)
    with pytest.raises(CommandError, match="alder kan ikke efterprøves: Is a directory"):
        call_command("audit_seal", "--once")
    with running(sealing):
        until(lambda: "AUDIT_PUBLISH cannot be read, so the log is not sealed: Is a directory" in caplog.text)
        assert sealing.value("SELECT count(*) FROM audit_leaf") == 1
        copy.rmdir()
        away.rename(copy)
        until(lambda: sealing.value("SELECT count(*) FROM audit_checkpoint") == 2)


def test_killed_in_the_middle_of_a_batch_it_leaves_nothing_half(sealing: Log) -> None:
    """The leaves are written and the tiles wait for a lock: then the process dies, and so does its transaction."""
    sealing.write(SIDE + 1)
    with sealing.scratch.raw("owner") as owner:
        owner.execute("BEGIN")
        owner.execute("LOCK TABLE audit_tile IN EXCLUSIVE MODE")
        dying = run_seal(sealing)
        stuck = f"{LOCKS} NOT granted AND relation = 'audit_tile'::regclass"
        until(lambda: sealing.value(stuck))
        dying.kill()
        assert dying.wait() == -signal.SIGKILL
        dying.communicate()
        owner.execute("COMMIT")
    until(lambda: not sealing.value(f"{LOCKS} locktype = 'advisory'"))
    assert sealing.value("SELECT count(*) FROM audit_leaf") == 0
    assert sealing.seal() == SIDE + 1
    assert sealing.column("SELECT n FROM audit_tile") == [0]
    call_command("audit_verify")


def test_leaves_without_a_checkpoint_are_not_given_again(sealing: Log) -> None:
    """kill -9 between the leaves and the signature: the next one reads on from the last checkpoint, and knows them."""
    keys = sealing.write(4)
    sealing.seal()
    keys += sealing.write(3)
    with store.connect("sequencer") as connection:
        until(lambda: sequencer.Sequencer(connection).turn() and sealing.value(UNSEALED) == 0)
    assert sealing.value("SELECT max(size) FROM audit_checkpoint") == 4
    keys += sealing.write(1)
    assert sealing.seal() == 8
    assert sealing.column(IN_ORDER) == keys
    assert sealing.value("SELECT max(size) FROM audit_checkpoint") == 8


def test_a_server_that_counts_transactions_from_a_lower_number_is_noticed(sealing: Log) -> None:
    """A dump restored elsewhere: rows bear transactions that are still to come there."""
    keys = sealing.write(3)
    sealing.seal()
    sealing.write(2)
    ahead = "SET txid = txid + 1000000"
    sealing.tamper(f"UPDATE audit_event {ahead}; UPDATE audit_checkpoint SET settled = settled + 1000000")
    assert sealing.seal() == 5
    sealing.write(1)
    assert sealing.seal() == 6
    assert sealing.column(IN_ORDER)[:3] == keys
    assert sealing.value("SELECT settled < 1000000 FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
    assert sealing.value(DENSE)


def test_a_row_that_is_written_while_every_row_is_looked_at_is_sealed_too(
    sealing: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction is lower than those that were looked at already; some rows are committed late on top."""
    sealing.write(9)
    sealing.seal()
    ahead = "UPDATE audit_event SET txid = txid + 1000000; UPDATE audit_checkpoint SET settled = settled + 1000000"
    sealing.tamper(ahead)
    monkeypatch.setattr(sequencer, "BATCH", 4)
    batch, written = sequencer.Sequencer._batch, list[uuid.UUID]()
    with sealing.scratch.raw() as slow:
        slow.execute("BEGIN")
        slow.execute(copied())

        def meanwhile(self: sequencer.Sequencer, below: int) -> int:
            read = batch(self, below)
            if below == sequencer.NO_LIMIT and len(written) < 2:
                written.extend(sealing.write(1))
                slow.execute("COMMIT" if len(written) == 2 else "SELECT")
            return read

        monkeypatch.setattr(sequencer.Sequencer, "_batch", meanwhile)
        one = sealer.open_sealer()
    assert len(written) == 2, "every row was looked at, in more batches than one"
    with one.connection:
        sealing.write(1)
        until(lambda: one.turn() == 0 and one.sequencer.size == 13, 10)
        one.sign()
    assert sealing.value(UNSEALED) == 0
    assert sealer.once() == 13, "and the next one begins where this one ended"
    assert sealing.value(DENSE)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (copied(event="'{\"x\": 1.5}'"), "cannot be sealed"),
        (copied(event="'{\"x\": 1e400}'"), "cannot be sealed"),
        (copied(event="(repeat('{\"x\":', 1500) || '1' || repeat('}', 1500))::jsonb"), "cannot be sealed"),
        (copied(id="id", recorded="recorded + interval '1 second'"), "repeat the id"),
    ],
)
def test_a_row_that_cannot_be_sealed_delays_no_other_and_is_told(
    sealing: Log, caplog: pytest.LogCaptureFixture, what: str, told: str
) -> None:
    sealing.write(1)
    sealing.seal()
    with sealing.scratch.raw() as app:
        app.execute(what)
    sealing.write(2)
    until(lambda: sealer.once() == 3)
    assert told in caplog.text
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)), pytest.raises(CommandError, match="1 fejl"):
        call_command("audit_verify")


@pytest.mark.parametrize(
    "moment", ["infinity", "-infinity", "20000-01-01", "0044-03-15 BC", "1999-12-31", "2200-01-02"]
)
def test_a_time_that_no_program_can_hold_is_refused_where_it_is_written(sealing: Log, moment: str) -> None:
    """In a month, in the default partition, and in one that was made after the migration."""
    sealing.write(1)
    with sealing.scratch.raw() as app, pytest.raises(psycopg.errors.CheckViolation, match="audit_event_moment"):
        app.execute(copied(recorded=f"timestamptz '{moment}'"))
    held = "SELECT relname FROM pg_class c WHERE relname LIKE 'audit\\_event%%' AND relkind IN ('r', 'p')"
    assert (
        sealing.column(
            f"{held} AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND"
            " conname = 'audit_event_moment' AND convalidated)"
        )
        == []
    )


@pytest.mark.parametrize("table", ["audit_leaf", "audit_tile", "audit_checkpoint"])
def test_what_seals_the_log_cannot_be_changed_by_anybody_but_the_superuser(sealing: Log, table: str) -> None:
    sealing.write(SIDE)
    sealing.seal()
    change = {"audit_leaf": "leaf_hash = leaf_hash", "audit_tile": "bytes = bytes", "audit_checkpoint": "note = note"}
    for role, refused in (
        ("owner", psycopg.errors.IntegrityConstraintViolation),
        ("sequencer", psycopg.errors.InsufficientPrivilege),
        ("default", psycopg.errors.InsufficientPrivilege),
    ):
        with sealing.scratch.raw(role) as connection:
            for statement in (f"UPDATE {table} SET {change[table]}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                with pytest.raises(refused):
                    connection.execute(statement)
            if role != "owner":
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    with sealing.scratch.raw() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(f"INSERT INTO {table} SELECT * FROM {table}")
    with sealing.scratch.raw("sequencer") as own, pytest.raises(psycopg.errors.InsufficientPrivilege):
        own.execute(copied())


def test_the_sequencer_may_read_nothing_but_the_log(sealing: Log) -> None:
    with sealing.scratch.raw("owner") as owner:
        owner.execute("CREATE TABLE patients_patient (cpr text)")
        owner.execute("GRANT ALL ON patients_patient TO sj_sequencer")
    call_command("migrate", "audit", verbosity=0)
    asked = (
        "SELECT table_name || ':' || string_agg(privilege_type, ',' ORDER BY privilege_type)"
        " FROM information_schema.table_privileges WHERE grantee = 'sj_sequencer' GROUP BY table_name ORDER BY 1"
    )
    with sealing.scratch.raw("owner") as owner:
        found = [row[0] for row in owner.execute(asked)]
    both = [f"{table}:INSERT,SELECT" for table in ("audit_checkpoint", "audit_leaf", "audit_tile")]
    assert found == sorted(["audit_event:SELECT", *both])


def test_what_is_sealed_is_not_looked_through_again(sealing: Log) -> None:
    """20 million rows must not be read every second: what waits is found through an index, in every month."""
    with sealing.scratch.raw() as app:
        app.execute(copied_many(sealing.write(1)[0], 3000))
    sealing.seal()
    with sealing.scratch.raw("owner") as owner:
        owner.execute("ANALYZE audit_event")
    with store.connect("sequencer") as connection:
        one = sequencer.Sequencer(connection)
        values = (one.settled - 1, sequencer.LAST_ID, one.settled + 1000, sequencer.BATCH)
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN (ANALYZE) {sequencer.WAITING}", values))
    assert f"Seq Scan on audit_event_{datetime.now(UTC):%Y_%m}" not in plan, plan
    assert f"Index Scan using audit_event_{datetime.now(UTC):%Y_%m}_txid" in plan, plan


def copied_many(key: uuid.UUID, count: int) -> str:
    return f"{copied()[: -len(' LIMIT 1')]}, generate_series(1, {count}) WHERE audit_event.id = '{key}'"
