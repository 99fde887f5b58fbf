"""One limited child as the pool sees it: start, ask, end. Every wait has a deadline on the monotonic clock."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ekg.pdf_frames import HEAD, LENGTH, READY

_MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20)}
"""Keep memory between files instead of asking the kernel for it each time: a third off an inspection."""
_TEXT_BYTES = 1 << 20
_PAGES_BYTES = 256 << 20


class NotStarted(RuntimeError):
    """The child never said that it was ready: the machine or the installation is at fault, not a file."""


@dataclass(frozen=True)
class Answer:
    """What a child said of one file: the JSON as it came, and the bytes of the pictures."""

    said: Mapping[str, Any]
    pages: tuple[bytes, ...]


class Child:
    """A running child; used by one thread at a time."""

    def __init__(self, deadline: float) -> None:
        """Start it and wait until it is ready; raises NotStarted."""
        self.cpu = 0.0
        self._socket, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = _start(theirs)
        except OSError as error:
            self._socket.close()
            raise NotStarted("A PDF reader could not be started.") from error
        try:
            ready = self._receive(len(READY), deadline) == READY
        except OSError:
            ready = False
        except BaseException:
            self.end()
            raise
        if not ready:
            code, _ = self.end()
            raise NotStarted(
                f"A PDF reader was not ready in time, or ended with code {code}: try python -m ekg.pdf_worker"
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def ask(self, command: bytes, data: bytes, page: int, dpis: tuple[int, int], deadline: float) -> Answer:
        """Hand over a file, wait for the answer; raises TimeoutError, OSError (it died), ValueError (nonsense)."""
        seconds = max(1, round(deadline - time.monotonic()))
        self._socket.settimeout(_left(deadline))
        self._socket.sendall(HEAD.pack(command, page, *dpis, seconds, len(data)) + data)
        (size,) = LENGTH.unpack(self._receive(LENGTH.size, deadline))
        if size > _TEXT_BYTES:
            raise ValueError("too long")
        said = json.loads(self._receive(size, deadline))
        lengths = [int(painted[0]) for painted in said["painted"]]
        if min(lengths, default=0) < 0 or sum(lengths) > _PAGES_BYTES:
            raise ValueError("too long")
        self.cpu = float(said["cpu"])
        return Answer(said, tuple(self._receive(length, deadline) for length in lengths))

    def end(self) -> tuple[int | None, float]:
        """Kill it if it still runs; returns its exit code (negative: signal) if known, and processor seconds used."""
        self._socket.close()
        if self._process.returncode is not None:
            return self._process.returncode, self.cpu
        os.kill(self._process.pid, signal.SIGKILL)  # Popen.kill would reap it, and its processor time with it
        try:
            _, status, usage = os.wait4(self._process.pid, 0)
        except ChildProcessError:  # somebody else reaped it (SIGCHLD ignored)
            self._process.returncode = 0
            return None, self.cpu
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return self._process.returncode, usage.ru_utime + usage.ru_stime

    def abandon(self) -> None:
        """After a fork, in the copy: let go of a child that belongs to the original."""
        self._socket.close()
        self._process.returncode = 0

    def _receive(self, size: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            self._socket.settimeout(_left(deadline))
            part = self._socket.recv(min(size - len(parts), 1 << 20))
            if not part:
                raise ConnectionResetError
            parts += part
        return bytes(parts)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _start(theirs: socket.socket) -> subprocess.Popen[bytes]:
    """A program of its own with this interpreter and these import paths, and nothing else of our environment."""
    paths = [os.path.abspath(path) for path in sys.path]
    return subprocess.Popen(  # type: ignore[no-any-return,call-overload]  # the stubs know no pipe that is a socket
        [sys.executable or str(Path(sys.prefix, "bin", "python3")), "-P", "-s", "-B", "-m", "ekg.pdf_worker"],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "LC_ALL": "C.UTF-8", **_MALLOC},
        cwd="/",
        start_new_session=True,
    )
