"""A warm pool of limited children that read PDF files (ADR 0008); any thread may ask, and none waits past its limit.

Works wherever subprocess does: in a web worker, a Celery worker, a command, a test. Children are programs of their own
(never forks of this one), are started when first needed, answer in JSON and bytes (never pickles: what has read a
hostile file must not run code here), and vanish with this process, however it ends.
"""

import atexit
import logging
import os
import signal
import threading
import time

from ekg.pdf_child import Answer, Child, NotStarted

log = logging.getLogger(__name__)

_OUT_OF_TIME = (-signal.SIGALRM, -signal.SIGXCPU)


class ReadersBusy(OSError):
    """No child could take the file in time, and nothing is said of the file. The door answers an OSError with 503."""


class Pool:
    """At most `size` children and `waiting` threads in line; more are turned away at once."""

    def __init__(self, size: int = 2, waiting: int = 64) -> None:
        self._size, self._waiting = size, waiting
        self._reset()

    def _reset(self) -> None:
        self._slots = threading.Semaphore(self._size)
        self._line = threading.Semaphore(self._size + self._waiting)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self.peak = 0
        """The most real memory (kB) that any child has reported."""

    def run(
        self, command: bytes, data: bytes, *, wait: float, seconds: float, page: int = 0, dpis: tuple[int, int] = (0, 0)
    ) -> Answer | None:
        """Have a child do one job; None when the file itself needed too much or broke two children.

        Waits at most `wait` seconds for a child and `seconds` for the job, a new child's start included.
        Raises ReadersBusy.
        """
        if not self._line.acquire(blocking=False):
            raise ReadersBusy("Too many files are waiting to be read.")
        try:
            if not self._slots.acquire(timeout=wait):
                raise ReadersBusy("No PDF reader became free in time.")
            try:
                return self._job(command, data, page, dpis, seconds)
            finally:
                self._slots.release()
        finally:
            self._line.release()

    def _job(self, command: bytes, data: bytes, page: int, dpis: tuple[int, int], seconds: float) -> Answer | None:
        deadline = time.monotonic() + seconds
        for only_new in (False, True):  # a child may have been killed from outside: one more try, with a new one
            child = self._take(only_new, deadline)
            before, late = child.cpu, False
            try:
                answer = child.ask(command, data, page, dpis, deadline)
            except TimeoutError:
                late = True
            except (OSError, ValueError, KeyError, TypeError):
                pass
            except BaseException:
                self._end(child)
                raise
            else:
                self._give_back(child, answer)
                return answer
            code, cpu = self._end(child)
            log.warning("A PDF reader was replaced: code %s, late %s", code, late)
            if late or code in _OUT_OF_TIME:
                if cpu - before < seconds / 4:
                    raise ReadersBusy("The machine gave the PDF reader no time.")
                return None
        return None

    def _take(self, only_new: bool, deadline: float) -> Child:
        while not only_new:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                break
            if child.alive():
                return child
            self._end(child)
        try:
            child = Child(deadline)
        except NotStarted as error:
            log.exception("No PDF reader")
            raise ReadersBusy(str(error)) from error
        with self._lock:
            self._all.add(child)
        return child

    def _give_back(self, child: Child, answer: Answer) -> None:
        self.peak = max(self.peak, int(answer.said["peak"]))
        if answer.said["leaving"]:
            self._end(child)
            return
        with self._lock:
            self._idle.append(child)

    def _end(self, child: Child) -> tuple[int | None, float]:
        with self._lock:
            self._all.discard(child)
        return child.end()

    def pids(self) -> list[int]:
        """The process ids of the children that run now."""
        with self._lock:
            return sorted(child.pid for child in self._all)

    def close(self) -> None:
        """End every child; the pool may be used again and then starts anew."""
        with self._lock:
            children, self._idle = list(self._idle), []
        for child in children:
            self._end(child)

    def forget(self) -> None:
        """In a forked copy of this process: the children belong to the original."""
        for child in self._all:
            child.abandon()
        self._reset()


POOL = Pool()
os.register_at_fork(after_in_child=POOL.forget)
atexit.register(POOL.close)
