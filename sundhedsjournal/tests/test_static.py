"""The files a browser loads: whole, unchanged by us where others wrote them, and within their budget."""

import gzip
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from sundhedsjournal.bundles import BUNDLES, bare, joined

STATIC = settings.BASE_DIR / "static"


def travels(*names: str) -> int:
    """Bytes of these files, or of what they are joined from, packed as they travel."""
    bodies = (joined(BUNDLES[name]) if name in BUNDLES else (STATIC / name).read_text() for name in names)
    return sum(len(gzip.compress(body.encode(), 9)) for body in bodies)


def test_every_file_that_a_style_sheet_names_is_there(settings: Any, tmp_path: Path) -> None:
    manifest = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", "--noinput", verbosity=0)
    for name, parts in BUNDLES.items():
        url = staticfiles_storage.url(name)
        assert url != f"/static/{name}"
        made = (tmp_path / url.removeprefix("/static/")).read_text()
        assert all((STATIC / part).read_text().splitlines()[-1].strip() in made for part in parts)


PARTS = [STATIC / part for parts in BUNDLES.values() for part in parts if "vendor/" not in part]
COMMENT = {".css": re.compile(r"/\*(?:(?!\*/).)*\*/", re.DOTALL), ".js": re.compile(r"(?m)^ *//[^\n]*$")}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_joining_leaves_out_comments_and_space_alone(part: Path) -> None:
    text = part.read_text()
    assert bare(text, part.suffix).split() == COMMENT[part.suffix].sub("", text).split()
    over_lines = [said for said in re.findall(r"`[^`]*`", text) if "\n" in said]
    assert not over_lines, "space is part of a text that goes over lines"
    assert "/*" not in bare(text, part.suffix)


def test_files_by_others_are_the_bytes_that_vendor_toml_pins() -> None:
    command = [sys.executable, str(settings.BASE_DIR / "tools" / "vendor.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_style_sheet_and_no_script_loads_anything_from_elsewhere() -> None:
    for file in [*STATIC.glob("css/*"), *STATIC.glob("js/*"), *STATIC.glob("*.svg")]:
        foreign = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "://" not in foreign, file.name


def test_what_the_browser_loads_stays_within_its_budget() -> None:
    assert travels("css/klinik.css") <= 10_000
    assert travels("js/journal.js") <= 27_500
    assert travels("js/journal.js", "js/care.js") <= 29_500
    assert sum(file.stat().st_size for file in STATIC.glob("vendor/*/*.woff2")) <= 40_000
