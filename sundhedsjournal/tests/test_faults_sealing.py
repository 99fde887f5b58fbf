"""Sealing under faults: sequencer and database killed while documents arrive; no event is lost or sealed twice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo import postgres
from demo.clients import SAMPLES, Sender, variation
from demo.running import Running
from demo.stack import ROOT
from sundhedsjournal.tests.stack import ask, count, eventually
from sundhedsjournal.tests.test_faults_receiving import send_patiently

pytestmark = pytest.mark.stack
SAMPLE = SAMPLES / "ekg" / "emil-2023-02-06-first.json"
WAITING = "SELECT count(*) FROM audit_event e WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.event_id = e.id)"
SIGNED = "SELECT coalesce(max(size), 0) FROM audit_checkpoint"


def test_every_event_is_sealed_once_though_sequencer_and_database_are_killed(demo: Running) -> None:
    eventually(lambda: count(demo, SIGNED) > 0, 60)
    before = count(demo, "SELECT count(*) FROM audit_leaf")
    with Sender(demo.at) as sender:
        for number in range(60):
            if number % 20 == 6:
                eventually(lambda: demo.kill("audit_seal") >= 1)
            if number == 30:
                postgres.kill(demo.at.var)
            send_patiently(sender, variation(SAMPLE, cpr="1404619935"))
    eventually(lambda: count(demo, WAITING) == 0, 90)
    eventually(lambda: count(demo, SIGNED) == count(demo, "SELECT count(*) FROM audit_leaf"), 90)
    assert count(demo, SIGNED) >= before + 60
    assert count(demo, "SELECT max(leaf_index) + 1 - count(*) FROM audit_leaf") == 0, "the numbers are dense"
    verified = demo.manage("audit_verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "Loggen holder" in verified.stdout


def test_a_look_in_the_running_demo_is_proved_by_a_file_and_published_keys_alone(demo: Running, tmp_path: Path) -> None:
    eventually(lambda: count(demo, SIGNED) > 0, 60)
    key = ask(demo, "SELECT event_id FROM audit_leaf ORDER BY leaf_index LIMIT 1")[0][0]
    proof, published = tmp_path / "look.tlog-proof", demo.at.var / "audit"
    made = demo.manage("audit_prove", str(key), "--by", "case-17", "--out", str(proof))
    assert made.returncode == 0, made.stderr
    (keys,) = (published / "keys").iterdir()
    for question in ([str(proof)], ["--folder", str(published / "checkpoints")]):
        command = [sys.executable, "-I", str(ROOT / "verify_audit.py"), *question, str(keys)]
        told = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={"PATH": os.defpath})
        assert told.returncode == 0, told.stdout + told.stderr


def test_the_key_is_read_by_nobody_else_and_is_in_no_log(demo: Running) -> None:
    file = demo.at.var / "keys" / "audit.key"
    assert file.stat().st_mode & 0o077 == 0
    assert file.read_text().split("+", 4)[4].strip() not in demo.log()


def test_a_web_server_in_a_database_that_was_set_back_says_so_at_its_start_and_answers(
    demo: Running, tmp_path: Path
) -> None:
    """The published checkpoints are of a log that has come further than this database."""
    further = tmp_path / "checkpoints" / "000" / "009" / "999"
    further.mkdir(parents=True)
    (further / "999").write_text("published by the log that was")
    with demo.beside(AUDIT_PUBLISH=str(tmp_path)) as site:
        log = demo.at.var / "logs" / f"web-{site.rpartition(':')[2]}.log"
        assert "der er offentliggjort 9999999 hændelser" in log.read_text()
    command = [sys.executable, "manage.py", "check", "--database", "default"]
    env = demo.env() | {"AUDIT_PUBLISH": str(tmp_path)}
    told = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert told.returncode == 1
    assert "audit.E001" in told.stderr
