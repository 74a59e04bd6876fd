"""The catalogue over HTTP: open to everyone, for portals, other systems and the national shapes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from . import national, queries
from .models import Procedure, ProcedureVersion

router = Router(tags=["Thủ tục hành chính"])

PAGE_SIZE = 20


class CatalogueQuery(Schema):
    """What to look for; every part is optional."""

    q: str = Field("", max_length=200, description="Tên, mã, từ khóa; có dấu hay không dấu")
    field: str = Field("", max_length=20, description="Mã lĩnh vực")
    online_level: Literal["", "full", "partial", "information"] = ""
    life_event: str = Field("", max_length=40)
    applicant: Literal["", "citizen", "enterprise", "household"] = ""
    agency_level: Literal["", "province", "department", "district", "commune"] = ""
    agency_key: str = Field("", max_length=20)
    complete: bool | None = None
    page: int = Field(1, ge=1, le=10_000)
    page_size: int = Field(PAGE_SIZE, ge=1, le=100)


class Entry(Schema):
    """One procedure in a list."""

    code: str
    name: str
    field: str
    field_name: str
    online_level: str
    level_2022: int
    agency_level: str
    agency_key: str
    applicants: list[str]
    life_events: list[str]
    state: str
    complete: bool
    generated: bool = Field(description="Mục thử, không phải thủ tục có thật")


class Listing(Schema):
    """One page of the catalogue."""

    count: int
    page: int
    page_size: int
    items: list[Entry]


class Detail(Schema):
    """A procedure as it holds on a day."""

    entry: Entry
    version: int
    valid_from: date
    valid_to: date | None = Field(description="Ngày cuối còn hiệu lực")
    replaced_by: str | None
    specification: dict[str, Any]


class Heading(Schema):
    """A heading with the number of procedures below it."""

    code: str
    label: str
    count: int


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str = ""


@router.get("/procedures", response=Listing, operation_id="listProcedures", summary="Danh mục thủ tục")
def list_procedures(request: HttpRequest, wanted: Query[CatalogueQuery]) -> dict[str, Any]:
    """Public procedures by name."""
    found = queries.catalogue(
        queries.CatalogueFilter(
            text=wanted.q,
            field=wanted.field,
            online_level=wanted.online_level,
            life_event=wanted.life_event,
            applicant=wanted.applicant,
            agency_level=wanted.agency_level,
            agency_key=wanted.agency_key,
            complete=wanted.complete,
        )
    )
    start = (wanted.page - 1) * wanted.page_size
    items = [entry_of(procedure) for procedure in found[start : start + wanted.page_size]]
    return {"count": found.count(), "page": wanted.page, "page_size": wanted.page_size, "items": items}


@router.get("/procedures/fields", response=list[Heading], operation_id="listFields", summary="Lĩnh vực")
def list_fields(request: HttpRequest) -> list[queries.Counted]:
    """Fields with the number of public procedures."""
    return queries.fields_with_counts()


@router.get(
    "/procedures/life-events", response=list[Heading], operation_id="listLifeEvents", summary="Sự kiện đời sống"
)
def list_life_events(request: HttpRequest) -> list[queries.Counted]:
    """Life events with the number of public procedures."""
    return queries.life_events_with_counts()


@router.get(
    "/procedures/{code}",
    response={200: Detail, 404: Problem},
    operation_id="getProcedure",
    summary="Một thủ tục vào một ngày",
)
def get_procedure(request: HttpRequest, code: str, on: date | None = None) -> dict[str, Any]:
    """The version that holds on a day, today when none is given."""
    procedure = queries.procedure(code)
    version = queries.version_on(code, on or timezone.localdate())
    return {
        "entry": entry_of(procedure),
        "version": version.number,
        "valid_from": version.valid.lower,
        "valid_to": _last_day(version),
        "replaced_by": procedure.replaced_by.code if procedure.replaced_by else None,
        "specification": version.spec_json,
    }


@router.get("/national/procedures", operation_id="layDanhSachTTHC", summary="LayDanhSachTTHC", response=dict[str, Any])
def lay_danh_sach_tthc(request: HttpRequest, page: int = Query(1, ge=1, le=10_000)) -> dict[str, Any]:  # type: ignore[type-arg]
    """The list in the national shape, a thousand a page; trial entries are left out."""
    found = queries.catalogue(queries.CatalogueFilter(generated=False))
    rows = found[(page - 1) * 1000 : page * 1000]
    return {"error_code": "0", "result": [national.list_entry(procedure) for procedure in rows]}


@router.get(
    "/national/procedures/{code}",
    operation_id="layThuTuc",
    summary="LayThuTuc",
    response={200: dict[str, Any], 404: Problem},
)
def lay_thu_tuc(request: HttpRequest, code: str) -> dict[str, Any]:
    """One procedure in the national shape."""
    queries.procedure(code)
    return {"error_code": "0", "result": [national.to_national(queries.current_version(code).spec)]}


def entry_of(procedure: Procedure) -> dict[str, Any]:
    """A procedure as lists show it."""
    return {
        "code": procedure.code,
        "name": procedure.name,
        "field": procedure.field_id,
        "field_name": procedure.field.name,
        "online_level": procedure.online_level,
        "level_2022": procedure.level_2022,
        "agency_level": procedure.agency_level,
        "agency_key": procedure.agency_key,
        "applicants": procedure.applicants,
        "life_events": procedure.life_events,
        "state": procedure.state,
        "complete": procedure.complete,
        "generated": procedure.generated,
    }


def _last_day(version: ProcedureVersion) -> date | None:
    upper: date | None = version.valid.upper
    return upper - timedelta(days=1) if upper else None
