"""docs/audit.md done to the letter, where there is nothing but Python and `cryptography`."""

import json
import re
import shutil
import subprocess
import sysconfig
import uuid
import venv
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import get_commands
from django.db import connection
from psycopg.rows import dict_row
from psycopg.types.json import JsonbLoader

from audit.actions import Action
from audit.leaf import canonical, leaf_data
from audit.record import record
from audit.tests import example
from audit.tests.conftest import HOLM

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"```sh\n(?P<command>.+)\n```\n(?:\n```text\n(?P<answer>(?:.*\n)+?)```)?")
PAGE = (ROOT / "docs" / "audit.md").read_text()
STEPS = [match.groups() for match in BLOCK.finditer(PAGE)]
NEEDED = ("cryptography", "cffi", "_cffi_backend*")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a Python that has links to `cryptography` and what that needs, and nothing of ours."""
    at = tmp_path_factory.mktemp("machine") / "python"
    venv.create(at, with_pip=False, symlinks=True)
    theirs = Path(sysconfig.get_path("purelib", "venv", {"base": str(at)}))
    for pattern in NEEDED:
        found = list(Path(sysconfig.get_path("platlib")).glob(pattern))
        assert found or pattern.startswith("_"), pattern
        for each in found:
            (theirs / each.name).symlink_to(each)
    return at / "bin"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """An empty folder with what the page says one needs."""
    shutil.copy(ROOT / "verify_audit.py", tmp_path)
    shutil.copytree(ROOT / "docs" / "audit", tmp_path, dirs_exist_ok=True)
    return tmp_path


def run(command: str, desk: Path, python: Path) -> subprocess.CompletedProcess[str]:
    """As typed, in an environment with no variable but the path."""
    env = {"PATH": f"{python}:/usr/bin:/bin"}
    return subprocess.run(["sh", "-c", command], cwd=desk, env=env, capture_output=True, text=True, timeout=60)


def test_the_page_is_right_in_an_empty_environment(desk: Path, python: Path) -> None:
    assert len(STEPS) == 5
    assert set(re.findall(r"manage\.py (\w+)", PAGE)) <= get_commands().keys()
    for name in ("django", "audit", "sundhedsjournal", "orjson", "psycopg"):
        missing = run(f"python3 -c 'import {name}'", desk, python)
        assert f"No module named '{name}'" in missing.stderr
    for command, answer in STEPS:
        done = run(command, desk, python)
        assert (done.returncode, done.stderr) == (0, "")
        if answer:
            assert done.stdout == answer
    printed = (desk / "paper.txt").read_text()
    assert len(printed.splitlines()) < 90, "about one page"
    assert run("python3 verify_audit.py paper.txt log.vkey", desk, python).stdout + "\n" in printed
    assert run("python3 verify_audit.py --print row.tlog-proof log.vkey | true", desk, python).stderr == ""


def test_without_cryptography_it_says_what_is_missing(desk: Path, python: Path) -> None:
    done = run("python3 -I -S verify_audit.py row.tlog-proof log.vkey", desk, python)
    assert (done.returncode, done.stderr) == (2, "")
    assert "`cryptography` is missing" in done.stdout


@pytest.mark.django_db
def test_a_row_that_was_recorded_a_moment_ago_is_proved_by_the_same_commands(desk: Path, python: Path) -> None:
    patient = uuid.uuid4()
    key = record(Action.EKG_RECORDING_VIEWED, actor=HOLM, patient=patient, entity=f"Recording/{patient}")
    cursor: psycopg.Cursor[dict[str, Any]] = psycopg.Cursor(connection.connection, row_factory=dict_row)
    cursor.adapters.register_loader("jsonb", JsonbLoader)
    row = cursor.execute("SELECT * FROM audit_event WHERE id = %s", [key]).fetchone()
    assert row
    for name, text in example.files(leaf_data(row["salt"], canonical(row))).items():
        (desk / name).write_text(text)
    for command, _ in STEPS:
        done = run(command, desk, python)
        assert (done.returncode, done.stderr) == (0, "")
    told = run("python3 verify_audit.py --all paper.txt log.vkey", desk, python).stdout
    assert f"Row             {key}" in told
    assert f"citizen       {patient}" in told
    assert json.loads(told[told.index("\n{") :])["event"] == row["event"]
