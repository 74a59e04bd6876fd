"""Merkle tree arithmetic of RFC 9162, section 2: hashes, proofs, and their verification by a stranger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

#: Gives the hash of the complete subtree ``index`` of ``2**level`` leaves.
Lookup = Callable[[int, int], bytes]
EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256 of 0x00 and the leaf (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and the two children."""
    return hashlib.sha256(b"\1" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (size > 1)."""
    return 1 << (size - 1).bit_length() - 1


def tree_hash(start: int, end: int, node: Lookup) -> bytes:
    """The hash of the leaves from `start` up to but not including `end`."""
    size = end - start
    if size == 0:
        return EMPTY
    if size & (size - 1) == 0 and start % size == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(size)
    return node_hash(tree_hash(start, middle, node), tree_hash(middle, end, node))


def inclusion_path(index: int, size: int, node: Lookup) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves (RFC 9162, 2.1.3.1)."""
    return _path(index, 0, size, node)


def _path(index: int, start: int, end: int, node: Lookup) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(index, start, middle, node), tree_hash(middle, end, node)]
    return [*_path(index, middle, end, node), tree_hash(start, middle, node)]


def consistency_path(first: int, second: int, node: Lookup) -> list[bytes]:
    """The proof that the tree of `first` leaves is a beginning of the tree of `second` (RFC 9162, 2.1.4.1)."""
    return [] if first in (0, second) else _subproof(first, 0, second, node, whole=True)


def _subproof(first: int, start: int, end: int, node: Lookup, *, whole: bool) -> list[bytes]:
    size = end - start
    if first == size:
        return [] if whole else [tree_hash(start, end, node)]
    half = _split(size)
    if first <= half:
        return [*_subproof(first, start, start + half, node, whole=whole), tree_hash(start + half, end, node)]
    return [
        *_subproof(first - half, start + half, end, node, whole=False),
        tree_hash(start, start + half, node),
    ]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves that the leaf hash `leaf` stands at `index` in the tree with this root."""
    if not 0 <= index < size:
        return False
    position, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position % 2 or position == last:
            found = node_hash(sibling, found)
            while position % 2 == 0 and position:
                position >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and found == root


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that nothing of the first tree was changed or taken out in the second."""
    if first > second or first < 0:
        return False
    if first == 0:
        return not path
    if first == second:
        return not path and first_root == second_root
    proof = list(path) if first & (first - 1) else [first_root, *path]
    if not proof:
        return False
    position, last = first - 1, second - 1
    while position % 2:
        position >>= 1
        last >>= 1
    old = new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if position % 2 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while position % 2 == 0 and position:
                position >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and old == first_root and new == second_root
