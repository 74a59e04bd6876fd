"""What to tell a person when an answer cannot be taken: which question, what is wrong, what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from .properties import Property, type_of, widget_of


def own(prop: Property, keyword: str) -> str:
    """The message the form's author wrote for this keyword, if any."""
    written = prop.get("x-errors")
    return str(written.get(keyword, "")) if isinstance(written, Mapping) else ""


def required(label: str, prop: Property) -> str:
    """Nothing was answered."""
    if text := own(prop, "required"):
        return text
    subject = _lower_first(label)
    if prop.get("x-kind") == "table":
        return _("Thêm ít nhất một dòng vào %(label)s.") % {"label": f"“{label}”"}
    if widget_of(prop) in ("radios", "select", "commune", "checkbox") and type_of(prop) != "boolean":
        return _("Chọn %(subject)s.") % {"subject": subject}
    if type_of(prop) == "boolean":
        return _("Hãy trả lời: %(label)s") % {"label": label}
    return _("Nhập %(subject)s.") % {"subject": subject}


def broken(label: str, prop: Property, keyword: str, limit: object) -> str:
    """An answer that breaks one keyword of its schema."""
    if text := own(prop, keyword):
        return text
    values: dict[str, Any] = {"label": label, "limit": _shown(limit)}
    if keyword == "type":
        return _wrong_type(prop) % values
    if keyword == "format":
        return _wrong_format(str(limit)) % values
    if keyword == "pattern" and (text := _wrong_pattern(widget_of(prop))):
        return text % values
    return _TEXTS.get(keyword, _general)() % values


def _general() -> str:
    return _("%(label)s: nội dung chưa đúng.")


_TEXTS = {
    "minLength": lambda: _("%(label)s phải có ít nhất %(limit)s ký tự."),
    "maxLength": lambda: _("%(label)s không được dài quá %(limit)s ký tự."),
    "minimum": lambda: _("%(label)s phải từ %(limit)s trở lên."),
    "maximum": lambda: _("%(label)s không được quá %(limit)s."),
    "exclusiveMinimum": lambda: _("%(label)s phải lớn hơn %(limit)s."),
    "exclusiveMaximum": lambda: _("%(label)s phải nhỏ hơn %(limit)s."),
    "multipleOf": lambda: _("%(label)s phải là bội số của %(limit)s."),
    "enum": lambda: _("%(label)s: hãy chọn một trong các mục đã cho."),
    "const": lambda: _("%(label)s: hãy đồng ý để tiếp tục."),
    "minItems": lambda: _("%(label)s: chọn hoặc nhập ít nhất %(limit)s mục."),
    "maxItems": lambda: _("%(label)s: không quá %(limit)s mục."),
    "uniqueItems": lambda: _("%(label)s: có mục bị lặp."),
    "pattern": lambda: _("%(label)s chưa đúng dạng."),
}


def _wrong_type(prop: Property) -> str:
    kind = type_of(prop)
    if prop.get("x-kind") == "point":
        return _("%(label)s: ghi vĩ độ, dấu phẩy, kinh độ, ví dụ 16.8163, 107.1003.")
    if kind == "integer":
        return _("%(label)s phải là số nguyên, ví dụ 1.500.000.")
    if kind == "number":
        return _("%(label)s phải là số, ví dụ 12,5.")
    if kind == "boolean":
        return _("%(label)s: hãy chọn có hoặc không.")
    return _general()


def _wrong_format(format_name: str) -> str:
    if format_name == "date":
        return _("%(label)s phải là ngày có thật, ví dụ 23/11/2026.")
    if format_name == "email":
        return _("%(label)s phải là địa chỉ thư điện tử, ví dụ ten@vidu.vn.")
    if format_name == "time":
        return _("%(label)s phải là giờ, ví dụ 07:30.")
    return _general()


def _wrong_pattern(widget: str) -> str:
    if widget == "personal-id":
        return _("%(label)s phải gồm 12 chữ số.")
    if widget == "phone":
        return _("%(label)s phải là số điện thoại 10 chữ số, ví dụ 0912 345 678.")
    return ""


def _lower_first(label: str) -> str:
    """“Họ và tên” → “họ và tên”; an abbreviation stays (“CCCD của mẹ”)."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _shown(limit: object) -> str:
    return f"{limit:,}".replace(",", ".") if isinstance(limit, int) and not isinstance(limit, bool) else str(limit)
