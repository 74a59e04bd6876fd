"""Writing to the log and proving from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from . import merkle
from .models import LogEntry, Node

LOCK_KEY = 0x4D69_6E68


def append(leaf: dict[str, Any]) -> LogEntry:
    """Add a leaf inside the caller's transaction; its canonical JSON is what is hashed."""
    text = canonical(leaf)
    lock()
    index = size()
    digest = merkle.leaf_hash(text.encode())
    entry = LogEntry.objects.create(index=index, leaf=text, leaf_hash=digest)
    nodes = [Node(level=0, index=index, hash=digest)]
    level, position, found = 0, index, digest
    while position % 2:
        left = bytes(Node.objects.get(level=level, index=position - 1).hash)
        found = merkle.node_hash(left, found)
        level, position = level + 1, position >> 1
        nodes.append(Node(level=level, index=position, hash=found))
    Node.objects.bulk_create(nodes)
    return entry


def lock() -> None:
    """Let nobody else append until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])


def canonical(leaf: dict[str, Any]) -> str:
    """The one way to write a leaf: keys sorted, no spaces, UTF-8."""
    return json.dumps(leaf, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def size() -> int:
    """How many leaves there are."""
    last = LogEntry.objects.aggregate(last=Max("index"))["last"]
    return 0 if last is None else int(last) + 1


def _lookup(level: int, index: int) -> bytes:
    return bytes(Node.objects.values_list("hash", flat=True).get(level=level, index=index))


def root(of_size: int | None = None) -> bytes:
    """The root of the tree at a size (now, when none is given)."""
    return merkle.tree_hash(0, size() if of_size is None else of_size, _lookup)


def inclusion_proof(index: int, of_size: int) -> list[bytes]:
    """The path from leaf `index` to the root at `of_size`; ValueError outside the tree."""
    if not 0 <= index < of_size <= size():
        raise ValueError("index outside the log")
    return merkle.inclusion_path(index, of_size, _lookup)


def consistency_proof(first: int, second: int) -> list[bytes]:
    """The proof between two sizes; ValueError when they are not sizes of this log."""
    if not 0 <= first <= second <= size():
        raise ValueError("sizes outside the log")
    return merkle.consistency_path(first, second, _lookup)


@dataclass(frozen=True)
class TreeHead:
    """What the log says of itself, signed (Ed25519 over canonical JSON of size, root, time)."""

    size: int
    root: bytes
    at: datetime
    signature: bytes
    public_key: bytes


def _key() -> Ed25519PrivateKey:
    import hashlib

    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(settings.LOG_KEY.encode()).digest())


def tree_head() -> TreeHead:
    """The signed head of the log now."""
    count = size()
    found, at = root(count), timezone.now()
    signed = canonical({"size": count, "root": found.hex(), "at": at.isoformat()})
    key = _key()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return TreeHead(count, found, at, key.sign(signed.encode()), public)


def check() -> Iterator[str]:
    """Hash everything again and yield each fault."""
    expected = 0
    nodes = {(n.level, n.index): bytes(n.hash) for n in Node.objects.all().iterator()}
    for entry in LogEntry.objects.order_by("index").iterator():
        if entry.index != expected:
            yield f"Thiếu mục {expected}."
            expected = entry.index
        digest = merkle.leaf_hash(entry.leaf.encode())
        if digest != bytes(entry.leaf_hash):
            yield f"Mục {entry.index} đã bị sửa."
        if nodes.get((0, entry.index)) != digest:
            yield f"Nút 0/{entry.index} không khớp."
        expected += 1
    yield from _check_nodes(nodes, expected)


def _check_nodes(nodes: dict[tuple[int, int], bytes], count: int) -> Iterator[str]:
    """The faults of the inner nodes: each complete subtree of `count` leaves has one, and nothing else has."""
    level = 1
    while count >> level:
        for index in range(count >> level):
            left, right = nodes.get((level - 1, 2 * index)), nodes.get((level - 1, 2 * index + 1))
            if left is None or right is None or nodes.get((level, index)) != merkle.node_hash(left, right):
                yield f"Nút {level}/{index} không khớp."
        level += 1
    for level, index in sorted(nodes):
        if index >= count >> level:
            yield f"Nút {level}/{index} không thuộc mục nào."
