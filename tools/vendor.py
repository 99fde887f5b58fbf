"""Copies third-party browser files into static/vendor, exactly as vendor.toml pins them. For development: needs npm.

`python tools/vendor.py` fetches each package with npm, verifies its sha512, extracts the listed files and the licence,
and writes THIRD_PARTY.md. `python tools/vendor.py --check` fetches nothing: it says which committed file has changed.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
Package = dict[str, Any]


def packages() -> list[Package]:
    """What vendor.toml lists: name, version, integrity, licence, licence_file, why, files {path in package: sha256}."""
    listed: list[Package] = tomllib.loads((ROOT / "vendor.toml").read_text())["package"]
    return listed


def folder(package: Package) -> Path:
    return VENDOR / f"{package['name']}-{package['version']}"


def fetch(package: Package) -> None:
    """Download one exact version and keep only what is listed; any other content is an error, never a warning."""
    with tempfile.TemporaryDirectory() as scratch:
        wanted = f"{package['name']}@{package['version']}"
        subprocess.run(["npm", "pack", wanted, "--silent", "--pack-destination", scratch], check=True, cwd=scratch)
        archive = next(Path(scratch).glob("*.tgz"))
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != package["integrity"]:
            raise SystemExit(f"{wanted}: the archive is {found}, vendor.toml says {package['integrity']}")
        target = folder(package)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        with tarfile.open(archive) as files:
            for path in [*package["files"], package["licence_file"]]:
                source = files.extractfile(f"package/{path}")
                if source is None:
                    raise SystemExit(f"{wanted} has no file {path}")
                name = "LICENSE" if path == package["licence_file"] else Path(path).name
                (target / name).write_bytes(source.read())


def changed(package: Package) -> list[str]:
    """The files of a package that are missing or are not the bytes that vendor.toml pins."""
    wrong = []
    for path, pinned in package["files"].items():
        file = folder(package) / Path(path).name
        if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != pinned:
            wrong.append(str(file.relative_to(ROOT)))
    if not (folder(package) / "LICENSE").exists():
        wrong.append(f"{folder(package).relative_to(ROOT)}/LICENSE")
    return wrong


def notice() -> str:
    """THIRD_PARTY.md: what in this repository was written by others, and under which licence."""
    lines = [
        "# Files by others",
        "",
        "Written by `tools/vendor.py` from `vendor.toml`; change that, not this page.",
        "",
    ]
    lines += ["| Package | Version | Licence | Files | Used for |", "|---|---|---|---|---|"]
    for package in packages():
        kept = ", ".join(f"`{Path(path).name}`" for path in package["files"])
        licence = f"[{package['licence']}]({folder(package).relative_to(ROOT)}/LICENSE)"
        lines.append(f"| {package['name']} | {package['version']} | {licence} | {kept} | {package['why']} |")
    return "\n".join([*lines, ""])


def main(arguments: list[str]) -> int:
    if arguments != ["--check"]:
        for package in packages():
            fetch(package)
        (ROOT / "THIRD_PARTY.md").write_text(notice())
    wrong = [file for package in packages() for file in changed(package)]
    if (ROOT / "THIRD_PARTY.md").read_text() != notice():
        wrong.append("THIRD_PARTY.md")
    for file in wrong:
        print(f"{file} is not what vendor.toml pins", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
