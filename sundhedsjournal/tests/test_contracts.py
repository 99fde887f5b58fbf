"""The import contracts hold, and each is proven to fail when it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = (
    "sundhedsjournal",
    "citizen",
    "overview",
    "reviews",
    "ekg",
    "eoj",
    "exports",
    "access",
    "fhir",
    "patients",
    "organisations",
    "terminology",
    "audit",
)


def lint(at: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=at, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rooms, in a place where they may be broken."""
    at = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(ROOT / room, at / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", at)
    return at


def test_the_house_keeps_its_contracts(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("audit/trail.py", "import ekg.queries", "Down only"),
        ("fhir/api.py", "import access.gate", "Down only"),
        ("patients/registry.py", "import audit.record", "Down only"),
        ("ekg/queries.py", "import sundhedsjournal.kinds", "Down only"),
        ("ekg/views.py", "import overview.queries", "Down only"),
        ("eoj/queries.py", "import overview.pages", "Down only"),
        ("overview/pages.py", "import sundhedsjournal.kinds", "Down only"),
        ("overview/queries.py", "import ekg.models", "Views touch no model"),
        ("overview/views.py", "import eoj.models", "Views touch no model"),
        ("overview/queries.py", "import audit.models", "The audit table is reached through audit alone"),
        ("citizen/queries.py", "import sundhedsjournal.kinds", "Down only"),
        ("ekg/queries.py", "import citizen.queries", "Down only"),
        ("access/gate.py", "import citizen.views", "Down only"),
        ("reviews/worklist.py", "import citizen.wording", "Down only"),
        ("overview/queries.py", "import reviews.own", "Down only"),
        ("reviews/views.py", "import reviews.models", "Views touch no model"),
        ("reviews/snapshot.py", "import audit.models", "The audit table is reached through audit alone"),
        ("reviews/weeks.py", "import django.conf", "Pure modules"),
        ("ekg/document.py", "import django.conf", "Pure modules"),
        ("ekg/views.py", "import ekg.models", "Views touch no model"),
        ("ekg/copy_views.py", "import exports.models", "Views touch no model"),
        ("exports/making.py", "import ekg.queries", "Down only"),
        ("fhir/blobs.py", "import exports.files", "Down only"),
        ("exports/joining.py", "import django.conf", "Pure modules"),
        ("eoj/views.py", "import eoj.models", "Views touch no model"),
        ("citizen/views.py", "import ekg.models", "Views touch no model"),
        ("eoj/care.py", "import django.conf", "Pure modules"),
        ("eoj/queries.py", "import ekg.models", "Down only"),
        ("citizen/queries.py", "import audit.models", "The audit table is reached through audit alone"),
        ("access/words.py", "import django.conf", "Pure modules"),
        ("access/gate.py", "import audit.models", "The audit table is reached through audit alone"),
    ],
)
def test_a_broken_contract_is_found(copy: Path, module: str, line: str, contract: str) -> None:
    file = copy / module
    before = file.read_text()
    file.write_text(f"{before}\n{line}\n")
    try:
        done = lint(copy)
    finally:
        file.write_text(before)
    assert done.returncode != 0
    assert any(contract in said and "BROKEN" in said for said in done.stdout.splitlines()), done.stdout[-3000:]
