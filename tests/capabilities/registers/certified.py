"""A register of food premises for tests: its records carry a certificate of three years."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

from hienluong.capabilities.registers.definition import RegisterSpec

PREMISES: dict[str, Any] = {
    "code": "thu.co_so",
    "title": "Cơ sở thực phẩm",
    "version": 1,
    "effective_from": date(2020, 1, 1),
    "owner": "H50.90",
    "schema": {
        "type": "object",
        "properties": {
            "code": {"type": "string", "title": "Mã cơ sở", "pattern": "^C[0-9]{3}$"},
            "name": {"x-kind": "text", "title": "Tên cơ sở"},
            "address": {"x-kind": "text", "title": "Địa chỉ"},
            "owner_number": {"x-kind": "personal-id", "title": "Số định danh chủ cơ sở"},
            "number": {"x-kind": "text", "title": "Số giấy chứng nhận"},
            "issued_on": {"x-kind": "date", "title": "Ngày cấp"},
            "expires_on": {"x-kind": "date", "title": "Có giá trị đến"},
            "suspended": {"x-kind": "period", "title": "Đình chỉ"},
            "status": {
                "type": "string",
                "title": "Tình trạng giấy",
                "enum": ["active", "suspended", "revoked", "ended"],
                "x-enum-labels": {
                    "active": "Còn hiệu lực",
                    "suspended": "Bị đình chỉ",
                    "revoked": "Bị thu hồi",
                    "ended": "Đã chấm dứt",
                },
            },
            "agency": {"type": "string", "title": "Cơ quan quản lý"},
        },
        "required": ["code", "name"],
        "additionalProperties": False,
    },
    "key": {"field": "code"},
    "name": "name",
    "subject": "owner_number",
    "responsible": "agency",
    "access": {
        "responsible": {"read": "*", "write": "*"},
        "subject": {"read": "*"},
        "public": {"read": ["code", "name", "number", "issued_on", "expires_on", "suspended", "status"]},
    },
    "search": ["name"],
    "lists": [{"columns": ["code", "name", "number", "expires_on", "status"], "filters": ["status"], "sort": "name"}],
    "certificate": {
        "title": "Giấy chứng nhận cơ sở đủ điều kiện an toàn thực phẩm",
        "number": "number",
        "series": "{n:02}/{year}/ATTP",
        "holder": "name",
        "issued": "issued_on",
        "expires": "expires_on",
        "standing": "status",
        "suspended": "suspended",
        "standings": {"valid": "active"},
        "validity": {"years": 3},
        "shows": ["code", "address"],
    },
}

GOOD: dict[str, Any] = {"code": "C001", "name": "Quán cơm Thu", "address": "12 Lê Lợi"}


def premises(**changes: Any) -> RegisterSpec:
    """The definition, with parts replaced."""
    return RegisterSpec.model_validate({**deepcopy(PREMISES), **changes})


def with_section(**changes: Any) -> RegisterSpec:
    """The definition, with parts of its section on the certificate replaced."""
    return premises(certificate={**PREMISES["certificate"], **changes})
