"""Tiles against the plain root, grown in any steps."""

from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.merkle import HashAt, consistency, inclusion, root, root_at, verify_consistency, verify_inclusion
from audit.tiles import Edge, filled, reader

LEAVES = [sha256(number.to_bytes(4, "big")).digest() for number in range(70_000)]


class Store:
    """What a database would hold, and how often it was asked."""

    def __init__(self) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.leaves: list[bytes] = []
        self.asked = 0

    def tile(self, level: int, n: int) -> bytes | None:
        self.asked += 1
        return self.tiles.get((level, n))

    def between(self, first: int, last: int) -> list[bytes]:
        self.asked += 1
        return self.leaves[first:last]

    def reader(self) -> HashAt:
        return reader(self.tile, self.between)

    def keep(self, tiles: list[tuple[int, int, bytes]], leaves: list[bytes]) -> None:
        for level, n, hashes in tiles:
            assert (level, n) not in self.tiles, "a tile is written once"
            self.tiles[level, n] = hashes
        self.leaves += leaves


def test_the_tiles_of_70_000_leaves_are_those_of_the_specification() -> None:
    """C2SP tlog-tiles: 273 full tiles at level 0 and one at level 1; every tree that was on the way is still there."""
    store, kept = Store(), Edge(0, Store().reader())
    hash_at = store.reader()
    sizes = [0, 1, 255, 256, 257, 600, 65_535, 65_536, 65_537, 69_999, 70_000]
    for before, size in pairwise(sizes):
        new = LEAVES[before:size]
        tiles = filled(before, new, hash_at)
        assert tiles == filled(before, iter(new), store.reader()) == kept.append(new)
        store.keep(tiles, new)
        assert kept.root() == root_at(size, hash_at) == root(LEAVES[:size]) == Edge(size, store.reader()).root()
    assert [level for level, _ in store.tiles].count(0) == 273
    assert [key for key in store.tiles if key[0]] == [(1, 0)]
    assert store.tiles[1, 0][:32] == root(LEAVES[:256])
    fresh, store.asked = store.reader(), 0
    Edge(70_000, fresh)
    assert store.asked < 40, "a start reads tiles and one block of leaves, not every leaf"
    tree = root(LEAVES)
    for index in (0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999):
        assert verify_inclusion(LEAVES[index], index, 70_000, inclusion(index, 70_000, fresh), tree)
    for old in sizes:
        path = consistency(old, 70_000, fresh)
        assert verify_consistency(old, 70_000, root(LEAVES[:old]), tree, path)


@settings(deadline=None)
@given(st.lists(st.integers(1, 300), max_size=6))
def test_it_does_not_matter_in_which_steps_a_log_grows(steps: list[int]) -> None:
    store, size = Store(), 0
    for step in steps:
        new = LEAVES[size : size + step]
        store.keep(filled(size, new, store.reader()), new)
        size += step
        assert root_at(size, store.reader()) == root(LEAVES[:size])
    assert store.tiles.keys() == {(0, n) for n in range(size // 256)}
    assert all(hashes == b"".join(LEAVES[n * 256 : n * 256 + 256]) for (_, n), hashes in store.tiles.items())


def test_a_leaf_can_fill_a_tile_on_every_level() -> None:
    size = 256**3 - 1

    def told(level: int, n: int) -> bytes:
        return sha256(f"{level}/{n}".encode()).digest()

    tiles = filled(size, [LEAVES[0]], told)
    assert [(level, n) for level, n, _ in tiles] == [(0, 65_535), (1, 255), (2, 0)]
    row = [LEAVES[0]]
    for level, n, hashes in tiles:
        expected = [told(8 * level, n * 256 + place) for place in range(255)] + row
        assert hashes == b"".join(expected)
        row = [root(expected)]


def test_what_is_missing_is_said_and_never_made_up() -> None:
    store = Store()
    store.keep(filled(0, LEAVES[:600], store.reader()), LEAVES[:600])
    assert root_at(600, store.reader()) == root(LEAVES[:600])
    with pytest.raises(LookupError, match="not all there"):
        root_at(601, store.reader())
    whole = store.tiles.pop((0, 1))
    with pytest.raises(LookupError, match="tile 0/1 is missing"):
        root_at(600, store.reader())
    store.tiles[0, 1] = whole[:-32]
    with pytest.raises(LookupError, match="tile 0/1 is not full"):
        root_at(600, store.reader())
    with pytest.raises(ValueError, match="32 bytes"):
        Edge(0, store.reader()).append([b"short"])
    with pytest.raises(ValueError, match="negative"):
        Edge(-1, store.reader())
