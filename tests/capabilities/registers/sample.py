"""A register of wells for tests: a field of most kinds."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.foundation.actions import Actor, Grant
from hienluong.foundation.organisations.models import Organization

WELLS: dict[str, Any] = {
    "code": "thu.gieng",
    "title": "Giếng khoan",
    "version": 1,
    "effective_from": date(2020, 1, 1),
    "owner": "H50.90",
    "schema": {
        "type": "object",
        "properties": {
            "code": {"type": "string", "title": "Số giấy phép", "pattern": "^G[0-9]{3}$"},
            "name": {"x-kind": "text", "title": "Tên giếng"},
            "depth": {"x-kind": "number", "title": "Độ sâu (m)", "minimum": 0, "maximum": 500},
            "flow": {"x-kind": "quantity", "title": "Lưu lượng", "x-units": ["m3/ngày", "l/s"]},
            "fee": {"x-kind": "money", "title": "Tiền cấp quyền"},
            "licence": {"x-kind": "period", "title": "Thời hạn"},
            "owner_number": {"x-kind": "personal-id", "title": "Số định danh chủ giếng"},
            "place": {"x-kind": "point", "title": "Vị trí"},
            "agency": {"type": "string", "title": "Cơ quan quản lý"},
            "tests": {
                "x-kind": "table",
                "title": "Các lần thử nước",
                "items": {
                    "type": "object",
                    "properties": {
                        "day": {"x-kind": "date", "title": "Ngày"},
                        "iron": {"x-kind": "number", "title": "Sắt (mg/l)"},
                    },
                    "required": ["day"],
                },
            },
            "deep": {"x-kind": "flag", "title": "Giếng sâu"},
            "note": {"x-kind": "rich", "title": "Ghi chú nội bộ"},
        },
        "required": ["code", "name"],
        "additionalProperties": False,
    },
    "key": {"field": "code"},
    "name": "name",
    "subject": "owner_number",
    "responsible": "agency",
    "computed": {"deep": "depth != null && depth > 100.0"},
    "rules": [
        {
            "when": "fee == null || fee == 0 || owner_number != null",
            "field": "owner_number",
            "message": "Có tiền thì phải có chủ.",
        }
    ],
    "access": {
        "responsible": {"read": "*", "write": "*"},
        "owner": {"read": ["code", "name", "depth", "flow", "place", "agency", "deep"], "write": []},
        "subject": {"read": ["code", "name", "licence", "fee"]},
        "public": {"read": ["code", "name", "place"]},
    },
    "search": ["name", "note"],
    "index": ["depth"],
    "lists": [{"columns": ["code", "name", "depth"], "filters": ["deep"], "sort": "-depth"}],
    "map": "place",
}

GOOD: dict[str, Any] = {
    "code": "G001",
    "name": "Giếng chợ Đông Hà",
    "depth": 120.5,
    "flow": {"value": 12, "unit": "m3/ngày"},
    "place": {"type": "Point", "coordinates": [107.1, 16.8]},
    "tests": [{"day": "2026-01-05", "iron": 0.2}],
}


def wells(**changes: Any) -> RegisterSpec:
    """The definition, with parts replaced."""
    return RegisterSpec.model_validate({**deepcopy(WELLS), **changes})


def organization(code: str, parent: Organization | None = None) -> Organization:
    """An organisation with its path."""
    made = Organization.objects.create(
        code=code, kind="department", name=f"Cơ quan {code}", parent=parent, valid=DateRange(date(2020, 1, 1), None)
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    return made


def official(place: Organization, *verbs: str) -> Actor:
    """An official with these verbs of registers at an organisation."""
    may = frozenset(f"registers.{verb}" for verb in verbs)
    grant = Grant(may, place.pk, place.path, f"Chức vụ tại {place.name}")
    return Actor(kind="account", label="Cán bộ thử", organization_id=place.pk, grants=(grant,))
