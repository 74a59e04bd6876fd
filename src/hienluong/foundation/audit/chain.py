"""Appending to the audit chain and proving it whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import timezone

from .models import Entry

GENESIS = b"\0" * 32
#: One advisory lock serialises appends; it is taken at the end of a transaction and held until commit.
LOCK_KEY = 0x4869_656E_4C75


@dataclass
class NewEntry:
    """What an action hands over; sequence, time and hashes are filled in by :func:`append`."""

    verb: str
    actor_kind: str
    actor_id: int | None
    actor_label: str
    target_type: str
    target_id: str
    target_label: str
    organization_id: int | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    purpose: str = ""
    note: str = ""
    ip: str = ""
    request_id: str = ""


_HASHED = (
    "verb",
    "actor_kind",
    "actor_id",
    "actor_label",
    "target_type",
    "target_id",
    "target_label",
    "organization_id",
    "before",
    "after",
    "purpose",
    "note",
    "ip",
    "request_id",
)

# The columns in the order of _HASHED.
_INSERT = """
INSERT INTO audit_entry (seq, at, previous_hash, hash, verb, actor_kind, actor_id, actor_label, target_type, target_id,
                         target_label, organization_id, before, after, purpose, note, ip, request_id)
VALUES """
_ROW = f"(%s, %s, %s, %s, {', '.join('%s::jsonb' if name in ('before', 'after') else '%s' for name in _HASHED)})"
_json = json.JSONEncoder(ensure_ascii=False).encode


def _jsonable(value: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False))
    return plain


def digest(entry: Entry) -> bytes:
    """SHA-256 over the previous hash, sequence number, time (UTC, microseconds) and every other field."""
    body: dict[str, Any] = {name: getattr(entry, name) for name in _HASHED}
    body["seq"] = entry.seq
    body["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(bytes(entry.previous_hash) + text.encode()).digest()


def append(new: Sequence[NewEntry]) -> list[Entry]:
    """Chain and insert entries inside the caller's transaction; returns the rows written."""
    if not new:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        cursor.execute("SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1")
        last = cursor.fetchone()
    seq, previous = (last[0], bytes(last[1])) if last else (0, GENESIS)
    at = timezone.now()
    rows: list[Entry] = []
    written: list[Any] = []
    for item in new:
        seq += 1
        values = {name: getattr(item, name) for name in _HASHED}
        values["before"], values["after"] = _jsonable(item.before), _jsonable(item.after)
        row = Entry(seq=seq, at=at, previous_hash=previous, **values)
        row.hash = previous = digest(row)
        row._state.adding, row._state.db = False, connection.alias
        rows.append(row)
        values["before"], values["after"] = _json(row.before), _json(row.after)
        written += (seq, at, row.previous_hash, row.hash, *values.values())
    with connection.cursor() as cursor:
        cursor.execute(_INSERT + ", ".join([_ROW] * len(rows)), written)
    return rows


@dataclass(frozen=True)
class Fault:
    """One thing wrong in the chain: `kind` is ``altered``, ``missing``, ``reordered`` or ``truncated``."""

    seq: int
    kind: str
    message: str


@dataclass(frozen=True)
class Anchor:
    """A head remembered outside the table (backup, printed report): its row must still be there."""

    seq: int
    hash: bytes
    at: datetime | None = None


def head() -> Anchor | None:
    """The last row now; None when there is none."""
    row = Entry.objects.order_by("-seq").values_list("seq", "hash", "at").first()
    return Anchor(row[0], bytes(row[1]), row[2]) if row else None


def verify(*anchors: Anchor) -> Iterator[Fault]:
    """Walk the whole chain in order and yield each fault; nothing yielded means whole.

    From the table alone neither a cut-off tail nor a chain that was wholly rewritten can be seen; heads remembered
    elsewhere (:mod:`hienluong.house.anchors` keeps them) show both.
    """
    remembered: dict[int, set[bytes]] = {}
    for anchor in anchors:
        remembered.setdefault(anchor.seq, set()).add(anchor.hash)
    expected, previous = 1, GENESIS
    for row in Entry.objects.order_by("seq").iterator(chunk_size=2000):
        if row.seq != expected:
            yield Fault(expected, "missing", f"Thiếu dòng {expected} đến {row.seq - 1}.")
        elif bytes(row.previous_hash) != previous:
            yield Fault(row.seq, "reordered", f"Dòng {row.seq} không nối với dòng liền trước.")
        if digest(row) != bytes(row.hash):
            yield Fault(row.seq, "altered", f"Dòng {row.seq} đã bị sửa sau khi ghi.")
        if remembered.pop(row.seq, {bytes(row.hash)}) != {bytes(row.hash)}:
            yield Fault(row.seq, "altered", f"Dòng {row.seq} khác với dấu mốc đã lưu.")
        expected, previous = row.seq + 1, bytes(row.hash)
    if remembered:
        last = max(remembered)
        yield Fault(last, "truncated", f"Không còn dòng {last} mà dấu mốc đã ghi nhận.")


def verify_part(first: int, until: Anchor, most: int) -> Fault | None:
    """The first fault between the row `first` and a remembered head, that row and the one before it included.

    None when all of it is whole. At most `most` rows are read: more are a fault of the kind ``long``.
    """
    if until.seq - first >= most:
        return Fault(first, "long", f"Từ dòng {first} đến dấu mốc {until.seq} quá nhiều dòng để soi ở đây.")
    before = Entry.objects.filter(seq=first - 1).values_list("hash", flat=True).first()
    if first > 1 and before is None:
        return Fault(first - 1, "missing", f"Thiếu dòng {first - 1}.")
    expected, previous = first, GENESIS if before is None else bytes(before)
    for row in Entry.objects.filter(seq__gte=first, seq__lte=until.seq).order_by("seq").iterator(chunk_size=2000):
        if row.seq != expected:
            return Fault(expected, "missing", f"Thiếu dòng {expected} đến {row.seq - 1}.")
        if bytes(row.previous_hash) != previous:
            return Fault(row.seq, "reordered", f"Dòng {row.seq} không nối với dòng liền trước.")
        if digest(row) != bytes(row.hash):
            return Fault(row.seq, "altered", f"Dòng {row.seq} đã bị sửa sau khi ghi.")
        expected, previous = row.seq + 1, bytes(row.hash)
    if expected != until.seq + 1:
        return Fault(expected, "truncated", f"Không còn dòng {until.seq} mà dấu mốc đã ghi nhận.")
    if previous != until.hash:
        return Fault(until.seq, "altered", f"Dòng {until.seq} khác với dấu mốc đã lưu.")
    return None
