"""Whatever MinLog does, nothing is lost, and nothing is sent twice as new."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import time_machine
from django.conf import settings as configured
from django.core.management import call_command
from django.db import ProgrammingError, connections

from access.minlog.wire import post
from audit.minlog import delivery, figures, outbox
from audit.models import MinLogRow
from audit.tests.conftest import Scratch
from audit.tests.minlog_peer import Peer, envelope
from audit.tests.minlog_queue import looked, row, states

START = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
WRONG = [
    ("cut before it registered", {"cut": "before"}, "minlog-unreachable", 0),
    ("cut after it registered", {"cut": "after"}, "minlog-unreachable", 1),
    ("half an answer", {"cut": "half"}, "minlog-unreachable", 1),
    ("answers twice", {"twice": True}, "minlog-not-understood", 1),
    ("of another", {"answers_for": "0190a1b2-0000-7000-8000-000000000001"}, "minlog-other-registration", 1),
    ("garbage", {"raw": b"<html>Bad Gateway"}, "minlog-not-understood", 0),
    ("nothing", {"raw": b""}, "minlog-not-understood", 0),
    ("empty envelope", {"raw": envelope("")}, "minlog-not-understood", 0),
    ("another answer", {"raw": envelope("<b:LookupResponse/>")}, "minlog-not-understood", 0),
    ("neither yes nor no", {"raw": envelope("<b:LogDataAddResponse/>")}, "minlog-not-understood", 0),
    ("entities", {"raw": b'<!DOCTYPE x [<!ENTITY a "A">]>' + envelope("&a;")}, "minlog-not-understood", 0),
    ("too large", {"raw": envelope("x" * 110_000)}, "minlog-too-large", 0),
    ("gateway down", {"status": 503}, "minlog-status", 1),
    ("redirect", {"status": 307, "headers": {"Location": "http://127.0.0.1:1/"}}, "minlog-status", 1),
    ("fault", {"fault": "not_authorized"}, "minlog-not-authorized", 0),
    ("unknown fault", {"fault": "out_of_coffee"}, "minlog-fault", 0),
]


def wrong(peer: Peer, told: dict[str, Any]) -> None:
    for name, value in told.items():
        setattr(peer, name, value)


@pytest.mark.parametrize(
    ("told", "reason", "registered"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG]
)
def test_what_is_no_acknowledgement_is_sent_again_and_is_new_once(
    peer: Peer, told: dict[str, Any], reason: str, registered: int
) -> None:
    plain = Peer()
    with time_machine.travel(START, tick=False) as clock:
        key = looked()
        wrong(peer, told)
        assert delivery.sweep_once(post) == 0
        assert (row(key).state, row(key).reason, row(key).attempts) == ("pending", reason, 1)
        assert row(key).next_try == START + timedelta(minutes=1)
        assert len(peer.known) == registered
        assert delivery.sweep_once(post) == 0, "not before its time"
        assert len(peer.calls) == 1
        wrong(peer, {name: getattr(plain, name) for name in told})
        clock.shift(60)
        assert delivery.sweep_once(post) == 1
    assert (row(key).state, row(key).reason, row(key).ack_ref) == ("acked", "", "ml-0")
    assert list(peer.known) == [str(key)]
    assert peer.calls == [str(key)] * 2
    assert delivery.sweep_once(post) == 0
    assert len(peer.calls) == 2, "and never once more"


def test_who_is_silent_is_hung_up_on_and_asked_again(peer: Peer, settings: Any) -> None:
    go_on = threading.Event()

    def silent(_key: str) -> None:
        go_on.wait(30)

    peer.on_message = silent
    settings.MINLOG_TIMEOUT = 200
    with time_machine.travel(START, tick=False) as clock:
        key, other = looked(), looked()
        assert delivery.sweep_once(post) == 0
        assert sorted((row(each).reason, row(each).attempts) for each in (key, other)) == [
            ("", 0),
            ("minlog-timeout", 1),
        ]
        go_on.set()
        settings.MINLOG_TIMEOUT = 30_000
        clock.shift(60)
        assert delivery.sweep_once(post) == 2
    assert sorted(peer.known) == sorted((str(key), str(other)))


def test_down_for_an_hour_costs_waiting_and_nothing_else(peer: Peer) -> None:
    peer.down = True
    with time_machine.travel(START, tick=False) as clock:
        keys = [str(looked()) for _ in range(50)]
        while datetime.now(UTC) < START + timedelta(hours=1):
            delivery.sweep_once(post)
            assert states() == {"pending": 50}
            clock.shift(30)
        assert figures.figures().oldest_seconds == 3600
        assert figures.alarms() == []
        clock.shift(1)
        assert [sentence.split(",")[0] for sentence in figures.alarms()] == ["Det ældste opslag"]
        tried = sum(each.attempts for each in MinLogRow.objects.all())
        assert 0 < tried < 400, "one at a time is tried while nobody answers, not all fifty"
        peer.down = False
        for _ in range(400):
            if states() == {"acked": 50}:
                break
            clock.shift(60)
            delivery.sweep_once(post)
    assert sorted(peer.known) == sorted(keys) == sorted(peer.calls), "each came once, and none is missing"
    assert figures.alarms() == []


def test_the_waits_grow_from_a_minute_to_six_hours_and_end_after_a_week(peer: Peer) -> None:
    peer.fault = "processing_problem"
    with time_machine.travel(START, tick=False) as clock:
        key, waits = looked(), []
        while row(key).state == "pending":
            clock.move_to(row(key).next_try)
            before = datetime.now(UTC)
            delivery.sweep_once(post)
            waits.append((row(key).next_try - before).total_seconds() / 60)
        assert waits[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]
        assert set(waits[10:]) == {360}
        assert (row(key).state, row(key).reason) == ("dead", "minlog-processing-problem")
        assert timedelta(days=7) <= datetime.now(UTC) - START < timedelta(days=7, hours=6)
        assert [sentence.split(" er ")[0] for sentence in figures.alarms()] == ["1 opslag"]
        clock.shift(timedelta(days=3))
        delivery.sweep_once(post)
        assert row(key).state == "dead"

        assert outbox.again(key)
        assert not outbox.again(key), "once is enough"
        delivery.sweep_once(post)
        assert (row(key).state, row(key).attempts) == ("pending", 1), "another week"
        peer.fault = ""
        clock.shift(60)
        assert delivery.sweep_once(post) == 1
    assert list(peer.known) == [str(key)]


def test_two_workers_at_once_share_the_work(peer: Peer, queue: Scratch) -> None:
    keys = {str(looked()) for _ in range(60)}
    both = threading.Barrier(2, timeout=20)
    met: list[str] = []

    def meet(key: str) -> None:
        if len(met) < 2:  # the first message of each: both are at it before either goes on
            met.append(key)
            both.wait()

    peer.on_message = meet
    sent: list[int] = []

    def work() -> None:
        with queue.entered():
            done = [delivery.sweep_once(post) for _ in range(4)]
            sent.append(sum(done))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states() == {"acked": 60}
    assert (sum(sent), len(peer.calls)) == (60, 60)
    assert set(peer.known) == keys
    assert all(sent), "each had a part in it"


def test_who_comes_too_late_changes_nothing_but_an_acknowledgement_stays_true(peer: Peer) -> None:
    with time_machine.travel(START, tick=False) as clock:
        key = looked()
        (slow,) = outbox.take(1, timedelta(minutes=1))
        assert outbox.take(1, timedelta(minutes=1)) == [], "nobody else sends what is under way"
        clock.shift(60)
        (quick,) = outbox.take(1, timedelta(minutes=1))
        outbox.failed(slow, "minlog-timeout")
        outbox.untried([slow])
        assert (row(key).state, row(key).attempts, row(key).reason) == ("sending", 2, "")
        outbox.acked(slow, "ml-7")
        outbox.failed(quick, "minlog-timeout")
        outbox.acked(quick, "ml-8")
    assert (row(key).state, row(key).ack_ref) == ("acked", "ml-7")


def scratch_environment(queue: Scratch, settings: Any) -> dict[str, str]:
    """In which manage.py finds the scratch database and the key of this test."""
    told = os.environ.get("DATABASE_URL") or json.loads((configured.VAR / "postgres.urls").read_text())["app"]
    url = urlunsplit(urlsplit(told)._replace(path=f"/{queue.name}"))
    named = {"DATABASE_URL": url, "SECRET_KEY": "x" * 50, "PYTHONPATH": str(ROOT), "MINLOG_URL": settings.MINLOG_URL}
    return os.environ | named | {"MINLOG_KEY": str(settings.MINLOG_KEY), "MINLOG_TIMEOUT": "60000"}


def test_a_sweep_that_is_killed_in_the_middle_is_finished_by_the_next(
    peer: Peer, queue: Scratch, settings: Any
) -> None:
    keys = [str(looked()) for _ in range(5)]
    reached, go_on = threading.Event(), threading.Event()

    def hold(key: str) -> None:
        if len(peer.calls) == 3:  # two are acknowledged; the third is registered while its sender dies
            reached.set()
            go_on.wait(30)

    peer.on_message = hold
    command = [sys.executable, "manage.py", "sweep", "--once"]
    told = scratch_environment(queue, settings)
    sweep = subprocess.Popen(command, cwd=ROOT, env=told, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert reached.wait(60), sweep.stderr and sweep.stderr.read()
    sweep.send_signal(signal.SIGKILL)
    sweep.communicate()
    go_on.set()
    deadline = time.monotonic() + 10
    while len(peer.known) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert states() == {"acked": 2, "sending": 3}
    assert delivery.sweep_once(post) == 0, "the lease of the dead still holds"
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        assert delivery.sweep_once(post) == 3
    assert states() == {"acked": 5}
    assert sorted(peer.known) == sorted(keys)
    assert len(peer.calls) == 6, "the one that nobody heard the answer to came twice, and was new once"


def test_without_an_address_everything_waits_and_somebody_is_told(queue: Scratch, settings: Any) -> None:
    with time_machine.travel(START, tick=False) as clock:
        key = looked()
        clock.shift(timedelta(days=30))
        assert delivery.sweep_once(post) == 0
        assert (row(key).state, row(key).attempts) == ("pending", 0), "it is owed, not given up"
        assert any("MINLOG_URL er ikke sat" in sentence for sentence in figures.alarms())
        settings.MINLOG = dict.fromkeys(settings.MINLOG, "none")
        call_command("minlog_reconcile", stdout=StringIO())
        assert states() == {"suppressed": 1}
        assert row(key).payload_enc is None
        assert figures.alarms() == [], "somebody has decided"


def test_what_waited_for_an_address_is_not_given_up_at_the_first_fault(peer: Peer) -> None:
    with time_machine.travel(START, tick=False) as clock:
        key = looked()
        clock.shift(timedelta(days=20))
        peer.down = True
        while row(key).state == "pending":
            clock.move_to(max(row(key).next_try, datetime.now(UTC)))
            delivery.sweep_once(post)
    assert (row(key).state, row(key).attempts) == ("dead", 10)


def test_rows_go_with_their_month_and_the_owner_alone_takes_them(queue: Scratch) -> None:
    keys = []
    for moment in (START, datetime(2026, 11, 30, 23, 59, 59, 999999, UTC), datetime(2026, 12, 1, tzinfo=UTC)):
        with time_machine.travel(moment, tick=False):
            keys.append(looked())
    month = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    with pytest.raises(ProgrammingError):
        outbox.forget(connections["default"], *month)
    assert outbox.forget(connections["owner"], *month) == 2
    assert list(MinLogRow.objects.values_list("pk", flat=True)) == keys[2:]


def test_thirty_days_later_nothing_is_left_of_what_was_told(peer: Peer) -> None:
    with time_machine.travel(START, tick=False) as clock:
        key = looked()
        delivery.sweep_once(post)
        other = looked()
        delivery.sweep_once(post)
        MinLogRow.objects.filter(pk=other).update(state="dead", acked_at=None)
        clock.shift(timedelta(days=30) - timedelta(seconds=1))
        delivery.sweep_once(post)
        assert row(key).payload_enc is not None
        clock.shift(1)
        delivery.sweep_once(post)
    kept = row(key)
    assert (kept.state, kept.ack_ref, kept.key_id) == ("acked", "ml-0", "")
    assert (kept.patient_cpr_enc, kept.payload_enc) == (None, None)
    assert row(other).payload_enc is not None, "what is not registered is still owed"
