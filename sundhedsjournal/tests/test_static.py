"""The files a browser loads: whole, unchanged by us where others wrote them, and within their budget."""

import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from sundhedsjournal.bundles import BUNDLES

STATIC = settings.BASE_DIR / "static"


def travels(*names: str) -> int:
    """Bytes of these files, or of what they are joined from, packed as they travel."""
    joined = (b"\n".join((STATIC / part).read_bytes() for part in BUNDLES.get(name, [name])) for name in names)
    return sum(len(gzip.compress(body, 9)) for body in joined)


def test_every_file_that_a_style_sheet_names_is_there(settings: Any, tmp_path: Path) -> None:
    manifest = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", "--noinput", verbosity=0)
    for name, parts in BUNDLES.items():
        url = staticfiles_storage.url(name)
        assert url != f"/static/{name}"
        joined = (tmp_path / url.removeprefix("/static/")).read_text()
        assert all((STATIC / part).read_text().splitlines()[-1] in joined for part in parts)


def test_files_by_others_are_the_bytes_that_vendor_toml_pins() -> None:
    command = [sys.executable, str(settings.BASE_DIR / "tools" / "vendor.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_style_sheet_and_no_script_loads_anything_from_elsewhere() -> None:
    for file in [*STATIC.glob("css/*"), *STATIC.glob("js/*"), *STATIC.glob("*.svg")]:
        foreign = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "://" not in foreign, file.name


def test_what_the_browser_loads_stays_within_its_budget() -> None:
    assert travels("css/klinik.css") <= 14_000
    assert travels("js/journal.js") <= 30_000
    assert travels("js/journal.js", "js/care.js") <= 30_000
    assert sum(file.stat().st_size for file in STATIC.glob("vendor/*/*.woff2")) <= 40_000
