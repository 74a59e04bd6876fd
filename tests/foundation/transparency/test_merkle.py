"""The tree arithmetic against the plain recursive definition of RFC 6962 / RFC 9162, and its known answers."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.foundation.transparency import merkle

MOST = 40
#: The eight leaves of the reference tests of Certificate Transparency, and the roots after 1 to 8 of them.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
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


def _reference(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + _reference(leaves[:half]) + _reference(leaves[half:])).digest()


def _lookup(leaves: list[bytes]) -> merkle.Lookup:
    def node(level: int, index: int) -> bytes:
        part = leaves[index << level : (index + 1) << level]
        assert len(part) == 1 << level, "only complete subtrees may be asked for"
        return _reference(part)

    return node


def _root(leaves: list[bytes]) -> bytes:
    return merkle.tree_hash(0, len(leaves), _lookup(leaves))


def _many(size: int) -> list[bytes]:
    return [f"leaf {number}".encode() for number in range(size)]


def test_known_answers() -> None:
    assert merkle.EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert _root([]) == merkle.EMPTY
    assert merkle.leaf_hash(b"").hex() == ROOTS[0]
    assert [_root(LEAVES[:size]).hex() for size in range(1, 9)] == ROOTS


@given(st.lists(st.binary(max_size=12), max_size=MOST))
@settings(max_examples=100, deadline=None)
def test_root_is_the_reference_root(leaves: list[bytes]) -> None:
    assert _root(leaves) == _reference(leaves)


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_inclusion_proof_holds_and_only_there(size: int) -> None:
    leaves = _many(size)
    node, root = _lookup(leaves), _reference(leaves)
    for index, leaf in enumerate(leaves):
        path, digest = merkle.inclusion_path(index, size, node), merkle.leaf_hash(leaf)
        assert merkle.verify_inclusion(digest, index, size, path, root)
        assert not merkle.verify_inclusion(merkle.leaf_hash(leaf + b"!"), index, size, path, root)
        assert not merkle.verify_inclusion(digest, index, size, [*path, root], root)
        assert not merkle.verify_inclusion(digest, index, size, path, merkle.EMPTY)
        if path:
            assert not merkle.verify_inclusion(digest, index, size, path[:-1], root)
            assert not merkle.verify_inclusion(digest, (index + 1) % size, size, path, root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(leaves[0]), size, size, [], root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(leaves[0]), -1, size, [], root)


@pytest.mark.parametrize("second", range(MOST + 1))
def test_every_consistency_proof_holds_and_only_there(second: int) -> None:
    leaves = _many(second)
    node, new = _lookup(leaves), _reference(leaves)
    for first in range(second + 1):
        old, path = _reference(leaves[:first]), merkle.consistency_path(first, second, node)
        assert merkle.verify_consistency(first, second, old, new, path)
        if first == 0:
            continue
        wrong = hashlib.sha256(b"wrong").digest()
        assert not merkle.verify_consistency(first, second, wrong, new, path)
        assert not merkle.verify_consistency(first, second, old, wrong, path)
        assert not merkle.verify_consistency(first, second, old, new, [*path, wrong])
        if path:
            assert not merkle.verify_consistency(first, second, old, new, path[:-1])
    assert not merkle.verify_consistency(second + 1, second, new, new, [])
    assert not merkle.verify_consistency(-1, second, new, new, [])


@given(st.data(), st.integers(2, MOST))
@settings(max_examples=150, deadline=None)
def test_an_altered_proof_is_refused(data: st.DataObject, size: int) -> None:
    leaves = _many(size)
    node, root = _lookup(leaves), _reference(leaves)
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size - 1))
    inclusion, consistency = merkle.inclusion_path(index, size, node), merkle.consistency_path(first, size, node)
    for path in (inclusion, consistency):
        spot, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
        changed = int.from_bytes(path[spot]) ^ (1 << bit)
        path[spot] = changed.to_bytes(32)
    assert not merkle.verify_inclusion(merkle.leaf_hash(leaves[index]), index, size, inclusion, root)
    assert not merkle.verify_consistency(first, size, _reference(leaves[:first]), root, consistency)
