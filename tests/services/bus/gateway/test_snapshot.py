"""The snapshot is read as it was written, and nothing that is wrong in it is taken."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from hienluong.services.bus.gateway import snapshot as contract
from hienluong.services.bus.gateway.snapshot import (
    Breaker,
    Canary,
    GrantRoute,
    OperationRoute,
    ServiceRoute,
    Snapshot,
    SnapshotError,
    Tls,
)

GRANT = GrantRoute(
    agreement="TTDV-2026-0001",
    clients=["so-tu-phap"],
    per_minute=60,
    per_day_records=5000,
    fields=["/ho_ten", "ngay_sinh"],
    addresses=["10.0.0.0/8", "2001:db8::/32"],
    sign=True,
)
OPERATION = OperationRoute(
    name="get",
    method="GET",
    template="/nguoi/{so}",
    mediate=True,
    max_body=0,
    response_schema_file="schemas/1.json",
    person_pointer="/so_dinh_danh",
    transform={"kind": "soap", "action": "urn:get"},
    grants=[GRANT],
)
SERVICE = ServiceRoute(
    code="dan-cu",
    major=1,
    upstream="https://dancu.example.vn/api/v2",
    timeout_s=2.5,
    retries=2,
    breaker=Breaker(10, 10, 20),
    tls=Tls(ca_file="ca.pem", client_cert_file="own.pem", client_key_file="own.key"),
    operations=[OPERATION],
    canary=Canary("https://moi.example.vn", 5),
    mirror="http://127.0.0.1:9000",
    cache_s=60,
)
WHOLE = Snapshot(
    version=7,
    issuer="https://tinh.example.vn",
    jwks_file="jwks.json",
    mediator="127.0.0.1:8092",
    services=[SERVICE],
    certificates={"so-tu-phap": ["ab" * 32]},
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    contract.write(WHOLE, tmp_path / "snapshot.json")
    assert contract.read(tmp_path / "snapshot.json") == WHOLE
    assert [each.name for each in tmp_path.iterdir()] == ["snapshot.json"]


def test_what_has_a_default_may_be_left_out() -> None:
    text = '{"format":1,"version":0,"issuer":"https://a","jwks_file":"j","mediator":"[::1]:80"}'
    assert contract.loads(text) == Snapshot(0, "https://a", "j", "[::1]:80")


def _changed(path: str, value: Any) -> str:
    shape = json.loads(contract.dumps(WHOLE))
    *way, last = path.split("/")
    inner = shape
    for step in way:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[last] = value
    return json.dumps(shape)


OPS = "services/0/operations/0"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("format", 2, "format 2"),
        ("version", -1, "version"),
        ("version", True, "/version: not int"),
        ("issuer", "", "issuer"),
        ("mediator", "127.0.0.1", "host:port"),
        ("unknown", 1, "unknown unknown"),
        ("services", {}, "/services: not a list"),
        ("certificates", {"a": ["zz"]}, "fingerprint"),
        ("services/0/code", "../x", "code"),
        ("services/0/upstream", "file:///etc/passwd", "http"),
        ("services/0/upstream", "http://a:b@c/", "password"),
        ("services/0/upstream", "http://c/a?b", "query"),
        ("services/0/upstream", "http://c:99999/", "http"),
        ("services/0/upstream", "http://c/a\\1", "path"),
        ("services/0/mirror", "ftp://c", "http"),
        ("services/0/timeout_s", 0, "timeout_s"),
        ("services/0/timeout_s", "3", "not float"),
        ("services/0/retries", 99, "retries"),
        ("services/0/breaker", {"max_requests": 0}, "below 1"),
        ("services/0/tls", {"client_key_file": "k"}, "together"),
        ("services/0/canary", {"upstream": "http://c", "percent": 101}, "percent"),
        (f"{OPS}/method", "TRACE", "method"),
        (f"{OPS}/template", "nguoi", "template"),
        (f"{OPS}/template", "/a/../b", "template"),
        (f"{OPS}/template", "/a//b", "template"),
        (f"{OPS}/template", "/a/{b}{c}", "two parameters"),
        (f"{OPS}/template", "/a/{b}/{b}", "parameter twice"),
        (f"{OPS}/template", "/a/{b:path}", "template"),
        (f"{OPS}/template", "/a%2fb", "template"),
        (f"{OPS}/template", "/a;b", "template"),
        (f"{OPS}/max_body", -1, "max_body"),
        (f"{OPS}/grants/0/per_minute", 0, "per_minute"),
        (f"{OPS}/grants/0/agreement", "a\r\nb", "agreement"),
        (f"{OPS}/grants/0/clients", ["a b"], "client"),
        (f"{OPS}/grants/0/addresses", ["10.0.0.1/8"], "addresses"),
        (f"{OPS}/grants", [dataclasses.asdict(GRANT)] * 2, "agreement twice"),
        ("services/0/operations", [dataclasses.asdict(OPERATION)] * 2, "operation twice"),
        ("services", [dataclasses.asdict(SERVICE)] * 2, "service twice"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(path: str, value: Any, said: str) -> None:
    with pytest.raises(SnapshotError, match=said):
        contract.loads(_changed(path, value))


def test_two_operations_cannot_be_at_one_place() -> None:
    other = dataclasses.replace(OPERATION, name="other", template="/nguoi/{khac}")
    with pytest.raises(SnapshotError, match="method and template twice"):
        contract.dumps(
            dataclasses.replace(WHOLE, services=[dataclasses.replace(SERVICE, operations=[OPERATION, other])])
        )


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"format":1}'])
def test_what_is_no_snapshot_is_refused(text: str) -> None:
    with pytest.raises(SnapshotError):
        contract.loads(text)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"snapshot\.json"):
        contract.read(tmp_path / "snapshot.json")


def test_what_only_the_mediator_can_keep_goes_through_it() -> None:
    plain = OperationRoute("get", "GET", "/nguoi/{so}")
    free = GrantRoute("A", ["c"], 1)
    assert not plain.passes_mediator(free)
    grants: list[dict[str, Any]] = [{"fields": []}, {"per_day_records": 1}, {"sign": True}]
    for change in grants:
        assert plain.passes_mediator(dataclasses.replace(free, **change))
    operations: list[dict[str, Any]] = [
        {"mediate": True},
        {"request_schema_file": "a"},
        {"response_schema_file": "a"},
        {"person_pointer": ""},
        {"transform": {"a": 1}},
    ]
    for change in operations:
        assert dataclasses.replace(plain, **change).passes_mediator(free)
