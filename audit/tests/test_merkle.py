"""The tree against the published vectors of RFC 6962, and against itself: no byte of a proof can be changed unseen."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.merkle import (
    EMPTY,
    consistency,
    inclusion,
    leaf_hash,
    root,
    root_at,
    verify_consistency,
    verify_inclusion,
)

PUBLISHED = [b"", b"\0", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
"""The eight leaves that Certificate Transparency's own implementations are tested with."""
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [sha256(bytes([number // 256, number % 256])).digest() for number in range(1001)]
TREES = [root(LEAVES[:size]) for size in range(1001)]


def over(leaves: list[bytes]):
    def hash_at(level: int, n: int) -> bytes:
        within = leaves[n << level : (n + 1) << level]
        assert len(within) == 1 << level, "only perfect subtrees are asked for"
        return root(within)

    return hash_at


def changed(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1 << place % 8]) + raw[place + 1 :]


def test_the_roots_are_those_that_were_published() -> None:
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" == root([]).hex()
    hashes = [leaf_hash(leaf) for leaf in PUBLISHED]
    for size, expected in enumerate(ROOTS, 1):
        assert root(hashes[:size]).hex() == expected == root_at(size, over(hashes)).hex()


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, ""),
        (0, 8, "96a296d2 5f083f0a 6b47aaf2"),
        (5, 8, "bc1a0643 ca854ea1 d37ee418"),
        (2, 3, "fac54203"),
        (1, 5, "6e340b9c 5f083f0a bc1a0643"),
    ],
)
def test_the_inclusion_proofs_are_those_that_were_published(index: int, size: int, path: str) -> None:
    hashes = [leaf_hash(leaf) for leaf in PUBLISHED]
    found = inclusion(index, size, over(hashes))
    assert " ".join(each.hex()[:8] for each in found) == path
    assert verify_inclusion(hashes[index], index, size, found, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (1, 1, ""),
        (1, 8, "96a296d2 5f083f0a 6b47aaf2"),
        (6, 8, "0ebc5d34 ca854ea1 d37ee418"),
        (2, 5, "5f083f0a bc1a0643"),
    ],
)
def test_the_consistency_proofs_are_those_that_were_published(old: int, new: int, path: str) -> None:
    found = consistency(old, new, over([leaf_hash(leaf) for leaf in PUBLISHED]))
    assert " ".join(each.hex()[:8] for each in found) == path
    assert verify_consistency(old, new, bytes.fromhex(ROOTS[old - 1]), bytes.fromhex(ROOTS[new - 1]), found)


@settings(deadline=None)
@given(st.data(), st.integers(1, 1000))
def test_a_leaf_is_proved_where_it_stands_and_no_byte_can_be_changed(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaf, tree, path = LEAVES[index], TREES[size], inclusion(index, size, over(LEAVES))
    assert root_at(size, over(LEAVES)) == tree
    assert verify_inclusion(leaf, index, size, path, tree)
    for step, each in enumerate(path):
        for place in range(32):
            assert not verify_inclusion(
                leaf, index, size, [*path[:step], changed(each, place), *path[step + 1 :]], tree
            )
    for place in range(32):
        assert not verify_inclusion(changed(leaf, place), index, size, path, tree)
        assert not verify_inclusion(leaf, index, size, path, changed(tree, place))
    elsewhere = data.draw(st.integers(0, size - 1).filter(lambda other: other != index)) if size > 1 else 1
    assert not verify_inclusion(leaf, elsewhere, size, path, tree)
    for wrong in (path[:-1] if path else [leaf], [*path, leaf], [*path, tree], [leaf, *path]):
        assert not verify_inclusion(leaf, index, size, wrong, tree)


@settings(deadline=None)
@given(st.data(), st.integers(0, 1000))
def test_growth_is_proved_and_no_byte_can_be_changed(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(0, new))
    was, now, path = TREES[old], TREES[new], consistency(old, new, over(LEAVES))
    assert verify_consistency(old, new, was, now, path)
    for step, each in enumerate(path):
        for place in range(32):
            assert not verify_consistency(old, new, was, now, [*path[:step], changed(each, place), *path[step + 1 :]])
    for place in range(32):
        assert not verify_consistency(old, new, changed(was, place), now, path)
        # Nothing is known of a tree that the empty one grew into, except when it is empty still.
        assert verify_consistency(old, new, was, changed(now, place), path) is (old == 0 < new)
    for wrong in (path[:-1] if path else [was], [*path, was], [*path, now], [was, *path]):
        assert not verify_consistency(old, new, was, now, wrong)
    if new > old > 0:
        fork = root([*LEAVES[: old - 1], LEAVES[-1], *LEAVES[old:new]])
        assert not verify_consistency(old, new, was, fork, path), "one row of the old tree was replaced"


def test_what_is_no_tree_is_refused() -> None:
    for ask in (
        lambda: root_at(-1, over(LEAVES)),
        lambda: inclusion(5, 5, over(LEAVES)),
        lambda: inclusion(-1, 5, over(LEAVES)),
        lambda: consistency(6, 5, over(LEAVES)),
        lambda: consistency(-1, 5, over(LEAVES)),
    ):
        with pytest.raises(ValueError, match=r"size|grows"):
            ask()
    leaf, tree, path = LEAVES[2], TREES[5], inclusion(2, 5, over(LEAVES))
    for given_leaf, index, size, steps, top in (
        (leaf, -1, 5, path, tree), (leaf, 5, 5, path, tree), (leaf, 2, 0, path, tree), (leaf, True, 5, path, tree),
        (leaf, 2.0, 5, path, tree), (leaf[:31], 2, 5, path, tree), (leaf, 2, 5, [b"", *path[1:]], tree),
        (leaf, 2, 5, ["a" * 32, *path[1:]], tree), (leaf, 2, 5, path, None),
    ):  # fmt: skip
        assert verify_inclusion(given_leaf, index, size, steps, top) is False  # type: ignore[arg-type]
    inner = [root(LEAVES[first : first + 2]) for first in (0, 2)]
    assert not verify_inclusion(inner[0], 0, 4, inner[1:], TREES[4]), "two leaves joined are no leaf"
    grown = consistency(3, 5, over(LEAVES))
    assert not verify_consistency(3, 9, TREES[3], TREES[5], grown), "the tree is said to be larger than it is"
    for old, new, was, now, steps in (
        (6, 5, TREES[3], tree, grown), (-1, 5, TREES[3], tree, grown), (3, "5", TREES[3], tree, grown),
        (3, 5, b"", tree, grown), (3, 5, TREES[3], tree, [*grown[:-1], b"short"]), (0, 0, EMPTY, tree, []),
    ):  # fmt: skip
        assert verify_consistency(old, new, was, now, steps) is False  # type: ignore[arg-type]
