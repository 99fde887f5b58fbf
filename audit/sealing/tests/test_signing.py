"""What is signed continues what was signed before, here and outside (I5, I9), by the keys of the time."""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as current
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from audit import checkpoint, merkle
from audit.sealing import guard, keys, publishing, sealer, signing, store
from audit.sealing.tests.conftest import Log, begin, copy_of
from audit.tiles import SIDE

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def notes(log: Log) -> list[str]:
    return log.column("SELECT note FROM audit_checkpoint ORDER BY size")


def test_each_checkpoint_is_proved_to_continue_each_before_it(sealing: Log) -> None:
    """I5, over the stored tree, across the edge of a tile."""
    for count in (1, 2, SIDE - 4, 1, 1, 40):
        sealing.write(count)
        sealing.seal()
    heads = [checkpoint.verify(note, sealing.folder.vkeys()) for note in notes(sealing)]
    assert [head.size for head in heads] == [1, 3, 255, 256, 257, 297]
    with store.connect("default") as connection:
        hash_at = store.hash_at(connection)
        for old in heads:
            for new in (head for head in heads if head.size >= old.size):
                path = merkle.consistency(old.size, new.size, hash_at)
                assert merkle.verify_consistency(old.size, new.size, old.root, new.root, path)
    assert sealing.folder.sizes() == [head.size for head in heads]
    assert [sealing.folder.note(head.size) for head in heads] == notes(sealing)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE audit_leaf SET leaf_hash = sha256('x') WHERE leaf_index = 3", "seneste kontrolpunkt i databasen"),
        ("DELETE FROM audit_leaf WHERE leaf_index > 2", "seneste kontrolpunkt i databasen"),
        ("UPDATE audit_checkpoint SET root = sha256('x')", "seneste kontrolpunkt i databasen"),
        ("UPDATE audit_checkpoint SET note = replace(note, 'test', 'fest')", "Kontrolpunkt 5 er ikke underskrevet"),
    ],
)
def test_it_refuses_to_sign_what_does_not_continue_the_last_checkpoint(
    sealing: Log, caplog: pytest.LogCaptureFixture, change: str, told: str
) -> None:
    sealing.write(5)
    sealing.seal()
    sealing.tamper(change)
    sealing.write(1)
    with pytest.raises(CommandError, match=told) as refused:
        call_command("audit_seal", "--once")
    assert refused.value.returncode == 1
    assert told in caplog.text, "the alarm is in the log"
    assert sealing.value("SELECT max(size) FROM audit_checkpoint") == 5


def test_it_refuses_while_it_runs_too(sealing: Log) -> None:
    sealing.write(5)
    sealing.seal()
    one = sealer.open_sealer()
    with one.connection:
        sealing.tamper("UPDATE audit_checkpoint SET root = sha256('x'), note = note")
        sealing.write(1)
        while one.sequencer.size < 6:
            one.sequencer.turn()
        with pytest.raises(signing.Refused, match="fortsætter ikke"):
            one.sign()


def test_a_database_restored_from_an_older_copy_is_noticed_everywhere(
    sealing: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """I9: the copy is a database of its own; the published checkpoints are those of the log that went on."""
    sealing.write(4)
    sealing.seal()
    connection.close()  # a database is copied while nobody is in it
    with copy_of(sealing.scratch) as copy:
        sealing.write(3)
        sealing.seal()
        assert guard.set_back() == ""
        with copy.entered():
            restored = Log(copy, sealing.folder)
            restored.write(9)  # what happened after the restore does not hide it
            with pytest.raises(CommandError, match="ældre end det seneste offentliggjorte"):
                call_command("audit_seal", "--once")
            assert restored.value("SELECT count(*) FROM audit_leaf") == 4, "nothing was sealed"
            caplog.clear()
            guard.at_start()
            assert "der er offentliggjort 7 hændelser, og databasen kender 4" in caplog.text
            found = guard.check(databases=["default"])
            assert [each.id for each in found] == ["audit.E001"]
            assert found[0].level == checks.ERROR
            assert guard.check(databases=None) == [], "only a check of the database asks the database"

            # The way on: another log, with a name and a folder of its own; what it has of the old one stays verifiable.
            monkeypatch.setattr(current, "AUDIT_PUBLISH", tmp_path / "second")
            call_command("audit_key", "--new-log", "test.example.dk/audit-2", stdout=StringIO())
            again = begin(copy, tmp_path, monkeypatch)
            monkeypatch.setattr(current, "AUDIT_PUBLISH", tmp_path / "second")
            assert again.seal() == 13
            assert publishing.Folder(tmp_path / "second").sizes() == [13]
            call_command("audit_verify")
            monkeypatch.setattr(current, "AUDIT_PUBLISH", tmp_path / "published")
            with pytest.raises(CommandError, match="tilhører en anden log"):
                call_command("audit_seal", "--once")


def test_what_was_signed_but_not_published_is_published_by_the_next_one(sealing: Log) -> None:
    """kill -9 between signature and copy, or a folder that was full for a while."""
    sealing.write(1)
    sealing.seal()
    running, places = sealer.open_sealer(), [sealing.folder.place(size) for size in (2, 3)]
    full = [place.with_name(f".{place.name}.part") for place in places]
    for each in full:
        each.mkdir()  # nothing can be written there
    with running.connection:
        for size in (2, 3):
            sealing.write(1)
            while running.sequencer.size < size:
                running.sequencer.turn()
            assert running.sign()
    for each in full:
        each.rmdir()
    assert sealing.folder.sizes() == [1]
    sealer.once()
    assert sealing.folder.sizes() == [1, 2, 3]
    assert "old 2\n" in (sealing.folder.read(3) or "")


def test_a_published_file_is_never_overwritten(sealing: Log) -> None:
    sealing.write(1)
    sealing.seal()
    assert not sealing.folder.place(1).stat().st_mode & 0o222, "read only"
    running, place = sealer.open_sealer(), sealing.folder.place(2)
    with running.connection:
        sealing.write(1)
        place.write_text("something else")
        while running.sequencer.size < 2:
            running.sequencer.turn()
        with pytest.raises(signing.Refused, match="En anden sekvensator"):
            running.sign()
        with pytest.raises(publishing.Conflict):
            sealing.folder.publish(2, "a checkpoint")
    assert place.read_text() == "something else"
    assert not list(sealing.folder.path.rglob("*.part"))
    with pytest.raises(CommandError, match="Kontrolpunkt 2 er ikke underskrevet"):
        call_command("audit_seal", "--once")


def test_a_signed_log_without_its_copies_is_not_signed_on_until_somebody_says_that_the_folder_is_new(
    sealing: Log,
) -> None:
    """A share that is not mounted is an empty folder, in which no database looks old."""
    sealing.write(1)
    sealing.seal()
    whole, away = sealing.folder.path, sealing.folder.path.with_name("away")
    sealing.folder.place(1).unlink()  # killed before the first copy: the keys lie there, and it goes on
    assert guard.set_back() == ""
    sealing.write(1)
    sealing.seal()
    assert sealing.folder.sizes() == [1, 2]
    running = sealer.open_sealer()
    with running.connection:
        whole.rename(away)
        sealing.write(1)
        while running.sequencer.size < 3:
            running.sequencer.turn()
        with pytest.raises(signing.Refused, match="Er mappen monteret"):
            running.sign()
    whole.mkdir()
    with pytest.raises(CommandError, match="Er mappen monteret"):
        call_command("audit_seal", "--once")
    assert [each.id for each in guard.check(databases=["default"])] == ["audit.E001"]
    assert "Er mappen monteret" in guard.set_back()
    assert not list(whole.rglob("*"))
    call_command("audit_seal", "--once", "--new-folder", stdout=StringIO())
    assert sealing.folder.sizes() == [1, 2, 3]
    assert guard.set_back() == ""
    sealing.seal()


def test_of_two_databases_that_publish_in_one_folder_the_second_signs_nothing(sealing: Log) -> None:
    """The old primary lives on, and the promoted copy has a sequencer of its own: no lock holds across them."""
    sealing.write(2)
    sealing.seal()
    connection.close()
    with copy_of(sealing.scratch) as copy:
        old = sealer.open_sealer()
        with old.connection:
            with copy.entered():
                promoted = Log(copy, sealing.folder)
                promoted.write(1)
                promoted.seal()
            sealing.write(3)
            while old.sequencer.size < 5:
                old.sequencer.turn()
            with pytest.raises(signing.Refused, match="En anden sekvensator"):
                old.sign()
        assert sealing.value("SELECT max(size) FROM audit_checkpoint") == 2
    assert sealing.folder.sizes() == [2, 3]


def test_for_thirty_days_two_keys_sign_and_then_the_new_one_alone(sealing: Log) -> None:
    def signed() -> list[str]:
        sealing.write(1)
        sealing.seal()
        claimed = checkpoint.read(notes(sealing)[-1])
        return [each.key.hex() for each in claimed.signatures]

    first, now = signed(), datetime.now(UTC)
    old = sealing.folder.vkeys()
    call_command("audit_key", "--rotate", stdout=StringIO())
    both = signed()
    assert both[:1] == first
    assert len(both) == 2
    new = keys.read(current.AUDIT_KEY).vkeys[-1]
    assert sealing.folder.vkeys() == [*old, new], "published, and the old one with it"
    for known in ([new], old):
        assert checkpoint.verify(notes(sealing)[-1], known).size == 2, "whoever knows either of them can verify"
    with time_machine.travel(now + timedelta(days=29)):
        assert signed() == both
    with time_machine.travel(now + timedelta(days=31)):
        assert signed() == both[1:]
        call_command("audit_key", "--rotate", stdout=StringIO())
        text = current.AUDIT_KEY.read_text()
        assert text.count(keys.PRIVATE) == 2, "a key that has had its time is gone, its verifier key stays"
        assert old[0] in text
    call_command("audit_verify")


@given(st.lists(st.integers(0, 60), max_size=5))
def test_the_newest_key_always_signs_and_no_key_longer_than_thirty_days_after_the_next(days: list[int]) -> None:
    made = [NOW]
    for gap in days:
        made.append(made[-1] + timedelta(days=gap))
    some = [keys._new("x", moment) for moment in made]
    now = made[-1] + timedelta(days=3)
    signing_now = keys.Keys(tuple(some)).signing(now)
    assert signing_now[-1] is some[-1]
    expected = [key for key, after in zip(some, made[1:], strict=False) if after + timedelta(days=30) > now]
    assert signing_now[:-1] == expected


def test_a_key_file_is_for_its_owner_alone_and_says_nothing_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "audit.key"
    made = keys.make(path, "x.dk/audit", NOW)
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.read(path).vkeys == made.vkeys
    with pytest.raises(FileExistsError):
        keys.make(path, "x.dk/audit", NOW)
    secret = path.read_text().rsplit("+", 1)[1].strip()
    for broken in ("", "nonsense\n", path.read_text()[:-20], f"2026-11-28T12:00:00Z {made.vkeys[0]}\n"):
        path.write_text(broken)
        with pytest.raises(keys.BadKeys) as bad:
            keys.read(path)
        assert secret not in str(bad.value)
    path.chmod(0o640)
    with pytest.raises(keys.BadKeys, match="andre kan læse"):
        keys.read(path)


def test_without_a_key_nothing_is_sealed_and_the_command_says_what_is_missing(sealing: Log) -> None:
    sealing.write(1)
    current.AUDIT_KEY.unlink()
    with pytest.raises(CommandError, match=re.escape(str(current.AUDIT_KEY))):
        call_command("audit_seal", "--once")
    assert sealing.value("SELECT count(*) FROM audit_leaf") == 0


def test_the_command_of_keys_makes_one_once_and_shows_what_may_be_shown(sealing: Log, capsys: Any) -> None:
    current.AUDIT_KEY.unlink()
    call_command("audit_key")
    call_command("audit_key")
    one, same = capsys.readouterr().out.split()
    assert one == same == keys.read(current.AUDIT_KEY).vkeys[0]
    assert "PRIVATE" not in one
    assert one.startswith("127.0.0.1:8000/audit+")
