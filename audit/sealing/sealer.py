"""One process that seals, signs and publishes, turn by turn."""

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from django.conf import settings
from django.utils.translation import gettext as _

from audit import merkle, proof
from audit.sealing import keys, sequencer, signing, store, witnesses
from audit.sealing.publishing import Conflict, Folder
from audit.sealing.store import Connection, Signed

log = logging.getLogger("audit.sealing")

EVERY = 5.0
"""Seconds between checkpoints while the log grows: none is more than ten behind."""
REST = 0.25
"""Seconds between batches that were not full."""
PATIENCE = 60.0
"""Seconds that somebody else may hold the lock before it is an error; told again after twice as long."""


@dataclass
class Sealer:
    """Made on a fresh connection; whatever goes wrong in it, the next one begins with what the database has."""

    connection: Connection
    key_file: Path
    folder: Folder | None
    told: list[witnesses.Witness] = field(default_factory=list)
    new_folder: bool = False
    """Somebody has said that nothing need be in the folder."""

    def __post_init__(self) -> None:
        """Raises AnotherRuns, BadKeys or Refused: then nothing has been done."""
        sequencer.lock(self.connection)
        found = keys.read(self.key_file)
        try:
            hash_at = store.hash_at(self.connection)
            signing.check_start(self.connection, hash_at, found, self.folder, self.new_folder)
            self.sequencer = sequencer.Sequencer(self.connection)
        except LookupError as error:
            raise signing.Refused(_("Træet i databasen er ikke helt. Kør: manage.py audit_verify.")) from error
        self._size, self._signed = 0, time.monotonic() - EVERY  # the first turn signs what a kill left unsigned
        self._published = self._continues = (self.folder.newest() if self.folder else None) or 0
        self.publish(found)

    def turn(self) -> int:
        """Seal a batch, and sign when it is time; returns how many rows were read."""
        read = self.sequencer.turn()
        if self.sequencer.size > self._size and time.monotonic() - self._signed >= EVERY:
            self.sign()
        return read

    def sign(self) -> Signed | None:
        """A checkpoint of what is sealed, published and told to the witnesses; None when nothing is new."""
        if not self.sequencer.size:
            return None
        found = keys.read(self.key_file)  # at every signing: a new key needs no restart
        self._check_outside()
        tree, now = self.sequencer, datetime.now(UTC)
        made = signing.sign(self.connection, tree.size, tree.edge.root(), tree.settled, tree.hash_at, found, now)
        self._size = tree.size
        if made:
            self._signed = time.monotonic()
            self.publish(found)
            for witness in self.told:
                witness.tell(made)
        return made

    def _check_outside(self) -> None:
        """A folder that cannot be read delays the copies alone: where it is back, the same is asked of it."""
        if self.folder is None:
            return
        try:
            signing.check_outside(self.folder, self._continues)
        except OSError as error:
            log.error("checkpoints are not published: %s", error.strerror)

    def publish(self, found: keys.Keys) -> None:
        """Write out every checkpoint that is not outside yet. A folder that is full or gone delays the copies alone."""
        if self.folder is None:
            return
        try:
            self.folder.publish_keys(found.vkeys)
            while late := store.after(self.connection, self._published):
                for one in late:
                    self._write_out(self.folder, one, found.origin)
        except Conflict as error:
            raise signing.Refused(_("Der er allerede offentliggjort noget andet i %s.") % error) from error
        except OSError as error:
            log.error("checkpoints are not published: %s", error.strerror)

    def _write_out(self, folder: Folder, one: Signed, origin: str) -> None:
        self._published, before = one.size, self._published
        if store.origin(one.note) == origin:  # a log that went before this one has a folder of its own
            path = merkle.consistency(self._continues, one.size, self.sequencer.hash_at)
            try:
                signing.check_outside(folder, self._continues)
                folder.publish(one.size, proof.of_growth(self._continues, path, one.note))
            except OSError:
                self._published = before
                raise
            self._continues = one.size


def open_sealer(told: list[witnesses.Witness] | None = None, *, new_folder: bool = False) -> Sealer:
    """As the settings say."""
    connection = store.connect("sequencer")
    try:
        return Sealer(connection, settings.AUDIT_KEY, folder(), told or [], new_folder)
    except BaseException:
        connection.close()
        raise


def folder() -> Folder | None:
    """Where checkpoints are published."""
    return Folder(settings.AUDIT_PUBLISH) if settings.AUDIT_PUBLISH else None


def once(*, new_folder: bool = False) -> int:
    """Seal and sign all that can be; returns the size of the log. Raises as a Sealer does."""
    sealer = open_sealer(new_folder=new_folder)
    with sealer.connection:
        while sealer.turn():
            pass
        sealer.sign()
        return sealer.sequencer.size


def run(stop: threading.Event, *, new_folder: bool = False) -> None:
    """Until stopped, over lost connections; Refused and BadKeys end it, for they need a person."""
    told = witnesses.start(settings.AUDIT_WITNESSES, folder())
    waiting = _Waiting()
    while not stop.is_set():
        try:
            sealer = open_sealer(told, new_folder=new_folder)
        except sequencer.AnotherRuns as held:
            waiting.tell(held)
            stop.wait(1)
            continue
        except psycopg.Error as error:
            log.warning("the database is not reached: %s", type(error).__name__)
            stop.wait(1)
            continue
        except OSError as error:
            # A folder that cannot be read may hide that the database was set back: nothing is sealed until it can.
            log.error("AUDIT_PUBLISH cannot be read, so the log is not sealed: %s", error.strerror)
            stop.wait(5)
            continue
        waiting, new_folder = _Waiting(), False  # once: what the folder lacks later is missing
        try:
            with sealer.connection:
                while not stop.is_set():
                    if sealer.turn() < sequencer.BATCH:
                        stop.wait(REST)
                sealer.sign()
        except psycopg.Error as error:
            log.warning("sealing begins anew: %s", type(error).__name__)
            stop.wait(0.5)
    for witness in told:
        witness.stop()


class _Waiting:
    """For the lock: a second sequencer may wait for hours, but anybody who can connect may hold it too."""

    def __init__(self) -> None:
        self.since, self.patience, self.told = time.monotonic(), PATIENCE, False

    def tell(self, held: sequencer.AnotherRuns) -> None:
        waited = time.monotonic() - self.since
        if not self.told:
            log.warning("another sequencer runs; this one waits until it ends")
            self.since, self.told = time.monotonic(), True
        elif waited >= self.patience:
            log.error("for %d seconds the log could not be sealed from here: the lock is held by %s", waited, held)
            self.patience *= 2
