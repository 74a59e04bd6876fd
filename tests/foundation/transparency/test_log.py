"""The log in the database: what it proves, what it refuses, and what its check finds."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from hienluong.foundation.transparency import log, merkle
from hienluong.foundation.transparency.models import LogEntry, Node

pytestmark = pytest.mark.django_db


def _fill(count: int) -> list[LogEntry]:
    return [log.append({"kind": "giấy phép", "n": number}) for number in range(count)]


def _tamper(table: str, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql)
        assert cursor.rowcount > 0
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_empty_log() -> None:
    assert log.size() == 0
    assert log.root() == merkle.EMPTY
    assert list(log.check()) == []


def test_what_is_hashed_is_canonical_json() -> None:
    entry = log.append({"b": 1, "a": "Quảng Trị"})
    assert entry.leaf == '{"a":"Quảng Trị","b":1}'
    assert entry.leaf_hash == merkle.leaf_hash(entry.leaf.encode())


def test_every_proof_of_every_size_holds() -> None:
    entries, roots = [], [log.root()]
    for number in range(19):
        entries.append(log.append({"n": number}))
        roots.append(log.root())
    for size in range(1, 20):
        assert log.root(size) == roots[size]
        for entry in entries[:size]:
            path = log.inclusion_proof(entry.index, size)
            assert merkle.verify_inclusion(bytes(entry.leaf_hash), entry.index, size, path, roots[size])
        for first in range(size + 1):
            path = log.consistency_proof(first, size)
            assert merkle.verify_consistency(first, size, roots[first], roots[size], path)
    assert list(log.check()) == []


@pytest.mark.parametrize(("index", "size"), [(-1, 2), (2, 2), (0, 4), (0, 0)])
def test_no_inclusion_proof_outside_the_log(index: int, size: int) -> None:
    _fill(3)
    with pytest.raises(ValueError, match="outside"):
        log.inclusion_proof(index, size)


@pytest.mark.parametrize(("first", "second"), [(-1, 2), (2, 1), (0, 4)])
def test_no_consistency_proof_outside_the_log(first: int, second: int) -> None:
    _fill(3)
    with pytest.raises(ValueError, match="outside"):
        log.consistency_proof(first, second)


def test_the_head_is_signed() -> None:
    _fill(3)
    head = log.tree_head()
    key = Ed25519PublicKey.from_public_bytes(head.public_key)
    said = {"size": 3, "root": log.root().hex(), "at": head.at.isoformat()}
    key.verify(head.signature, log.canonical(said).encode())
    with pytest.raises(InvalidSignature):
        key.verify(head.signature, log.canonical({**said, "size": 4}).encode())


@pytest.mark.parametrize(
    "change",
    [
        lambda: LogEntry.objects.update(leaf="{}"),
        lambda: LogEntry.objects.filter(pk=1).delete(),
        lambda: Node.objects.update(hash=b"x" * 32),
        lambda: Node.objects.all().delete(),
        lambda: connection.cursor().execute("TRUNCATE transparency_logentry"),
        lambda: connection.cursor().execute("TRUNCATE transparency_node"),
    ],
)
def test_the_database_refuses_to_change_the_log(change: Callable[[], object]) -> None:
    _fill(3)
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        change()
    assert list(log.check()) == []


@pytest.mark.parametrize(
    ("table", "sql", "finding"),
    [
        ("logentry", "UPDATE transparency_logentry SET leaf = '{}' WHERE index = 2", "Mục 2 đã bị sửa."),
        ("logentry", "DELETE FROM transparency_logentry WHERE index = 2", "Thiếu mục 2."),
        ("logentry", "DELETE FROM transparency_logentry WHERE index = 6", "Nút 0/6 không thuộc mục nào."),
        ("node", "DELETE FROM transparency_node WHERE level = 0 AND index = 6", "Nút 0/6 không khớp."),
        ("node", "DELETE FROM transparency_node WHERE level = 2 AND index = 0", "Nút 2/0 không khớp."),
        ("node", "UPDATE transparency_node SET hash = '\\x00' WHERE level = 1 AND index = 1", "Nút 1/1 không khớp."),
        ("node", "UPDATE transparency_node SET hash = '\\x00' WHERE level = 0 AND index = 6", "Nút 0/6 không khớp."),
    ],
)
def test_check_finds_tampering(table: str, sql: str, finding: str) -> None:
    _fill(7)
    _tamper(f"transparency_{table}", sql)
    assert finding in list(log.check())


def test_check_finds_a_leaf_rewritten_with_its_hash() -> None:
    _fill(7)
    digest = merkle.leaf_hash(b"{}").hex()
    _tamper(
        "transparency_logentry",
        f"UPDATE transparency_logentry SET leaf = '{{}}', leaf_hash = '\\x{digest}' WHERE index = 3",
    )
    assert "Nút 0/3 không khớp." in list(log.check())


def test_a_stranger_verifies_over_http(client: Client) -> None:
    entries = _fill(6)
    head = client.get("/api/v1/transparency/head").json()
    assert head["size"] == 6
    for entry in entries:
        digest = bytes(entry.leaf_hash)
        found = client.get("/api/v1/transparency/proof", {"hash": digest.hex(), "size": 6}).json()
        path = [bytes.fromhex(node) for node in found["path"]]
        assert merkle.verify_inclusion(digest, found["index"], 6, path, bytes.fromhex(head["root"]))
        assert json.loads(found["leaf"])["n"] == entry.index
    found = client.get("/api/v1/transparency/consistency", {"first": 4}).json()
    assert merkle.verify_consistency(
        4,
        6,
        bytes.fromhex(found["first_root"]),
        bytes.fromhex(head["root"]),
        [bytes.fromhex(node) for node in found["path"]],
    )
    listed = client.get("/api/v1/transparency/entries", {"start": 2, "end": 5}).json()["entries"]
    assert [row["index"] for row in listed] == [2, 3, 4]
    assert merkle.leaf_hash(listed[0]["leaf"].encode()).hex() == listed[0]["leaf_hash"]
    assert client.get("/minh-bach").status_code == 200


@pytest.mark.parametrize(
    ("where", "query"),
    [
        ("proof", {}),
        ("proof", {"hash": "zz"}),
        ("proof", {"hash": "é\0"}),
        ("proof", {"hash": "00" * 32}),
        ("proof", {"hash": "known", "size": "0"}),
        ("proof", {"hash": "known", "size": "4"}),
        ("proof", {"hash": "known", "size": "²"}),
        ("proof", {"hash": "known", "size": "-1"}),
        ("proof", {"hash": "known", "size": "9" * 40}),
        ("consistency", {}),
        ("consistency", {"first": "²"}),
        ("consistency", {"first": "2", "second": "1"}),
        ("consistency", {"first": "1", "second": "4"}),
        ("consistency", {"first": "1", "second": "x"}),
        ("entries", {"start": "²"}),
        ("entries", {"start": "x"}),
        ("entries", {"end": "9" * 40}),
    ],
)
def test_bad_input_is_a_problem(client: Client, where: str, query: dict[str, str]) -> None:
    entries = _fill(3)
    if query.get("hash") == "known":
        query = {**query, "hash": bytes(entries[0].leaf_hash).hex()}
    answer = client.get(f"/api/v1/transparency/{where}", query)
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


def test_odd_but_harmless_ranges_list_nothing(client: Client) -> None:
    _fill(3)
    for query in ({"start": "3"}, {"start": "2", "end": "1"}, {"start": "999999999999999"}):
        assert client.get("/api/v1/transparency/entries", query).json() == {"entries": []}
