"""Registers over HTTP, for reading: lists, records as they are or as they were, and what changes.

A list shows what one may read of every record; a record and the feed, what one may read of that record. Writing is in
:mod:`.api_writing`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Path, Query, Router, Schema, Status

from hienluong.foundation.actions import Actor, InvalidInput, NotFound
from hienluong.foundation.schemas import references

from . import feed, looks, naming, nearness, queries, sharing
from .actions import all_on, definition_on, spec_of
from .definition import RegisterSpec
from .models import Record, Register, Version
from .queries import Scope, Wish
from .sight import Seen, Sight, look, look_by_key, sight, widest

router = Router(tags=["Cơ sở dữ liệu chuyên ngành"])

#: The header in which a system that comes through the gateway says which agreement it calls under.
AGREEMENT = "X-Agreement"
_PURPOSE = "Mã thỏa thuận chia sẻ dữ liệu mà theo đó xem; để trống là theo quyền của mình. Có thì bỏ qua scope."
#: The sharing agreement that is read under.
Purpose = Annotated[str, Query(max_length=40, description=_PURPOSE)]
#: The number of a record.
Number = Annotated[int, Path(ge=0, lt=2**63)]


class Problem(Schema):
    """RFC 9457; `errors` has every message by field."""

    type: str
    title: str
    status: int
    code: str = ""
    field: str | None = None
    errors: dict[str, list[str]] = {}


class RegisterOut(Schema):
    """A register that the caller may read."""

    code: str
    title: str
    title_en: str
    version: int
    owner: str = Field(description="Mã cơ quan quản lý")
    legal_basis: list[str]
    fields: dict[str, Any] = Field(description="Lược đồ JSON Schema của các trường được đọc")


class RecordQuery(Schema):
    """What to look for; every part is optional."""

    q: str = Field("", max_length=200, description="Từ, có dấu hay không dấu")
    filter: list[str] = Field([], max_length=10, description="tên=giá trị; tên__from=…, tên__to=… cho khoảng")
    sort: str = Field("", max_length=41, description="Tên trường; dấu trừ đứng trước là giảm dần")
    box: str = Field("", max_length=100, description="Tây,Nam,Đông,Bắc (độ)")
    near: str = Field(
        "",
        max_length=100,
        description="vĩ độ,kinh độ,số mét: cách điểm này không quá chừng ấy, nhiều nhất 100 km; đường, vùng tính từ giữa khung",
    )
    valid: datetime | None = Field(None, description="Đúng vào lúc nào; để trống là bây giờ")
    known: datetime | None = Field(None, description="Theo hiểu biết lúc nào; để trống là bây giờ")
    after: str = Field("", max_length=2000, description="Con trỏ của trang trước")
    size: int = Field(50, ge=1, le=queries.MAX_PAGE)
    scope: Literal["whole", "own"] = Field(
        "whole", description="whole: mọi bản ghi, với trường được đọc ở mọi bản ghi; own: bản ghi của cơ quan mình"
    )
    purpose: str = Field("", max_length=40, description=_PURPOSE)


class RecordOut(Schema):
    """One record: the fields that the caller may read, and no others."""

    id: int
    key: str
    data: dict[str, Any]


class RecordsOut(Schema):
    """A page of records; `after` asks for the next one, empty when there is none."""

    items: list[RecordOut]
    after: str


class NameOut(Schema):
    """A record to choose: its key and what it is called."""

    value: str = Field(description="Khóa")
    name: str


class NamesOut(Schema):
    """The records that fit what was typed."""

    items: list[NameOut]


class EntryOut(Schema):
    """What one change made a record say over a stretch of valid time."""

    id: int = Field(description="Số của bản ghi")
    key: str
    kind: str = Field(
        description="create, change, correct, end, void, merge, undo; "
        "dispose: đã xóa các trường `cleared` vì hết thời hạn lưu, `data` là phần còn lại"
    )
    at: datetime = Field(description="Biết từ lúc nào")
    source: str = Field(description="Từ đâu; retention khi kind là dispose")
    since: datetime | None = Field(description="Đúng từ lúc nào; null là từ trước đến giờ")
    until: datetime | None = Field(description="Đúng đến lúc nào; null là về sau mãi")
    data: dict[str, Any] | None = Field(description="null: trong quãng đó bản ghi không còn nói gì")
    cleared: list[str] = Field(
        default=[],
        description="Khi kind là dispose: tên các trường đã xóa khỏi cả lịch sử của bản ghi; nơi giữ bản sao phải xóa chúng "
        "trong mọi điều đã biết về bản ghi này, tệp cũng vậy",
    )


class ChangesOut(Schema):
    """A page of the change feed; `after` asks for what follows, now or later."""

    items: list[EntryOut]
    after: str
    more: bool = Field(description="Còn nữa ngay bây giờ")


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _purpose(request: HttpRequest, told: str) -> str:
    """The code of the agreement to read under: from the address, or from the header that the gateway went by.

    So whoever comes through the gateway under one agreement never reads by another right.
    """
    named = request.headers.get(AGREEMENT, "")[:40]
    if named and told and named != told:
        raise InvalidInput(_("Địa chỉ và đầu mục X-Agreement nêu hai thỏa thuận khác nhau."), field="purpose")
    return named or told


def _register(code: str) -> tuple[Register, RegisterSpec]:
    register = Register.objects.select_related("owner").filter(code=code.replace("\x00", "")).first()
    if register is None:
        raise NotFound(_("Không có cơ sở dữ liệu này."))
    return register, spec_of(definition_on(register, timezone.localdate()))


def _readable(actor: Actor, code: str, which: str) -> tuple[Register, RegisterSpec, Scope]:
    """A register with the records and fields of a list; NotFound hides that others exist."""
    register, spec = _register(code)
    scope = queries.own(actor, spec) if which == "own" else queries.whole(actor, register, spec)
    if not scope.fields or (which == "own" and not sight(actor, register, spec).anything):
        raise NotFound(_("Không có cơ sở dữ liệu này."))
    return register, spec, scope


def register_of(actor: Actor, code: str) -> tuple[Register, Sight]:
    """A register with what the caller sees of each of its records; NotFound hides that others exist."""
    register, spec = _register(code)
    seen_by = sight(actor, register, spec)
    if not seen_by.anything:
        raise NotFound(_("Không có cơ sở dữ liệu này."))
    return register, seen_by


def record_of(actor: Actor, code: str, number: int) -> tuple[Register, Sight, Record]:
    """A record of which the caller sees something, at some time; NotFound hides that others exist."""
    register, seen_by = register_of(actor, code)
    record = Record.objects.filter(register=register, pk=number).first()
    if record is None or look(register, seen_by, number) is None:
        if record is not None:
            looks.note_hidden(actor, register, number)
        raise NotFound(_("Không có bản ghi này."))
    record.register = register  # read once, with its owner
    return register, seen_by, record


@router.get("/registers", response=list[RegisterOut], summary="Các cơ sở dữ liệu được đọc")
def registers(request: HttpRequest) -> list[RegisterOut]:
    """Every register of which the caller may read something."""
    found = []
    for register, spec in all_on(timezone.localdate()):
        readable = widest(actor_of(request), register, spec)
        if not readable:
            continue
        found.append(
            RegisterOut(
                code=register.code,
                title=spec.title,
                title_en=spec.title_en,
                version=spec.version,
                owner=register.owner.code,
                legal_basis=spec.legal_basis,
                fields={name: prop for name, prop in spec.fields.items() if name in readable},
            )
        )
    return found


@router.get("/registers/{code}/records", response=RecordsOut, summary="Bản ghi: tìm, lọc, sắp xếp, theo thời điểm")
def records(request: HttpRequest, code: str, wanted: Query[RecordQuery]) -> RecordsOut:
    """A page of records in order; a field that may not be read can neither narrow nor order them.

    With `purpose`, the records and fields of a sharing agreement: counted against its volume, and logged.
    """
    wish = Wish(
        text=wanted.q,
        filters=_pairs(wanted.filter),
        sort=wanted.sort,
        box=_box(wanted.box),
        near=nearness.read(wanted.near) if wanted.near else None,
        valid=aware(wanted.valid),
        known=aware(wanted.known),
        after=wanted.after,
        size=wanted.size,
    )
    if purpose := _purpose(request, wanted.purpose):
        register, spec = _register(code)
        page = sharing.read(actor_of(request), register, spec, purpose, wish)
    else:
        register, spec, scope = _readable(actor_of(request), code, wanted.scope)
        page = queries.find(register, spec, scope, wish)
        _write_down(request, spec, looks.persons(page.rows), scope.fields)
    items = [RecordOut(id=row.record, key=row.key, data=row.data) for row in page.rows]
    return RecordsOut(items=items, after=page.after)


@router.get("/registers/{code}/names", response=NamesOut, summary="Tên và khóa của bản ghi, để chọn khi gõ")
def names(
    request: HttpRequest,
    code: str,
    q: Annotated[str, Query(max_length=200, description="Từ, có dấu hay không dấu, hoặc khóa")] = "",
    size: Annotated[int, Query(ge=1, le=references.MOST, description="Nhiều nhất bao nhiêu")] = references.MOST,
) -> NamesOut:
    """The records that fit some words, of those that the caller may list with key and name; none without words."""
    found = naming.Records().find(actor_of(request), code, q, size) if q.strip() else []
    return NamesOut(items=[NameOut(value=one.key, name=one.name) for one in found])


@router.get(
    "/registers/{code}/records/by-key/{path:key}",
    response={200: RecordOut, 304: None, 308: None, 403: Problem, 404: Problem, 422: Problem, 429: Problem},
    summary="Một bản ghi theo khóa",
)
def record_by_key(
    request: HttpRequest,
    response: HttpResponse,
    code: str,
    key: str,
    valid: datetime | None = None,
    known: datetime | None = None,
    purpose: Purpose = "",
) -> Any:
    """One record by its key, which never changes. After a merge: 308 to the record it lives on in."""
    if purpose := _purpose(request, purpose):
        return _under(request, code, purpose, valid, known, key=key)
    register, seen_by = register_of(actor_of(request), code)
    seen = look_by_key(register, seen_by, key, aware(valid), aware(known))
    asked = Record.objects.filter(key=key)
    return _shown(request, response, register, seen_by, seen, asked, (aware(valid), aware(known)), by_key=True)


@router.get(
    "/registers/{code}/records/{record}",
    response={200: RecordOut, 304: None, 308: None, 403: Problem, 404: Problem, 422: Problem, 429: Problem},
    summary="Một bản ghi",
)
def record(
    request: HttpRequest,
    response: HttpResponse,
    code: str,
    record: Number,
    valid: datetime | None = None,
    known: datetime | None = None,
    purpose: Purpose = "",
) -> Any:
    """One record as it is now, or was. Its ETag changes when what the caller may read of it does, now or at any time.

    With `purpose`, what a sharing agreement gives of it, now, without an ETag: it is counted and logged each time.
    """
    if purpose := _purpose(request, purpose):
        return _under(request, code, purpose, valid, known, number=record)
    register, seen_by = register_of(actor_of(request), code)
    seen = look(register, seen_by, record, aware(valid), aware(known))
    asked = Record.objects.filter(pk=record)
    return _shown(request, response, register, seen_by, seen, asked, (aware(valid), aware(known)))


def _under(
    request: HttpRequest,
    code: str,
    purpose: str,
    valid: datetime | None,
    known: datetime | None,
    *,
    number: int | None = None,
    key: str = "",
) -> Any:
    """A record under a sharing agreement, by its number or its key."""
    register, spec = _register(code)
    agreement = sharing.opened(actor_of(request), register, purpose)
    if number is None:
        found = Record.objects.filter(register=register, key=key.replace("\x00", ""))
        seen = not spec.key.field or spec.key.field in agreement.fields
        number = (found.values_list("pk", flat=True).first() if seen else None) or 0
    wish = Wish(record=number, valid=aware(valid), known=aware(known), size=1)
    page = sharing.read(actor_of(request), register, spec, purpose, wish)
    if not page.rows:
        raise NotFound(_("Không có bản ghi này."))
    row = page.rows[0]
    return Status(200, RecordOut(id=row.record, key=row.key, data=row.data))


def _shown(
    request: HttpRequest,
    response: HttpResponse,
    register: Register,
    seen_by: Sight,
    seen: Seen | None,
    asked: QuerySet[Record],
    moment: tuple[datetime | None, datetime | None],
    *,
    by_key: bool = False,
) -> Any:
    """A record, or the way to the one that it lives on in."""
    if seen is not None and seen.data is not None:
        response["ETag"] = f'"{seen.tag}"'
        if request.headers.get("If-None-Match") == response["ETag"]:
            return Status(304, None)
        spec = spec_of(definition_on(register, timezone.localdate()))
        _written_down(request, register, spec, {seen.record: seen.data}, seen.data, *moment)
        return Status(200, out_of(seen))
    left = asked.filter(register=register).exclude(merged_into=None).first()
    if left and (merged := left.merged_into_id) and _was_seen(register, seen_by, left, by_key=by_key):
        survivor = look(register, seen_by, merged)
        if survivor is not None and (survivor.key or not by_key):
            moved = HttpResponse(status=308)
            moved["Location"] = address_of(register, merged)
            return moved
    if seen is None and (hidden := asked.filter(register=register).values_list("pk", flat=True).first()):
        looks.note_hidden(actor_of(request), register, hidden)
    raise NotFound(_("Không có bản ghi này."))


def _was_seen(register: Register, seen_by: Sight, record: Record, *, by_key: bool) -> bool:
    """Whether a record that says nothing any more was once seen by the caller, or its key: it is no news then."""
    versions = Version.objects.filter(register=register, record=record)
    places = versions.order_by().values_list("organization_id", flat=True).distinct()
    return any(seen_by.fields(place) and (not by_key or seen_by.shows_key(place)) for place in places)


def _written_down(
    request: HttpRequest,
    register: Register,
    spec: RegisterSpec,
    rows: Mapping[int, Mapping[str, Any]],
    fields: Collection[str],
    valid: datetime | None = None,
    known: datetime | None = None,
) -> None:
    """Write down that these records (by number) were read; whom those are about that do not say it, what is there at that
    moment says."""
    if not spec.subject or looks.is_open_to_all(spec, fields):
        return
    numbers = looks.numbers_in(spec, list(rows.values()))
    if hidden := [number for number, data in rows.items() if not data.get(spec.subject)]:
        numbers |= looks.numbers_of(register, spec, hidden, valid, known)
    _write_down(request, spec, numbers, fields)


def _write_down(request: HttpRequest, spec: RegisterSpec, numbers: Collection[str], fields: Collection[str]) -> None:
    """Write down that these persons were read of through the API by the right of the caller's own post.

    What everybody may read is not written down: it says nothing that is not public.
    """
    if looks.is_open_to_all(spec, fields):
        return
    purpose = _("Đọc qua API: %(title)s") % {"title": spec.title[:150]}
    looks.write_down(actor_of(request), spec, numbers, fields, purpose)


def out_of(seen: Seen) -> RecordOut:
    """A record as it is sent."""
    return RecordOut(id=seen.record, key=seen.key, data=seen.data or {})


def address_of(register: Register, record: int) -> str:
    """Where a record is."""
    return reverse("api:record", args=[register.code, record])


@router.get(
    "/registers/{code}/changes",
    response={200: ChangesOut, 404: Problem, 422: Problem},
    summary="Dòng thay đổi: mọi thay đổi, theo thứ tự, không sót",
)
def changes(
    request: HttpRequest,
    code: str,
    after: Annotated[str, Query(max_length=200, description="Con trỏ của lần đọc trước; để trống là từ đầu")] = "",
    size: Annotated[int, Query(ge=1, le=feed.MAX_PAGE, description="Nhiều nhất bao nhiêu thay đổi")] = 100,
) -> ChangesOut:
    """What changes of what the caller may read, in the order in which it is committed for everybody.

    A change of several stretches of time gives several items. Keep `after` and ask again later: nothing is missed.
    That fields of a record were cleared because the time to keep them was over is an item of the kind `dispose`.
    """
    register, seen_by = register_of(actor_of(request), code)
    page = feed.read(register, seen_by, after, size)
    spec = spec_of(definition_on(register, timezone.localdate()))
    told = {entry.record: entry.data for entry in page.entries if entry.data}
    _written_down(request, register, spec, told, {name for data in told.values() for name in data})
    items = [
        EntryOut(
            id=entry.record,
            key=entry.key,
            kind=entry.kind,
            at=entry.at,
            source=entry.source,
            since=entry.since,
            until=entry.until,
            data=dict(entry.data) if entry.data is not None else None,
            cleared=list(entry.cleared),
        )
        for entry in page.entries
    ]
    return ChangesOut(items=items, after=page.after, more=page.more)


def _pairs(given: list[str]) -> dict[str, str]:
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or len(text) > 300:
            raise InvalidInput(_("Điều kiện lọc có dạng tên=giá trị."), field="filter")
        found[name] = value
    return found


def _box(text: str) -> queries.Box | None:
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise InvalidInput(_("Khung bản đồ gồm bốn số: Tây,Nam,Đông,Bắc."), field="box") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidInput(_("Khung bản đồ gồm bốn số: Tây,Nam,Đông,Bắc."), field="box")
    return west, south, east, north


def aware(moment: datetime | None) -> datetime | None:
    """A moment with its zone; one without is meant in Việt Nam."""
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment
