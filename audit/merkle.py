"""The tree of the log: RFC 6962 §2.1, SHA-256. Pure.

A tree is asked for through `hash_at(level, n)`: the hash of the n-th perfect subtree of 2**level leaves. What proves
raises ValueError when asked for what no tree has; what verifies answers False to anything that does not fit.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HashAt = Callable[[int, int], bytes]
EMPTY = sha256().digest()
"""The root of a tree without leaves."""
WIDTH = 32


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def root(hashes: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes: pairs are joined level by level, and an odd last one goes up as it is."""
    row = list(hashes)
    if not row:
        return EMPTY
    while len(row) > 1:
        odd = row.pop() if len(row) % 2 else None
        pairs = iter(row)
        row = [sha256(b"\1" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
        if odd is not None:
            row.append(odd)
    return row[0]


def root_at(size: int, hash_at: HashAt) -> bytes:
    """The root of the tree as it was when it had `size` leaves."""
    if size < 0:
        raise ValueError("a tree has no negative size")
    return _over(0, size, hash_at) if size else EMPTY


def inclusion(index: int, size: int, hash_at: HashAt) -> list[bytes]:
    """The hashes that lead from one leaf to the root, nearest first."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of that size")
    path, first, last = [], 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            path.append(_over(middle, last, hash_at))
            last = middle
        else:
            path.append(_over(first, middle, hash_at))
            first = middle
    return path[::-1]


def consistency(old: int, new: int, hash_at: HashAt) -> list[bytes]:
    """The hashes that show the tree of `new` leaves to begin with the tree of `old`; none from an empty one."""
    if not 0 <= old <= new:
        raise ValueError("a tree only grows")
    path: list[bytes] = []
    first, last = 0, new
    while old and old != last:
        middle = first + _split(last - first)
        if old <= middle:
            path.append(_over(middle, last, hash_at))
            last = middle
        else:
            path.append(_over(first, middle, hash_at))
            first = middle
    if first:
        path.append(_over(first, last, hash_at))
    return path[::-1]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf stands at `index` in the tree of that size and root (RFC 9162 §2.1.3.2)."""
    if not (_whole(index, size) and index < size and _hashes(leaf_hash, root, *path)):
        return False
    place, last, found = index, size - 1, leaf_hash
    for beside in path:
        if not last:
            return False
        if place & 1 or place == last:
            found = node_hash(beside, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        place, last = place >> 1, last >> 1
    return not last and found == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the new tree begins with the whole of the old one (RFC 9162 §2.1.4.2)."""
    if not (_whole(old, new) and old <= new and _hashes(old_root, new_root, *path)):
        return False
    if old in (0, new):
        begun = old_root == (new_root if old else EMPTY)
        return begun and not path and (new > 0 or new_root == EMPTY)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    steps = iter(path if place else (old_root, *path))
    was = now = next(steps, b"")
    for beside in steps:
        if not last:
            return False
        if place & 1 or place == last:
            was, now = node_hash(beside, was), node_hash(beside, now)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            now = node_hash(now, beside)
        place, last = place >> 1, last >> 1
    return not last and was == old_root and now == new_root


def _split(size: int) -> int:
    """The largest power of two below a size of at least two: where its tree parts."""
    return 1 << (size - 1).bit_length() - 1


def _over(first: int, last: int, hash_at: HashAt) -> bytes:
    """The hash over the leaves from `first` up to `last`: a range that the tree has as one node."""
    size = last - first
    if not size & (size - 1):
        return hash_at(size.bit_length() - 1, first // size)
    half = _split(size)
    return node_hash(hash_at(half.bit_length() - 1, first // half), _over(first + half, last, hash_at))


def _whole(*numbers: object) -> bool:
    return all(type(number) is int and number >= 0 for number in numbers)


def _hashes(*values: object) -> bool:
    return all(type(value) is bytes and len(value) == WIDTH for value in values)
