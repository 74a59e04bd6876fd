"""A form with one of everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Page:
    id: str
    title: str
    fields: list[str]
    when: str = ""
    help: str = ""


@dataclass
class Form:
    code: str
    title: str
    data_schema: dict[str, Any]
    pages: list[Page]
    rules: list[dict[str, str]] = field(default_factory=list)


FORM = Form(
    code="to-khai",
    title="Tờ khai đăng ký khai sinh",
    data_schema={
        "type": "object",
        "required": ["ho_ten", "ngay_sinh", "gioi_tinh", "cccd", "ket_hon", "ngay_ket_hon", "cam_doan"],
        "properties": {
            "ho_ten": {
                "type": "string",
                "title": "Họ và tên",
                "maxLength": 60,
                "minLength": 2,
                "x-prefill": "party.name",
            },
            "ngay_sinh": {
                "type": "string",
                "format": "date",
                "title": "Ngày sinh",
                "x-prefill": "party.date_of_birth",
            },
            "gioi_tinh": {
                "type": "string",
                "title": "Giới tính",
                "enum": ["nam", "nu"],
                "x-enum-labels": {"nam": "Nam", "nu": "Nữ"},
            },
            "cccd": {
                "type": "string",
                "title": "Số định danh",
                "x-widget": "personal-id",
                "x-prefill": "party.identifier",
            },
            "dien_thoai": {"type": "string", "title": "Điện thoại", "x-widget": "phone", "x-prefill": "party.phone"},
            "thu": {"type": "string", "format": "email", "title": "Thư điện tử"},
            "von": {"type": "integer", "title": "Vốn", "x-widget": "money", "minimum": 1_000_000},
            "dien_tich": {"type": "number", "title": "Diện tích", "exclusiveMinimum": 0},
            "thue": {
                "type": "integer",
                "title": "Lệ phí môn bài",
                "x-widget": "money",
                "x-computed": "von / 100 + (nganh == null ? 0 : size(nganh) * 50000)",
                "maximum": 10**9,
            },
            "dong_gop": {
                "type": "number",
                "title": "Đóng góp mỗi mét vuông",
                "x-computed": "von / dien_tich",
            },
            "han_nop": {"type": "string", "format": "date", "title": "Hạn nộp", "x-computed": "today"},
            "lon": {"type": "boolean", "title": "Vốn lớn", "x-computed": "von > 1000000000", "x-when": "von != null"},
            "ket_hon": {"type": "boolean", "title": "Đã kết hôn", "x-widget": "radios"},
            "ngay_ket_hon": {"type": "string", "format": "date", "title": "Ngày kết hôn", "x-when": "ket_hon"},
            "nganh": {
                "type": "array",
                "title": "Ngành nghề",
                "items": {"type": "string", "enum": ["an", "o", "di"]},
                "x-enum-labels": {"an": "Ăn uống", "o": "Lưu trú", "di": "Vận tải"},
                "uniqueItems": True,
            },
            "ghi_chu": {"type": "string", "title": "Ghi chú", "maxLength": 1000, "x-widget": "textarea"},
            "con": {
                "type": "array",
                "title": "Con",
                "items": {
                    "type": "object",
                    "required": ["ten"],
                    "properties": {"ten": {"type": "string", "title": "Tên"}},
                },
            },
            "cam_doan": {"type": "boolean", "const": True, "title": "Tôi cam đoan"},
        },
    },
    pages=[
        Page("ban-than", "Bản thân", ["ho_ten", "ngay_sinh", "gioi_tinh", "cccd", "dien_thoai", "thu"]),
        Page("hon-nhan", "Hôn nhân", ["ket_hon", "ngay_ket_hon"], when="age(ngay_sinh) >= 18"),
        Page(
            "viec-lam",
            "Việc làm",
            ["von", "dien_tich", "nganh", "ghi_chu", "con", "thue", "dong_gop", "han_nop", "lon"],
        ),
        Page("cam-doan", "Cam đoan", ["cam_doan"]),
    ],
    rules=[
        {
            "when": "ngay_ket_hon > ngay_sinh",
            "field": "ngay_ket_hon",
            "message": "Ngày kết hôn phải sau ngày sinh.",
        }
    ],
)

GOOD = {
    "ho_ten": "Nguyễn Thị Hiền",
    "ngay_sinh": "02/09/1990",
    "gioi_tinh": "nu",
    "cccd": "045 190 012 345",
    "dien_thoai": "+84 912 345 678",
    "von": "15.000.000 đ",
    "dien_tich": "12,5",
    "ket_hon": "true",
    "ngay_ket_hon": "1/1/2015",
    "nganh": ["an", "o"],
    "cam_doan": "on",
}

#: Fields that hang on one another: rules, demands, what is computed from what is computed.
HANGING = Form(
    code="tron-vong",
    title="Khai lệ phí",
    data_schema={
        "type": "object",
        "required": ["so_nguoi"],
        "properties": {
            "so_nguoi": {"type": "integer", "title": "Số người", "minimum": 1, "maximum": 50},
            "muc": {"type": "string", "title": "Mức", "enum": ["thap", "cao"]},
            "tien": {"type": "integer", "title": "Tiền", "x-computed": "so_nguoi == null ? 0 : so_nguoi * 1000"},
            "tong": {"type": "integer", "title": "Tổng", "x-computed": "tien + 500", "maximum": 40_000},
            "da_nop": {"type": "integer", "title": "Đã nộp", "minimum": 0},
            "giay": {"type": "string", "title": "Số giấy", "maxLength": 5},
            "ly_do": {"type": "string", "title": "Lý do"},
        },
        "allOf": [
            {"if": {"properties": {"muc": {"const": "cao"}}, "required": ["muc"]}, "then": {"required": ["giay"]}},
            {"if": {"properties": {"so_nguoi": {"maximum": 9}}}, "then": {"required": ["ly_do"]}},
        ],
    },
    pages=[Page("mot", "Một", ["so_nguoi", "muc", "tien", "tong", "da_nop", "giay", "ly_do"])],
    rules=[
        {"when": "da_nop >= tien", "field": "da_nop", "message": "Nộp chưa đủ tiền."},
        {"when": "da_nop <= tong", "field": "so_nguoi", "message": "Nộp quá tổng."},
    ],
)
