"""Code lists over HTTP: open to everybody, answered from a cache where nothing changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from hienluong.foundation.actions import NotFound

from . import queries, snapshots
from .models import Code, CodeList, Edition, Mapping

router = Router(tags=["Danh mục dùng chung"])

MAX_PAGE = 1000
#: How long an answer may be used without asking again, in seconds.
FRESH_FOR = 300


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str


class EditionOut(Schema):
    """An edition: in force from a day until (not including) another; null is without bound."""

    code: str
    title: str
    valid_from: date | None
    valid_to: date | None
    legal_basis: list[str]
    source: str
    note: str


class ListOut(Schema):
    """A list with its editions, the newest first."""

    code: str
    title: str
    title_en: str
    description: str
    coding: str = Field(description="published: mã do văn bản ban hành; assigned: mã do hệ thống này đặt")
    editions: list[EditionOut]
    edition: str | None = Field(description="Ấn bản có hiệu lực vào ngày được hỏi")


class CodeOut(Schema):
    """A code as it is on a day."""

    value: str
    name: str
    name_en: str
    parent: str | None
    is_leaf: bool
    valid_from: date | None
    valid_to: date | None
    attributes: dict[str, Any]


class Step(Schema):
    """A code on the way down to another."""

    value: str
    name: str


class Relation(Schema):
    """What a code became in another edition, or what it came from."""

    edition: str
    value: str
    name: str
    kind: str = Field(description="same, merged, split, part")
    is_primary: bool


class CodeDetail(CodeOut):
    """A code with the way down to it, and what it became and came from."""

    edition: str
    path: list[Step]
    became: list[Relation]
    came_from: list[Relation]


class CodesOut(Schema):
    """A page of codes in order; `after` asks for the next one, null when there is none."""

    edition: str
    items: list[CodeOut]
    after: int | None


class MappingOut(Schema):
    """What one code became."""

    source: str
    source_name: str
    target: str
    target_name: str
    kind: str = Field(description="same, merged, split, part")
    is_primary: bool


class MappingsOut(Schema):
    """A page of a mapping; `after` asks for the next one, null when there is none."""

    from_edition: str
    to_edition: str
    items: list[MappingOut]
    after: int | None


class CodesQuery(Schema):
    """Which codes."""

    on: date | None = Field(None, description="Vào ngày nào; để trống là hôm nay")
    q: str = Field("", max_length=200, description="Mã hoặc tên, có dấu hay không dấu")
    parent: str | None = Field(None, max_length=40, description="Chỉ các mã ngay dưới mã này; rỗng là cấp trên cùng")
    under: str = Field("", max_length=40, description="Chỉ các mã dưới mã này, ở mọi cấp")
    leaf: bool = Field(False, description="Chỉ các mã không có mã con")
    after: int = Field(0, ge=0, le=1_000_000)
    size: int = Field(200, ge=1, le=MAX_PAGE)


class MappingsQuery(Schema):
    """Which mapping: from one edition to another; the last two that are mapped when nothing is said."""

    from_edition: str = Field("", max_length=40, alias="from")
    to_edition: str = Field("", max_length=40, alias="to")
    after: int = Field(0, ge=0, le=2**63 - 1)
    size: int = Field(200, ge=1, le=MAX_PAGE)


Answer = Callable[..., Any]


def cached(answer: Answer) -> Answer:
    """Answer 304 when the lists are as they were: the tag is the revision, the day and the question."""

    @wraps(answer)
    def tagged(request: HttpRequest, response: HttpResponse, *args: Any, **kwargs: Any) -> Any:
        text = f"{snapshots.revision()} {timezone.localdate()} {request.get_full_path()}"
        tag = f'"{hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]}"'
        response["ETag"] = tag
        response["Cache-Control"] = f"public, max-age={FRESH_FOR}"
        if request.headers.get("If-None-Match") == tag:
            return 304, None
        return 200, answer(request, response, *args, **kwargs)

    return tagged


RESPONSES: dict[Any, Any] = {304: None, 404: Problem}


@router.get("/codelists", response={200: list[ListOut], 304: None}, summary="Các danh mục dùng chung")
@cached
def lists(request: HttpRequest, response: HttpResponse) -> list[ListOut]:
    """Every list with its editions."""
    return [
        _list(found.list, list(found.editions), found.current.code if found.current else None)
        for found in queries.overview()
    ]


@router.get("/codelists/{code}", response={200: ListOut, **RESPONSES}, summary="Một danh mục")
@cached
def one(request: HttpRequest, response: HttpResponse, code: str, on: date | None = None) -> ListOut:
    """A list, its editions, and which of them is in force on a day."""
    found = queries.get(code)
    current = queries.edition_on(found.code, on)
    return _list(found, list(found.editions.order_by("-valid")), current.code if current else None)


@router.get("/codelists/{code}/codes", response={200: CodesOut, **RESPONSES}, summary="Các mã của một danh mục")
@cached
def codes(request: HttpRequest, response: HttpResponse, code: str, wanted: Query[CodesQuery]) -> CodesOut:
    """The codes of a day in order: all, those below one, or those that have some words."""
    day, edition = _edition(code, wanted.on)
    if wanted.q.strip():
        found = queries.search(edition, wanted.q, day)
        if wanted.parent is not None:
            found = found.filter(parent__value=wanted.parent.replace("\x00", ""))
    elif wanted.parent is not None:
        found = queries.children(edition, day, wanted.parent.replace("\x00", ""))
    else:
        found = queries.of(edition, day)
    if wanted.under:
        found = found.filter(pk__in=queries.below(edition, wanted.under.replace("\x00", "")))
    if wanted.leaf:
        found = found.filter(Q(has_children=False))
    rows = list(found.select_related("parent")[wanted.after : wanted.after + wanted.size + 1])
    after = wanted.after + wanted.size if len(rows) > wanted.size else None
    return CodesOut(edition=edition.code, items=[CodeOut(**_code(row)) for row in rows[: wanted.size]], after=after)


@router.get("/codelists/{code}/codes/{value}", response={200: CodeDetail, **RESPONSES}, summary="Một mã")
@cached
def one_code(request: HttpRequest, response: HttpResponse, code: str, value: str, on: date | None = None) -> CodeDetail:
    """A code on a day, the way down to it, what it became and what it came from."""
    day, edition = _edition(code, on)
    found = queries.of(edition, day).select_related("parent").filter(value=value.replace("\x00", "")[:41]).first()
    if found is None:
        raise NotFound(_("Vào ngày này danh mục không có mã đó."), code="codelists.no_code")
    related = queries.relations(found)
    return CodeDetail(
        **_code(found),
        edition=edition.code,
        path=[Step(value=step.value, name=step.name) for step in queries.path(found)],
        became=[_relation(one) for one in related if one.forward],
        came_from=[_relation(one) for one in related if not one.forward],
    )


@router.get("/codelists/{code}/mappings", response={200: MappingsOut, **RESPONSES}, summary="Mã nào thành mã nào")
@cached
def mappings(request: HttpRequest, response: HttpResponse, code: str, wanted: Query[MappingsQuery]) -> MappingsOut:
    """What the codes of one edition became in another."""
    name = queries.get(code).code
    if wanted.from_edition or wanted.to_edition:
        old, new = queries.edition(name, wanted.from_edition), queries.edition(name, wanted.to_edition)
    else:
        old, new = _newest_mapped(name)
    rows = Mapping.objects.filter(source__edition=old, target__edition=new, pk__gt=wanted.after)
    found = list(rows.select_related("source", "target").order_by("pk")[: wanted.size + 1])
    items = [
        MappingOut(
            source=row.source.value,
            source_name=row.source.name,
            target=row.target.value,
            target_name=row.target.name,
            kind=row.kind,
            is_primary=row.is_primary,
        )
        for row in found[: wanted.size]
    ]
    after = found[wanted.size - 1].pk if len(found) > wanted.size else None
    return MappingsOut(from_edition=old.code, to_edition=new.code, items=items, after=after)


def _newest_mapped(name: str) -> tuple[Edition, Edition]:
    last = Mapping.objects.filter(source__edition__codelist__code=name).order_by("-target__edition__valid", "-pk")
    found = last.select_related("source__edition", "target__edition").first()
    if found is None:
        raise NotFound(_("Danh mục này không có bảng chuyển đổi."), code="codelists.no_mapping")
    return found.source.edition, found.target.edition


def _edition(code: str, on: date | None) -> tuple[date, Edition]:
    day = on or timezone.localdate()
    found = queries.edition_on(queries.get(code).code, day)
    if found is None:
        raise NotFound(_("Vào ngày này danh mục không có ấn bản nào có hiệu lực."), code="codelists.no_edition")
    return day, found


def _list(found: CodeList, editions: list[Edition], current: str | None) -> ListOut:
    return ListOut(
        code=found.code,
        title=found.title,
        title_en=found.title_en,
        description=found.description,
        coding=found.coding,
        editions=[
            EditionOut(
                code=each.code,
                title=each.title,
                valid_from=each.valid.lower,
                valid_to=each.valid.upper,
                legal_basis=each.legal_basis,
                source=each.source,
                note=each.note,
            )
            for each in editions
        ],
        edition=current,
    )


def _code(found: Code) -> dict[str, Any]:
    return {
        "value": found.value,
        "name": found.name,
        "name_en": found.name_en,
        "parent": found.parent.value if found.parent else None,
        "is_leaf": not found.has_children,  # type: ignore[attr-defined]
        "valid_from": found.valid.lower,
        "valid_to": found.valid.upper,
        "attributes": found.attributes,
    }


def _relation(found: queries.Became) -> Relation:
    return Relation(
        edition=found.code.edition.code,
        value=found.code.value,
        name=found.code.name,
        kind=found.kind,
        is_primary=found.is_primary,
    )
