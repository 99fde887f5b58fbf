"""audit_verify names what was changed, and nothing else; the hand that changes it is the superuser's."""

import getpass
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as current
from django.core.management import CommandError, call_command

from audit.actions import Action
from audit.models import AuditEvent
from audit.record import SYSTEM, record
from audit.sealing import keys
from audit.sealing.tests.conftest import Log, begin, copy_of
from audit.tests.conftest import Scratch
from audit.tiles import SIDE

ROWS = SIDE + 60
CHANGES = {
    "uuid": "gen_random_uuid()",
    "timestamp with time zone": "{column} - interval '1 second'",
    "text": "{column} || 'x'",
    "character varying": "'D'",
    "smallint": "{column} + 4",
    "bigint": "{column} + 1",
    "ARRAY": "array_append({column}, 'x')",
    "bytea": "decode(md5('x'), 'hex')",
    "jsonb": "jsonb_set({column}, '{{outcome}}', '\"4\"')",
}
"""How a column of each type is changed; a column of another type makes the test ask for one more."""
HELD = {"actor_kind": "'system'"}


def verify(*arguments: str) -> list[str]:
    """What it says is broken, line by line."""
    said, refused = StringIO(), None
    try:
        call_command("audit_verify", *arguments, stdout=said, stderr=StringIO())
    except CommandError as error:
        refused = error
    lines = said.getvalue().splitlines()
    if refused is None:
        assert len(lines) == 1
        assert lines[0].startswith("Loggen holder.")
        return []
    assert refused.returncode == 1, refused
    assert str(refused) == f"Loggen holder ikke: {len(lines)} fejl."
    return lines


def leaves(lines: list[str]) -> set[int]:
    return {int(found[1]) for line in lines if (found := re.match(r"Blad (\d+)", line))}


@pytest.fixture(scope="module")
def _sealed(_migrated: Scratch, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """A log with a full tile, an edge, and a checkpoint in the middle of each: made once, copied for each test."""
    with django_db_blocker.unblock(), copy_of(_migrated) as scratch:
        with scratch.entered(), pytest.MonkeyPatch.context() as patch:
            log = begin(scratch, tmp_path_factory.mktemp("sealed"), patch)
            for rows in (100, SIDE, ROWS):
                log.write(rows - log.value("SELECT count(*) FROM audit_event"))
                log.seal()
            assert verify() == []
        yield log


@pytest.fixture
def sealed(_sealed: Log, django_db_blocker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    with django_db_blocker.unblock(), copy_of(_sealed.scratch) as scratch, scratch.entered():
        shutil.copytree(_sealed.folder.path.parent, tmp_path, dirs_exist_ok=True)
        yield begin(scratch, tmp_path, monkeypatch)


def test_each_column_of_a_row_breaks_the_leaf_of_that_row_and_no_other(sealed: Log) -> None:
    asked = "SELECT column_name || ':' || data_type FROM information_schema.columns WHERE table_name = 'audit_event'"
    columns = dict(each.split(":") for each in sealed.column(asked))
    assert len(columns) >= 24
    places = {column: 7 * number + 3 for number, column in enumerate(columns)}
    for column, kind in columns.items():
        change = HELD.get(column) or CHANGES[kind].format(column=column)
        row = f"(SELECT event_id FROM audit_leaf WHERE leaf_index = {places[column]})"
        sealed.tamper(f"UPDATE audit_event SET {column} = {change} WHERE id = {row}")
    lines = verify()
    assert leaves(lines) == set(places.values())
    others = [line for line in lines if not line.startswith("Blad ")]
    assert all("har intet blad" in line for line in others), "a row with another id or time has no leaf"
    assert len(others) == 2
    assert leaves(verify("--sample", str(ROWS))) == set(places.values())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("DELETE FROM audit_event WHERE id = (SELECT event_id FROM audit_leaf WHERE leaf_index = 41)", {41}),
        ("DELETE FROM audit_leaf WHERE leaf_index = 41", {41}),
        ("UPDATE audit_leaf SET leaf_hash = sha256('x') WHERE leaf_index = 41", {41}),
        ("UPDATE audit_leaf SET leaf_hash = sha256('x') WHERE leaf_index = 299", {299}),
        ("UPDATE audit_leaf SET recorded = recorded + interval '1 s' WHERE leaf_index = 299", {299}),
        (f"INSERT INTO audit_leaf VALUES ({ROWS}, gen_random_uuid(), now(), sha256('x'))", {ROWS}),
    ],
    ids=["row deleted", "leaf deleted", "leaf changed", "leaf at the edge", "leaf's time", "leaf inserted"],
)
def test_a_changed_leaf_is_named(sealed: Log, change: str, named: set[int]) -> None:
    sealed.tamper(change)
    assert leaves(verify()) == named


def test_a_swapped_pair_is_named(sealed: Log) -> None:
    """Whole leaves change places: each still fits its row, and the tile and the roots know better."""
    swap = "UPDATE audit_leaf SET leaf_index = {to} WHERE leaf_index = {at}"
    moves = ((41, 9001), (44, 41), (9001, 44), (290, 9001), (291, 290), (9001, 291))
    sealed.tamper("; ".join(swap.format(at=at, to=to) for at, to in moves))
    lines = verify()
    assert leaves(lines) == {41, 44}, "in a full tile"
    assert [line for line in lines if "roden" in line] == [
        "Kontrolpunkt 100: roden passer ikke; noget er ændret i bladene 0–99.",
        f"Kontrolpunkt {SIDE}: roden passer ikke; noget er ændret i bladene 100–{SIDE - 1}.",
        f"Kontrolpunkt {ROWS}: roden passer ikke; noget er ændret i bladene {SIDE}–{ROWS - 1}.",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE audit_tile SET bytes = overlay(bytes placing sha256('x') from 41 * 32 + 1)", ["Blad 41: flisen"]),
        ("DELETE FROM audit_tile", ["Flise 0/0 mangler."]),
        (
            "INSERT INTO audit_tile SELECT 0, 7, bytes FROM audit_tile UNION SELECT 1, 0, bytes FROM audit_tile",
            ["Flise 0/7 hører ikke til.", "Flise 1/0 hører ikke til."],
        ),
        (
            "UPDATE audit_checkpoint SET root = sha256('x') WHERE size = 100",
            ["Kontrolpunkt 100: roden passer ikke", "Kontrolpunkt 100: noten siger noget andet"],
        ),
        (
            "UPDATE audit_checkpoint SET note = replace(note, '100', '101') WHERE size = 100",
            ["Kontrolpunkt 100: underskriften holder ikke."],
        ),
        (
            "UPDATE audit_checkpoint SET note = (SELECT note FROM audit_checkpoint WHERE size = 256) WHERE size = 100",
            ["Kontrolpunkt 100: noten siger noget andet", "Kontrolpunkt 100: den offentliggjorte kopi"],
        ),
        (
            "DELETE FROM audit_checkpoint WHERE size = 100",
            ["Det offentliggjorte kontrolpunkt 100 findes ikke i databasen."],
        ),
    ],
    ids=["tile", "no tile", "tiles too many", "root", "note", "another's note", "no checkpoint"],
)
def test_a_changed_tree_or_checkpoint_is_named(sealed: Log, change: str, told: list[str]) -> None:
    sealed.tamper(change)
    lines = verify()
    assert len(lines) == len(told)
    assert all(line.startswith(begun) for line, begun in zip(lines, told, strict=True)), lines


def test_the_end_cut_off_is_seen_in_the_checkpoints_and_in_the_rows(sealed: Log) -> None:
    sealed.tamper("DELETE FROM audit_leaf WHERE leaf_index >= 300")
    lines = verify()
    assert lines[0] == f"Kontrolpunkt {ROWS} er større end træet: blade er fjernet."
    assert len([line for line in lines if "har intet blad" in line]) == ROWS - 300


def test_a_published_copy_that_is_gone_or_another_is_named(sealed: Log) -> None:
    sealed.folder.place(100).unlink()
    changed = sealed.folder.place(SIDE)
    changed.chmod(0o600)
    changed.write_text(changed.read_text().replace("\n256\n", "\n257\n"))
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
        assert verify() == [
            "Kontrolpunkt 100 er ikke offentliggjort.",
            f"Kontrolpunkt {SIDE}: den offentliggjorte kopi siger noget andet.",
        ]


def test_a_row_that_nobody_seals_is_no_fault_for_a_minute(sealed: Log) -> None:
    (key,) = sealed.write(1)
    assert verify() == []
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
        assert verify() == [f"Rækken {key} har intet blad."]
    sealed.seal()
    assert verify() == []


def test_a_month_that_was_dropped_by_another_hand_is_not_hidden_by_a_tombstone(sealed: Log) -> None:
    """The owner may drop a table and write a tombstone; an honest drop is in audit/tests/test_retention.py."""
    current_month = f"audit_event_{datetime.now(UTC):%Y_%m}"
    this = "date_trunc('month', now()), date_trunc('month', now()) + interval '1 month'"
    with sealed.scratch.raw("owner") as owner:
        owner.execute("SET timezone = 'UTC'")
        for values in (
            f"'{current_month}', {this}, {ROWS}, {ROWS}, now()",
            f"'ahead', {this}, 0, 0, now() + interval '4 years'",
            "'silent', '2021-03-01', '2021-04-01', 0, 7, now()",
        ):
            owner.execute(f"INSERT INTO audit_dropped VALUES ({values})")
    ahead = "ahead står som slettet senere end det seneste kontrolpunkt."
    young = f"{current_month} står som slettet, før hændelserne var tre år gamle."
    silent = "silent står som slettet, men ingen forseglet hændelse fortæller om det."
    told = {"from": "2021-03-01", "to": "2021-04-01", "checkpoint": "7"}
    for wrong in ({"rows": "6"}, {"rows": "0", "to": "2021-05-01"}, {"rows": "0", "from": "2021-02-01"}):
        record(Action.AUDIT_DROPPED, actor=SYSTEM, entity="AuditPartition/silent", extra=told | wrong)
    record(Action.AUDIT_DROPPED, actor=SYSTEM, entity="AuditPartition/other", extra=told | {"rows": "0"})
    sealed.seal()
    assert sorted(verify()) == sorted([ahead, young, silent])
    record(Action.AUDIT_DROPPED, actor=SYSTEM, entity="AuditPartition/silent", extra=told | {"rows": "0"})
    assert sorted(verify("--sample", "20")) == sorted([ahead, young]), "it is about to be sealed"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=3)):
        assert silent in verify(), "it was not"
    sealed.seal()
    assert sorted(verify()) == sorted([ahead, young])
    with sealed.scratch.raw("owner") as owner:
        owner.execute(f"DROP TABLE {current_month}")
    assert set(verify()) == {ahead, young, silent}, "one line each, though every leaf has lost its row"


def test_keys_come_from_a_file_or_as_published_where_the_private_one_is_not(sealed: Log, tmp_path: Path) -> None:
    other = tmp_path / "keys"
    other.write_text("\n".join(sealed.folder.vkeys()))
    assert verify("--keys", str(other)) == []
    current.AUDIT_KEY.unlink()
    assert verify() == []
    other.write_text(keys.make(tmp_path / "another", "test.example.dk/audit", datetime.now(UTC)).vkeys[0])
    assert verify("--keys", str(other)) == [
        f"Kontrolpunkt {size}: underskriften holder ikke." for size in (100, SIDE, ROWS)
    ]
    other.write_text("no-key")
    with pytest.raises(CommandError, match="nøgle") as refused:
        call_command("audit_verify", "--keys", str(other))
    assert refused.value.returncode == 2


def outside(*arguments: str | Path) -> tuple[int, str]:
    """The stand-alone verifier, in a Python that knows nothing of us."""
    script = Path(current.BASE_DIR) / "verify_audit.py"
    command = [sys.executable, "-I", str(script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    return done.returncode, done.stdout + done.stderr


def test_a_row_is_proved_to_somebody_outside_against_every_later_checkpoint(sealed: Log, tmp_path: Path) -> None:
    """I6; and reading a row for its proof is in the log (I12)."""
    known, proof = tmp_path / "known", tmp_path / "row.tlog-proof"
    known.write_text("\n".join(sealed.folder.vkeys()))
    chosen = sealed.column("SELECT event_id FROM audit_leaf WHERE leaf_index IN (0, 41, 255, 256, 315)")
    for grown in range(2):
        for key in chosen:
            call_command("audit_prove", str(key), "--by", "case-17", "--out", str(proof))
            assert proof.stat().st_mode & 0o777 == 0o600
            code, said = outside(proof, known)
            assert code == 0, said
            assert str(key) in said
        sealed.seal()
        assert sealed.value("SELECT max(size) FROM audit_checkpoint") >= ROWS + 5 * (grown + 1), "the looks are sealed"
    seen = AuditEvent.objects.filter(entity__startswith="AuditEvent/").order_by("-recorded")
    assert len(seen) == 10
    shown = AuditEvent.objects.get(pk=chosen[-1])
    assert (seen[0].entity, seen[0].patient_ref) == (f"AuditEvent/{shown.pk}", shown.patient_ref)
    assert {"type": "by", "valueString": "case-17"} in [
        each for entity in seen[0].event["entity"] for each in entity.get("detail", [])
    ]
    assert outside("--folder", sealed.folder.checkpoints, known)[0] == 0
    proof.write_text(proof.read_text().replace("index 3", "index 2"))
    assert outside(proof, known)[0] == 1


def test_a_proof_is_for_somebody_named_by_a_code_and_replaces_no_open_file_by_an_open_one(
    sealed: Log, tmp_path: Path
) -> None:
    (key,) = sealed.column("SELECT event_id FROM audit_leaf WHERE leaf_index = 41")
    proof = tmp_path / "row.tlog-proof"
    for wrong in (["--by", ""], ["--by", "Jens Hansen"], ["--by", "251248-9996"]):
        with pytest.raises(CommandError, match="--by"):
            call_command("audit_prove", str(key), *wrong, "--out", str(proof))
    assert not proof.exists()
    assert sealed.value("SELECT count(*) FROM audit_event WHERE action = 'audit.viewed'") == 0
    proof.write_text("an older one, longer than the proof " * 1000)
    proof.chmod(0o644)
    call_command("audit_prove", str(key), "--by", "case-17", "--out", str(proof))
    assert proof.stat().st_mode & 0o777 == 0o600
    assert proof.read_text(encoding="utf-8").startswith("c2sp.org/tlog-proof@v1")
    assert "an older one" not in proof.read_text(encoding="utf-8")

    # Without a word, whoever runs the command is told.
    call_command("audit_prove", str(key), "--out", str(proof))
    told = AuditEvent.objects.filter(action="audit.viewed").latest("recorded").event["entity"]
    assert {"type": "by", "valueString": getpass.getuser()} in [one for each in told for one in each.get("detail", ())]


def test_no_proof_is_given_of_a_row_that_is_not_sealed_changed_or_unknown(sealed: Log) -> None:
    (fresh,) = sealed.write(1)
    (old,) = sealed.column("SELECT event_id FROM audit_leaf WHERE leaf_index = 41")
    sealed.tamper(f"UPDATE audit_event SET entity = 'Recording/x' WHERE id = '{old}'")
    for key, why in ((fresh, "ikke forseglet endnu"), (old, "blad 41"), (uuid.uuid4(), "findes ikke")):
        with pytest.raises(CommandError, match=why):
            call_command("audit_prove", str(key), "--by", "case-17")


@pytest.mark.parametrize("event", ["'{\"x\": 1e400}'", "(repeat('[', 1500) || repeat(']', 1500))::jsonb"])
def test_a_row_with_json_that_only_the_database_takes_breaks_its_own_leaf_alone(sealed: Log, event: str) -> None:
    (key,) = sealed.column("SELECT event_id FROM audit_leaf WHERE leaf_index = 41")
    sealed.tamper(f"UPDATE audit_event SET event = {event} WHERE id = '{key}'")
    assert verify() == [f"Blad 41: rækken {key} er ændret."]
    with pytest.raises(CommandError, match="blad 41"):
        call_command("audit_prove", str(key))


def test_a_run_while_the_sequencer_goes_on_finds_nothing(sealed: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint that is signed and published after the run began is no fault."""
    from audit.sealing.verifying import Verification

    def interrupted(self: Verification) -> Any:
        sealed.write(2)
        sealed.seal()
        return before(self)

    before = Verification._graves
    monkeypatch.setattr(Verification, "_graves", interrupted)
    assert verify() == []
