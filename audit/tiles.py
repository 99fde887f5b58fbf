"""The tree of the log in tiles of 256 hashes (C2SP tlog-tiles). Pure.

Tile (level, n) holds the hashes of the n-th 256 perfect subtrees of 256**level leaves. Only full tiles are kept: they
never change. What no full tile holds is the edge of the tree, and is computed from leaves and full tiles.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from audit.merkle import EMPTY, WIDTH, HashAt, node_hash, root

SIDE = 256
Tile = tuple[int, int, bytes]
ReadTile = Callable[[int, int], bytes | None]
ReadLeaves = Callable[[int, int], Sequence[bytes]]


def filled(size_before: int, new_leaf_hashes: Iterable[bytes], hash_at: HashAt) -> list[Tile]:
    """The tiles that become full when these leaves come after the first `size_before`."""
    return Edge(size_before, hash_at).append(new_leaf_hashes)


class Edge:
    """What the full tiles do not hold of a tree that grows: at most 255 hashes a level, kept by whoever appends."""

    def __init__(self, size: int, hash_at: HashAt) -> None:
        if size < 0:
            raise ValueError("a tree has no negative size")
        self.size = size
        self._levels: list[list[bytes]] = [[]]
        for level in range(max(1, (size.bit_length() + 7) // 8)):
            last = size >> 8 * level
            self._levels[level:] = [[hash_at(8 * level, n) for n in range(last & -SIDE, last)]]

    def append(self, leaf_hashes: Iterable[bytes]) -> list[Tile]:
        """Take more leaves; returns the tiles that are full now, the lower levels of each before the higher."""
        tiles: list[Tile] = []
        below = self._levels[0]
        for leaf in leaf_hashes:
            if len(leaf) != WIDTH:
                raise ValueError("a leaf hash has 32 bytes")
            below.append(leaf)
            self.size += 1
            if len(below) == SIDE:
                self._close(tiles)
        return tiles

    def _close(self, tiles: list[Tile]) -> None:
        for level, hashes in enumerate(self._levels):
            if len(hashes) < SIDE:
                return
            tiles.append((level, (self.size >> 8 * (level + 1)) - 1, b"".join(hashes)))
            if level + 1 == len(self._levels):
                self._levels.append([])
            self._levels[level + 1].append(root(hashes))
            hashes.clear()

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        found = b""
        for hashes in self._levels:
            for left in reversed(perfect(hashes)):
                found = node_hash(left, found) if found else left
        return found or EMPTY


def perfect(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the perfect trees that a row of hashes falls into, the largest first."""
    roots, first = [], 0
    for bit in reversed(range(len(hashes).bit_length())):
        if len(hashes) >> bit & 1:
            roots.append(root(hashes[first : first + (1 << bit)]))
            first += 1 << bit
    return roots


def reader(tile: ReadTile, leaves: ReadLeaves) -> HashAt:
    """`hash_at` over what is stored: `tile(level, n)`, None where none is full, and `leaves(first, last)`, those there.

    LookupError for what is not there. It remembers what it has read: make a new one for each check of what is stored,
    and after a transaction that was rolled back.
    """
    kept: dict[tuple[int, int], bytes] = {}
    young: dict[int, Sequence[bytes]] = {}

    def full(level: int, n: int) -> bytes | None:
        found = kept.get((level, n)) or tile(level, n)
        if found is not None:
            if len(found) != SIDE * WIDTH:
                raise LookupError(f"tile {level}/{n} is not full")
            if len(kept) >= 64:
                kept.pop(next(iter(kept)))
            kept[level, n] = found
        return found

    @lru_cache(maxsize=1 << 16)
    def top(level: int, n: int) -> bytes:
        if (found := full(level, n)) is None:
            raise LookupError(f"tile {level}/{n} is missing")
        return root(parted(found))

    def row(block: int, last: int) -> Sequence[bytes]:
        """The beginning of a block of leaves, up to `last` at the least."""
        if len(young.get(block, ())) < last:
            if (found := full(0, block)) is not None:
                return parted(found)
            young.clear()
            young[block] = leaves(block * SIDE, (block + 1) * SIDE)
        return young[block]

    def hash_at(level: int, n: int) -> bytes:
        step, within = divmod(level, 8)
        block, first = divmod(n << within, SIDE)
        last = first + (1 << within)
        if not step:
            hashes = row(block, last)[first:last]
        elif within and (found := full(step, block)) is not None:
            hashes = parted(found)[first:last]
        else:
            hashes = [top(step - 1, block * SIDE + each) for each in range(first, last)]
        if len(hashes) != last - first:
            raise LookupError(f"leaves {block * SIDE + first} to {block * SIDE + last} are not all there")
        return root(hashes)

    return hash_at


def parted(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[place : place + WIDTH] for place in range(0, len(tile), WIDTH)]
