"""The whole demo on embedded parts: database, broker folder, web server, workers, sweep, sequencer, demo EPJ."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from demo import postgres
from demo.processes import Program

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
GRANIAN = [PYTHON, "-m", "granian", "--interface", "wsgi", "--log-level", "warning", "--respawn-failed-workers"]
GRANIAN += ["--respawn-interval", "0.2", "--workers-kill-timeout", "10", "--backlog", "2048"]


class CannotRun(RuntimeError):
    """The demo cannot start; the sentence says what to do."""


@dataclass(frozen=True)
class Place:
    """Where one demo runs."""

    var: Path
    port: int
    epj_port: int

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def epj(self) -> str:
        return f"http://localhost:{self.epj_port}"


def place() -> Place:
    """The place the environment names: SJ_VAR, PORT, EPJ_PORT."""
    var = Path(os.environ.get("SJ_VAR") or ROOT / "var").resolve()
    return Place(var, int(os.environ.get("PORT") or 8000), int(os.environ.get("EPJ_PORT") or 8001))


def environment(at: Place) -> dict[str, str]:
    """What every process of the demo is told."""
    return os.environ | {
        "SJ_VAR": str(at.var),
        "PORT": str(at.port),
        "EPJ_PORT": str(at.epj_port),
        "SJ_DEMO": "1",
        "MINLOG_URL": os.environ.get("MINLOG_URL") or f"{at.epj}/minlog2-registration/service",
        "DJANGO_SETTINGS_MODULE": "sundhedsjournal.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


def programs(at: Place) -> list[Program]:
    """Separate queues for EKGs, municipal reports and previews: neither a national night nor drawing delays an EKG.

    What can wait gives way also on the processor.
    """
    env, logs = environment(at), at.var / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    worker = [PYTHON, "-m", "celery", "-A", "sundhedsjournal", "worker", "--pool", "threads", "-l", "WARNING"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    serve = ["--host", "127.0.0.1", "--port", str(at.port), "--workers", str(os.cpu_count() or 2)]
    drawing = [*worker, "-Q", "previews", "-c", "2", "-n", f"previews-{at.port}@%h"]
    epj = {**env, "DJANGO_SETTINGS_MODULE": "demo.epj.settings"}
    desk = ["--host", "127.0.0.1", "--port", str(at.epj_port), "--blocking-threads", "4"]
    commands = {
        "web": ([*GRANIAN, *serve, "--blocking-threads", "8", "sundhedsjournal.wsgi:application"], env),
        "worker-ekg": ([*worker, "-Q", "ekg", "-c", "2", "-n", f"ekg-{at.port}@%h"], env),
        "worker-previews": (["nice", "-n", "15", *drawing], env),
        "worker-eoj": (["nice", "-n", "10", *worker, "-Q", "eoj,pulls", "-c", "2", "-n", f"eoj-{at.port}@%h"], env),
        "sweep": ([PYTHON, "manage.py", "sweep"], env),
        "audit-seal": (["nice", "-n", "10", PYTHON, "manage.py", "audit_seal"], env),
        "epj": ([*GRANIAN, *desk, "demo.epj.wsgi:application"], epj),
    }
    return [Program(name, command, told, logs / f"{name}.log") for name, (command, told) in commands.items()]


def manage(at: Place, *arguments: str) -> None:
    """Run one manage.py command to its end."""
    _run(at, "manage.py", *arguments)


def _run(at: Place, *command: str) -> None:
    """Its words go to stderr, so that READY stands alone on stdout."""
    done = subprocess.run([PYTHON, *command], cwd=ROOT, env=environment(at), stdout=sys.stderr)
    if done.returncode:
        raise CannotRun(f"{' '.join(command[:2])} failed.")


def collect_static(at: Place) -> None:
    """Static files, hashed and compressed: seconds of work, so only when a source is newer than the last time."""
    root = Path(os.environ.get("STATIC_ROOT") or at.var / "static")
    collected = root / ".collected"
    sources = [
        Path(PYTHON).parent.parent / "ready",
        ROOT / "sundhedsjournal" / "bundles.py",
        *(ROOT / "static").rglob("*"),
    ]
    newest = max(source.stat().st_mtime for source in sources if source.exists())
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".collecting").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two demos of one test run may share the folder
        if not collected.exists() or collected.stat().st_mtime < newest:
            manage(at, "collectstatic", "--noinput", "--verbosity", "0")
            collected.touch()


def prepare(at: Place) -> postgres.Cluster | None:
    """Databases, migrations, static files, keys and identity providers: safe to run again."""
    for name, port in (("PORT", at.port), ("EPJ_PORT", at.epj_port)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise CannotRun(f"Port {port} is taken. Choose another with {name}=…") from None
    at.var.mkdir(parents=True, exist_ok=True)
    for folder in ("broker/queue", "broker/control", "keys", "blobs"):
        (at.var / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    cluster = None if os.environ.get("DATABASE_URL") else postgres.start(at.var)
    manage(at, "migrate", "--verbosity", "0")
    sign_log_with(Path(os.environ.get("AUDIT_KEY") or at.var / "keys" / "audit.key"), at)
    collect_static(at)
    manage(at, "demo_data")
    _run(at, "-m", "demo.epj")
    return cluster


def sign_log_with(key_file: Path, at: Place) -> None:
    """The key of the demo's log, made once: what `manage.py audit_key` does, without starting Django for it."""
    from audit.sealing import keys

    if not key_file.exists():
        keys.make(key_file, f"127.0.0.1:{at.port}/audit", datetime.now(UTC))


def answers(url: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 our own loopback address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until_ready(at: Place, running: list[Program], seconds: float = 120) -> None:
    """Wait for both sites; says which log to read when one does not come."""
    deadline = time.monotonic() + seconds
    for name, url in (("web", f"{at.site}/fhir/metadata"), ("epj", f"{at.epj}/o/.well-known/openid-configuration")):
        while not answers(url):
            if time.monotonic() > deadline:
                raise CannotRun(f"{name} does not answer; see {at.var / 'logs' / name}.log")
            for program in running:
                program.keep()
            time.sleep(0.1)


def shut_down(running: list[Program], cluster: postgres.Cluster | None) -> None:
    """End every process that was started, the database last."""
    for program in running:
        program.end()
    for program in running:
        program.wait(15)
        program.end(signal.SIGKILL)  # children that outlived their parent
    if cluster is not None:
        postgres.stop(cluster)
