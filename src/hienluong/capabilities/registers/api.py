"""Registers over HTTP, for reading: what one may read of every record, as it is or as it was."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from hienluong.foundation.actions import Actor, InvalidInput, NotFound

from . import queries
from .actions import definition_on, spec_of
from .definition import RegisterSpec
from .models import Register
from .queries import Scope, Wish

router = Router(tags=["Cơ sở dữ liệu chuyên ngành"])


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
    valid: datetime | None = Field(None, description="Đúng vào lúc nào; để trống là bây giờ")
    known: datetime | None = Field(None, description="Theo hiểu biết lúc nào; để trống là bây giờ")
    after: str = Field("", max_length=2000, description="Con trỏ của trang trước")
    size: int = Field(50, ge=1, le=queries.MAX_PAGE)


class RecordOut(Schema):
    """One record: the fields that the caller may read, and no others."""

    id: int
    key: str
    data: dict[str, Any]


class RecordsOut(Schema):
    """A page of records; `after` asks for the next one, empty when there is none."""

    items: list[RecordOut]
    after: str


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _readable(actor: Actor, code: str) -> tuple[Register, RegisterSpec, Scope]:
    """A register of which the caller may read something; NotFound hides that others exist."""
    register = Register.objects.select_related("owner").filter(code=code.replace("\x00", "")).first()
    if register is not None:
        spec = spec_of(definition_on(register, timezone.localdate()))
        scope = queries.whole(actor, register, spec)
        if scope.fields:
            return register, spec, scope
    raise NotFound(_("Không có cơ sở dữ liệu này."))


@router.get("/registers", response=list[RegisterOut], summary="Các cơ sở dữ liệu được đọc")
def registers(request: HttpRequest) -> list[RegisterOut]:
    """Every register of which the caller may read something."""
    found = []
    for code in Register.objects.order_by("code").values_list("code", flat=True):
        try:
            register, spec, scope = _readable(_actor(request), code)
        except NotFound:
            continue
        shown = {name: prop for name, prop in spec.fields.items() if name in scope.fields}
        found.append(
            RegisterOut(
                code=code,
                title=spec.title,
                title_en=spec.title_en,
                version=spec.version,
                owner=register.owner.code,
                legal_basis=spec.legal_basis,
                fields=shown,
            )
        )
    return found


@router.get("/registers/{code}/records", response=RecordsOut, summary="Bản ghi: tìm, lọc, sắp xếp, theo thời điểm")
def records(request: HttpRequest, code: str, wanted: Query[RecordQuery]) -> RecordsOut:
    """A page of records in order; a field that may not be read can neither narrow nor order them."""
    register, spec, scope = _readable(_actor(request), code)
    wish = Wish(
        text=wanted.q,
        filters=_pairs(wanted.filter),
        sort=wanted.sort,
        box=_box(wanted.box),
        valid=_aware(wanted.valid),
        known=_aware(wanted.known),
        after=wanted.after,
        size=wanted.size,
    )
    page = queries.find(register, spec, scope, wish)
    items = [RecordOut(id=row.record, key=row.key, data=row.data) for row in page.rows]
    return RecordsOut(items=items, after=page.after)


@router.get("/registers/{code}/records/{record}", response={200: RecordOut, 304: None}, summary="Một bản ghi")
def record(request: HttpRequest, response: HttpResponse, code: str, record: int, valid: datetime | None = None) -> Any:
    """One record as it is now, or was on a day. Its ETag changes when what the caller may read of it does."""
    register, spec, scope = _readable(_actor(request), code)
    found = queries.narrow(register, spec, scope, Wish(valid=_aware(valid)))
    row = found.filter(record_id=max(0, min(record, 2**63 - 1))).values_list("record_id", "key", "id", "data").first()
    if row is None:
        raise NotFound(_("Không có bản ghi này."))
    shown = queries.shown(spec, scope, *row)
    text = json.dumps([shown.key, shown.data], sort_keys=True, ensure_ascii=False)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    response["ETag"] = tag
    if request.headers.get("If-None-Match") == tag:
        return 304, None
    return 200, RecordOut(id=shown.record, key=shown.key, data=shown.data)


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


def _aware(moment: datetime | None) -> datetime | None:
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment
