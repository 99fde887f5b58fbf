"""Whether the whole log holds: every leaf made again from its row, every tile, root, signature and copy (I8).

Tiles and roots are compared with the hashes as they are stored, rows with those same hashes: so a row that was changed
breaks its own leaf and no other.
"""

import random
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg import IsolationLevel
from psycopg.rows import dict_row

from audit import checkpoint, merkle
from audit.merkle import WIDTH
from audit.sealing import graves, store
from audit.sealing.graves import Dropped
from audit.sealing.publishing import Folder
from audit.sealing.store import Connection, Signed
from audit.tiles import SIDE, Edge

DELAY = timedelta(seconds=60)
"""How long after it was recorded a row may be without a checkpoint (I7)."""
BLOCK = 16 * SIDE
LEAVES = "SELECT leaf_index, event_id, recorded, leaf_hash FROM audit_leaf WHERE leaf_index >= %s AND leaf_index < %s"
ROWS = "SELECT * FROM audit_event WHERE id = ANY(%s)"
TILES = "SELECT n, bytes FROM audit_tile WHERE level = 0 AND n >= %s AND n < %s"
SIGNED = (
    "SELECT size, root, note, signed_at, settled FROM audit_checkpoint WHERE size > %s AND size <= %s ORDER BY size"
)
UNSEALED = """
SELECT e.id, e.recorded, e.txid FROM audit_event e
WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.event_id = e.id AND l.recorded = e.recorded)
ORDER BY e.recorded, e.id LIMIT 10000"""

Leaf = tuple[int, uuid.UUID, datetime, bytes]


@dataclass
class Verification:
    """One run, in one snapshot of the database: the sequencer may go on meanwhile."""

    connection: Connection
    vkeys: list[str]
    folder: Folder | None
    now: datetime
    progress: Callable[[int, int], None] = lambda _done, _of: None
    size: int = 0
    checkpoints: int = 0
    last: Signed | None = None
    _good: int = 0
    dropped: list[Dropped] = field(default_factory=list)

    def everything(self) -> Iterator[str]:
        """One line for each thing that is broken, the leaves in order."""
        with self._snapshot():
            self._begin()
            edge = Edge(0, _nothing)
            for first in range(0, self.size, BLOCK):
                yield from self._block(first, min(first + BLOCK, self.size), edge)
                self.progress(min(first + BLOCK, self.size), self.size)
            yield from self._beyond()
            yield from self._graves()
            yield from self._unsealed()
            yield from self._copies()

    def sample(self, count: int) -> Iterator[str]:
        """So many leaves by lot: made again from the row, and led up to the newest checkpoint."""
        with self._snapshot():
            self._begin()
            if self.last is None:
                return
            yield from self._checkpoint(self.last, self.last.root)
            hash_at = store.hash_at(self.connection)
            chosen = sorted(random.sample(range(self.last.size), min(count, self.last.size)))
            for done, index in enumerate(chosen, 1):
                yield from self._one(index, self.last, hash_at)
                self.progress(done, len(chosen))
            yield from filter(None, map(self._doubt, self.dropped))

    def _snapshot(self) -> Any:
        self.connection.execute("SET statement_timeout = 0")
        self.connection.isolation_level = IsolationLevel.REPEATABLE_READ
        self.connection.read_only = True
        return self.connection.transaction()

    def _begin(self) -> None:
        self.size, self.last = store.size(self.connection), store.latest(self.connection)
        self.dropped = graves.read(self.connection)

    # ── a block of leaves ───────────────────────────────────────────────────────────────────────────────────────────
    def _block(self, first: int, last: int, edge: Edge) -> Iterator[str]:
        leaves: dict[int, Leaf] = {row[0]: row for row in self.connection.execute(LEAVES, (first, last))}
        tiles = dict(self.connection.execute(TILES, (first // SIDE, -(-last // SIDE))).fetchall())
        broken = dict(self._rows(leaves.values()))
        hashes = []
        for index in range(first, last):
            tile, leaf = tiles.get(index // SIDE), leaves.get(index)
            held = tile[index % SIDE * WIDTH : (index % SIDE + 1) * WIDTH] if tile else None
            if leaf is None:
                yield _("Blad %s mangler.") % index
            elif index in broken:
                yield broken[index]
            elif held is not None and held != leaf[3]:
                yield _("Blad %s: flisen har en anden hash.") % index
            hashes.append(leaf[3] if leaf else held or bytes(WIDTH))
        full = last // SIDE - first // SIDE
        missing = set(range(first // SIDE, first // SIDE + full)) - tiles.keys()
        yield from (_("Flise 0/%s mangler.") % n for n in sorted(missing))
        yield from self._grown(first, last, hashes, edge)

    def _rows(self, leaves: Iterable[Leaf]) -> Iterator[tuple[int, str]]:
        """The leaves whose row is not what was sealed."""
        wanted = {leaf[1]: leaf for leaf in leaves}
        if not wanted:
            return
        times = [leaf[2] for leaf in wanted.values()]
        near = ROWS + " AND recorded BETWEEN %s AND %s"  # spares the months that none of them lies in
        found = self._read(near, list(wanted), min(times), max(times))
        if far := [key for key in wanted if key not in found]:
            found |= self._read(ROWS, far)
        for key, leaf in wanted.items():
            if (row := found.get(key)) is None:
                if not self._tombstone(leaf[2]):
                    yield leaf[0], _("Blad %(index)s: rækken %(id)s mangler.") % {"index": leaf[0], "id": key}
            elif row["recorded"] != leaf[2] or _hash(row) != leaf[3]:
                yield leaf[0], _("Blad %(index)s: rækken %(id)s er ændret.") % {"index": leaf[0], "id": key}

    def _read(self, sql: str, *values: Any) -> dict[uuid.UUID, dict[str, Any]]:
        with self.connection.cursor(row_factory=dict_row, binary=True) as cursor:
            return {row["id"]: row for row in cursor.execute(sql, values)}

    def _tombstone(self, recorded: datetime) -> bool:
        for grave in self.dropped:
            if grave.start <= recorded < grave.end:
                grave.missed += 1
                return True
        return False

    # ── the tree over them ──────────────────────────────────────────────────────────────────────────────────────────
    def _grown(self, first: int, last: int, hashes: list[bytes], edge: Edge) -> Iterator[str]:
        at = first
        for signed in [Signed(*row) for row in self.connection.execute(SIGNED, (first, last))]:
            yield from self._tiles(edge.append(hashes[at - first : signed.size - first]))
            yield from self._checkpoint(signed, edge.root())
            at = signed.size
        yield from self._tiles(edge.append(hashes[at - first :]))

    def _tiles(self, full: Iterable[tuple[int, int, bytes]]) -> Iterator[str]:
        """Those above the leaves; the lowest were compared hash by hash."""
        for level, n, made in full:
            if level:
                asked = "SELECT bytes FROM audit_tile WHERE level = %s AND n = %s"
                row = self.connection.execute(asked, (level, n)).fetchone()
                if row is None:
                    yield _("Flise %(level)s/%(n)s mangler.") % {"level": level, "n": n}
                elif row[0] != made:
                    yield _("Flise %(level)s/%(n)s er ændret.") % {"level": level, "n": n}

    def _checkpoint(self, signed: Signed, root: bytes) -> Iterator[str]:
        self.checkpoints += 1
        before, self._good = self._good, signed.size
        if signed.root != root:
            said = _("Kontrolpunkt %(size)s: roden passer ikke; noget er ændret i bladene %(first)s–%(last)s.")
            yield said % {"size": signed.size, "first": before, "last": signed.size - 1}
        try:
            told = checkpoint.verify(signed.note, self.vkeys)
        except checkpoint.Untrusted:
            yield _("Kontrolpunkt %s: underskriften holder ikke.") % signed.size
            return
        if (told.size, told.root) != (signed.size, signed.root):
            yield _("Kontrolpunkt %s: noten siger noget andet end rækken.") % signed.size
        if self.folder and self.last and store.origin(self.last.note) == told.origin:
            outside = self.folder.note(signed.size)
            if outside is None and signed.signed_at < self.now - DELAY:
                yield _("Kontrolpunkt %s er ikke offentliggjort.") % signed.size
            elif outside is not None and outside != signed.note:
                yield _("Kontrolpunkt %s: den offentliggjorte kopi siger noget andet.") % signed.size

    def _beyond(self) -> Iterator[str]:
        """What stands where the tree does not reach."""
        for signed in store.after(self.connection, self.size):
            yield _("Kontrolpunkt %s er større end træet: blade er fjernet.") % signed.size
        asked = "SELECT level, n FROM audit_tile WHERE (n + 1) * (256::numeric ^ (level + 1)) > %s ORDER BY level, n"
        for level, n in self.connection.execute(asked, (self.size,)):
            yield _("Flise %(level)s/%(n)s hører ikke til.") % {"level": level, "n": n}

    # ── rows, graves and copies ─────────────────────────────────────────────────────────────────────────────────────
    def _graves(self) -> Iterator[str]:
        for grave in self.dropped:
            if doubt := self._doubt(grave):
                yield doubt
            elif grave.missed != grave.rows:
                said = ngettext(
                    "%(partition)s: %(rows)s række blev slettet efter fristen, men %(missed)s mangler.",
                    "%(partition)s: %(rows)s rækker blev slettet efter fristen, men %(missed)s mangler.",
                    grave.rows,
                )
                yield said % {"partition": grave.partition, "rows": grave.rows, "missed": grave.missed}

    def _doubt(self, grave: Dropped) -> str:
        return graves.doubt(self.connection, grave, self.dropped, self.last, self.now - DELAY)

    def _unsealed(self) -> Iterator[str]:
        settled = self.last.settled if self.last else 0
        for key, recorded, txid in self.connection.execute(UNSEALED).fetchall():
            if txid < settled or recorded < self.now - DELAY:
                yield _("Rækken %(id)s har intet blad.") % {"id": key}

    def _copies(self) -> Iterator[str]:
        """Published checkpoints that the database does not know."""
        if self.folder is None:
            return
        known = {row[0] for row in self.connection.execute("SELECT size FROM audit_checkpoint")}
        newest = self.last.size if self.last else 0
        # One that was signed after this run began is no fault: the snapshot does not have it.
        fresh = {signed.size for signed in self._later(newest)}
        for size in self.folder.sizes():
            if size not in known and size not in fresh:
                yield _("Det offentliggjorte kontrolpunkt %s findes ikke i databasen.") % size

    def _later(self, size: int) -> list[Signed]:
        with store.connect("default") as now:
            return store.after(now, size)

    # ── one leaf ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _one(self, index: int, signed: Signed, hash_at: merkle.HashAt) -> Iterator[str]:
        leaf: Leaf | None = self.connection.execute(LEAVES, (index, index + 1)).fetchone()
        if leaf is None:
            yield _("Blad %s mangler.") % index
            return
        broken = dict(self._rows([leaf]))
        yield from broken.values()
        try:
            path = merkle.inclusion(index, signed.size, hash_at)
        except LookupError:
            path = []
        if not broken and not merkle.verify_inclusion(leaf[3], index, signed.size, path, signed.root):
            yield _("Blad %(index)s fører ikke til kontrolpunkt %(size)s.") % {"index": index, "size": signed.size}


def _hash(row: dict[str, Any]) -> bytes:
    try:
        return store.hash_of(row)
    except ValueError:
        return b""


def _nothing(level: int, n: int) -> bytes:
    raise LookupError(f"{level}/{n}")
