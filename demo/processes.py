"""The processes of a running demo, and one that looks after them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Program:
    """One command that is kept running; its output goes to a log file of its own."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = field(default=0)

    def start(self) -> None:
        self.started = time.monotonic()
        with self.log.open("ab") as log:
            self.process = _spawn(self.command, self.env, log)

    def keep(self) -> None:
        """Start again what has ended, at once the first time, then with growing patience (at most 10 s)."""
        if self.process is None or self.process.poll() is None:
            return
        lived = time.monotonic() - self.started
        self.failures = 0 if lived > 30 else self.failures
        if lived > min(10, 2**self.failures - 1):
            self.failures += 1
            self.end(signal.SIGKILL)  # what a killed parent left behind holds ports and rows
            print(f"{self.name} ended and is started again; see {self.log}", file=sys.stderr, flush=True)
            self.start()

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Signal the whole process group, the program's own children included."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, how)
            except ProcessLookupError:
                return

    def wait(self, seconds: float) -> None:
        if self.process is not None:
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.end(signal.SIGKILL)
                self.process.wait()


def _spawn(command: list[str], env: Mapping[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env=dict(env),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=_end_with_parent,  # safe: the supervisor has one thread
    )
