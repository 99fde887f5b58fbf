"""Tells witnesses of each checkpoint (C2SP tlog-witness), in threads of their own: one that is down delays nothing."""

import logging
import re
import threading
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from audit import checkpoint, merkle, proof
from audit.sealing import asking, store
from audit.sealing.asking import Answer
from audit.sealing.publishing import Conflict, Folder
from audit.sealing.store import Signed

log = logging.getLogger("audit.sealing")

PATIENCE = (2, 10, 60, 300)
"""Seconds between tries while a witness does not answer."""
LINE = re.compile(r"— \S+ [A-Za-z0-9+/=]+")
SECONDS = 10.0
"""For a whole call."""
LARGEST = 10_000
"""Bytes of an answer."""


class Disagrees(Exception):
    """The witness has seen another tree than ours, or a larger one."""


@dataclass
class Witness:
    """One witness: the newest checkpoint is all it is told; those that it missed are in its consistency proof."""

    url: str
    folder: Folder | None
    database: dict[str, Any]
    known: int = 0
    """The size that it has seen last, as far as we know."""
    _newest: Signed | None = None
    _told: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self.run, name=f"witness {self.url}", daemon=True)
        self._thread.start()

    def tell(self, signed: Signed) -> None:
        self._newest = signed
        self._told.set()

    def stop(self) -> None:
        """What is under way may end; one that does not answer ends with the process."""
        self._stop.set()
        self._told.set()
        if self._thread:
            self._thread.join(2)

    def run(self) -> None:
        """Until stopped: wait for a checkpoint, send it, and go on trying when it was not taken."""
        failures = 0
        while not self._stop.is_set():
            self._told.wait()
            self._told.clear()
            if self._stop.is_set() or (signed := self._newest) is None:
                continue
            try:
                self.send(signed)
                failures = 0
            except Disagrees as error:
                log.error("witness %s disagrees: %s", self.url, error)
                failures = len(PATIENCE)
            except (httpx.HTTPError, psycopg.Error, OSError, LookupError, ValueError, Conflict) as error:
                log.warning("witness %s not reached: %s", self.url, type(error).__name__)
                failures += 1
            if failures:
                self._told.set()
                self._stop.wait(PATIENCE[min(failures, len(PATIENCE)) - 1])

    def send(self, signed: Signed) -> None:
        """One checkpoint, with the proof that it continues what the witness has; Disagrees is an alarm."""
        with store.connect_to(self.database) as connection:
            hash_at = store.hash_at(connection)
            for _try in range(2):
                path = merkle.consistency(self.known, signed.size, hash_at)
                body = proof.of_growth(self.known, path, signed.note)
                url = f"{self.url.rstrip('/')}/add-checkpoint"
                answer = asking.ask(url, body.encode(), seconds=SECONDS, largest=LARGEST)
                if answer.status == 200:
                    self._taken(signed, answer.text)
                    return
                if answer.status != 409:
                    break
                self._behind(signed, answer)
        if answer.status in (400, 403, 409, 422):
            raise Disagrees(f"it answers {answer.status} to the checkpoint of {signed.size} rows")
        raise ValueError(answer.status)

    def _taken(self, signed: Signed, lines: str) -> None:
        """Keep its signature beside the checkpoints: with it, anybody sees what a second pair of eyes has seen."""
        self.known = signed.size
        said = [line for line in lines.splitlines() if LINE.fullmatch(line)]
        if self.folder and said:
            body = signed.note.partition("\n\n")[0] + "\n"
            try:
                self.folder.cosigned(signed.size, self.url, checkpoint.note(body, [f"{line}\n" for line in said]))
            except Conflict:
                return  # it signs the same size again with another time: the first is kept

    def _behind(self, signed: Signed, answer: Answer) -> None:
        """409 tells the size that the witness has; a larger one than ours means that our log has been set back."""
        said = answer.text.strip()
        if not re.fullmatch(r"\d{1,18}", said):
            raise Disagrees("it answers 409 and tells no size")
        if int(said) > signed.size:
            raise Disagrees(f"it has seen {said} rows, and the log has {signed.size}: the log has been set back")
        if int(said) == self.known:
            raise Disagrees(f"it has seen other rows than the first {said} of the log")
        self.known = int(said)


def start(urls: list[str], folder: Folder | None) -> list[Witness]:
    """A thread for each; they end with the process."""
    database = store.address("sequencer")
    witnesses = [Witness(url, folder, database) for url in urls]
    for witness in witnesses:
        witness.start()
    return witnesses
