"""A whole demo in processes of its own, for tests and benchmarks: started as a user would, killed as the world does."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from demo import postgres
from demo.stack import GRANIAN, ROOT, Place, answers

STATIC = {"STATIC_ROOT": str(ROOT / "var" / "static")}  # collected once for every demo of this kind


@dataclass
class Running:
    """A demo that has said READY."""

    at: Place
    process: subprocess.Popen[bytes]

    def programs(self, word: str) -> list[psutil.Process]:
        """The demo's own processes whose command line holds this word (granian, celery, sweep …)."""
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if word in " ".join(child.cmdline()):
                    found.append(child)
        return found

    def kill(self, word: str) -> int:
        """kill -9 every process of the demo whose command line holds this word; the supervisor starts it again."""
        victims = self.programs(word)
        for victim in victims:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
        return len(victims)

    def env(self) -> dict[str, str]:
        """The environment in which manage.py finds this demo."""
        return clean_environment() | place_variables(self.at) | STATIC

    def manage(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run manage.py as a user of this demo would, knowing PORT, EPJ_PORT and SJ_VAR alone."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.env(), capture_output=True, text=True, timeout=timeout)

    @contextlib.contextmanager
    def beside(self, **settings: str) -> Iterator[str]:
        """Another web server of this demo, with other settings; cookies know no port, so its users are the same."""
        port = free_port()
        where = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "2"]
        env = self.env() | {"SJ_DEMO": "1", "DJANGO_SETTINGS_MODULE": "sundhedsjournal.settings"} | settings
        with (self.at.var / "logs" / f"web-{port}.log").open("w") as log:
            process = subprocess.Popen(
                [*GRANIAN, *where, "sundhedsjournal.wsgi:application"], cwd=ROOT, env=env, stdout=log, stderr=log
            )
        try:
            deadline = time.monotonic() + 60
            while not answers(f"http://127.0.0.1:{port}/fhir/metadata"):
                assert process.poll() is None, "the web server ended"
                assert time.monotonic() < deadline, "the web server does not answer"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)

    def log(self) -> str:
        """All its logs, the database's included."""
        parts = [path.read_text(errors="replace") for path in sorted((self.at.var / "logs").glob("*.log"))]
        return "\n".join(parts)


def clean_environment() -> dict[str, str]:
    """This process's environment without what names another database or demo."""
    ours = {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SEQUENCER_URL", "SJ_VAR", "SJ_TEST_VAR"}
    ours |= {"PORT", "EPJ_PORT", "SJ_DEMO", "SITE_URL"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def place_variables(at: Place) -> dict[str, str]:
    return {"SJ_VAR": str(at.var), "PORT": str(at.port), "EPJ_PORT": str(at.epj_port)}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_demo(extra: Mapping[str, str] | None = None, *, seconds: float = 300) -> Iterator[Running]:
    """Start `python -m demo` in a folder of its own, wait for READY, and end it with Ctrl-C."""
    with tempfile.TemporaryDirectory(prefix="sj-stack-") as folder:
        at = Place(Path(folder) / "var", free_port(), free_port())
        at.var.mkdir()
        env = clean_environment() | place_variables(at) | STATIC | {"PYTHONPATH": str(ROOT)} | dict(extra or {})
        said = (at.var / "said.log").open("w+")
        process = subprocess.Popen(
            [sys.executable, "-m", "demo"], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=said
        )
        try:
            _wait_for_ready(process, seconds, at.var / "said.log")
            yield Running(at, process)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
            said.close()
            if process.stdout:
                process.stdout.close()
            postgres.remove(at.var)


def _wait_for_ready(process: subprocess.Popen[bytes], seconds: float, said: Path) -> None:
    os.set_blocking(process.stdout.fileno(), False)  # type: ignore[union-attr]
    deadline, heard = time.monotonic() + seconds, b""
    while b"READY " not in heard:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The demo did not get ready:\n{said.read_text()[-4000:]}")
        heard += process.stdout.read() or b""  # type: ignore[union-attr]
        time.sleep(0.05)
