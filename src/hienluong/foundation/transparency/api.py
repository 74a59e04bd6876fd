"""The log over HTTP, open to everyone: head, proofs, entries (RFC 9162 shape, JSON)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from hienluong.foundation.actions import DomainError

from . import log
from .models import LogEntry

router = Router(tags=["Sổ minh bạch"])

MOST = 500
Size = Annotated[int, Field(ge=0, le=10**15)]
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]*$", description="Thập lục phân")]


class OutsideTheLog(DomainError):
    """There is no such leaf or size in this log."""

    code = "transparency.bad_request"
    status = 400


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str


class LogHead(Schema):
    """The signed tree head: Ed25519 over the canonical JSON of ``at``, ``root`` and ``size``."""

    size: int
    root: Hex
    at: str = Field(description="ISO 8601, đúng từng ký tự đã ký")
    signature: Hex
    public_key: Hex


class Inclusion(Schema):
    """The proof that a leaf is in the log."""

    index: int
    size: int
    leaf: str
    path: list[Hex]
    root: Hex


class Consistency(Schema):
    """The proof that the log of the second size begins with that of the first."""

    first: int
    second: int
    path: list[Hex]
    first_root: Hex
    second_root: Hex


class LogLeaf(Schema):
    """One leaf: canonical JSON, and its hash."""

    index: int
    leaf: str
    leaf_hash: Hex
    at: datetime


class LogLeaves(Schema):
    """Leaves in a row."""

    entries: list[LogLeaf]


@router.get("/head", response=LogHead, summary="Đầu sổ có chữ ký")
def head(request: HttpRequest) -> LogHead:
    """The signed tree head now."""
    found = log.tree_head()
    return LogHead(
        size=found.size,
        root=found.root.hex(),
        at=found.at.isoformat(),
        signature=found.signature.hex(),
        public_key=found.public_key.hex(),
    )


@router.get("/proof", response={200: Inclusion, 400: Problem}, summary="Bằng chứng một dòng nằm trong sổ")
def inclusion(
    request: HttpRequest,
    hash: Annotated[str, Query(pattern=r"^[0-9a-fA-F]{64}$", description="Mã băm của lá")],
    size: Annotated[Size | None, Query(description="Cỡ của cây; bỏ trống là cỡ bây giờ")] = None,
) -> Inclusion:
    """The path from a leaf to the root of a tree of that size."""
    now = log.size()
    size = now if size is None else size
    entry = LogEntry.objects.filter(leaf_hash=bytes.fromhex(hash)).order_by("index").first()
    if entry is None or not entry.index < size <= now:
        raise OutsideTheLog("no such leaf in a tree of that size")
    path = [node.hex() for node in log.inclusion_proof(entry.index, size)]
    return Inclusion(index=entry.index, size=size, leaf=entry.leaf, path=path, root=log.root(size).hex())


@router.get("/consistency", response={200: Consistency, 400: Problem}, summary="Bằng chứng sổ chỉ dài thêm")
def consistency(
    request: HttpRequest, first: Annotated[Size, Query()], second: Annotated[Size | None, Query()] = None
) -> Consistency:
    """The proof between two sizes."""
    now = log.size()
    second = now if second is None else second
    if not first <= second <= now:
        raise OutsideTheLog("first and second must be sizes of this log")
    path = [node.hex() for node in log.consistency_proof(first, second)]
    roots = log.root(first).hex(), log.root(second).hex()
    return Consistency(first=first, second=second, path=path, first_root=roots[0], second_root=roots[1])


@router.get("/entries", response=LogLeaves, summary="Các dòng của sổ")
def entries(
    request: HttpRequest,
    start: int = Query(0, ge=0, le=10**15),  # type: ignore[type-arg]
    end: Annotated[Size | None, Query()] = None,
) -> LogLeaves:
    """Leaves from ``start`` to ``end`` (not included), at most 500."""
    last = start + MOST if end is None else min(end, start + MOST)
    rows = LogEntry.objects.filter(index__gte=start, index__lt=last).order_by("index")
    return LogLeaves(
        entries=[
            LogLeaf(index=row.index, leaf=row.leaf, leaf_hash=bytes(row.leaf_hash).hex(), at=row.at) for row in rows
        ]
    )
