"""What is wrong with a specification's shape, in Vietnamese, for the rows of an import and the lines of a pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _


def words(kind: str, context: Mapping[str, object]) -> str:
    """One fault that pydantic found (its `type` and `ctx`), as a sentence that says what would be right."""
    if kind == "value_error":
        return str(context.get("error", "")) or _("Nội dung chưa đúng.")
    if kind in _TYPES:
        return _TYPES[kind]()
    if kind == "literal_error":
        expected = str(context.get("expected", "")).replace(" or ", ", ")
        return _("Phải là một trong: %(expected)s.") % {"expected": expected}
    written = _SAYS.get(kind)
    return written() % context if written else _("Nội dung chưa đúng.")


def place(path: Sequence[str | int]) -> str:
    """Which item of a list a fault lies in: “mục 3”; empty outside lists. The column's heading says the rest."""
    numbers = [part + 1 for part in path if isinstance(part, int)]
    return ", ".join(_("mục %(number)d") % {"number": number} for number in numbers)


_SAYS = {
    "missing": lambda: _("Thiếu phần này."),
    "extra_forbidden": lambda: _("Quy cách không có phần này."),
    "string_pattern_mismatch": lambda: _("Không đúng dạng %(pattern)s."),
    "string_too_short": lambda: _("Phải có ít nhất %(min_length)s ký tự."),
    "string_too_long": lambda: _("Không được dài quá %(max_length)s ký tự."),
    "too_short": lambda: _("Phải có ít nhất %(min_length)s mục."),
    "too_long": lambda: _("Không được quá %(max_length)s mục."),
    "greater_than": lambda: _("Phải lớn hơn %(gt)s."),
    "greater_than_equal": lambda: _("Phải từ %(ge)s trở lên."),
    "less_than": lambda: _("Phải nhỏ hơn %(lt)s."),
    "less_than_equal": lambda: _("Không được quá %(le)s."),
    "int_from_float": lambda: _("Phải là số nguyên."),
    "decimal_max_places": lambda: _("Không được quá %(decimal_places)s chữ số sau dấu phẩy."),
    "finite_number": lambda: _("Phải là số hữu hạn."),
    "date_from_datetime_inexact": lambda: _("Phải là ngày, ví dụ 01/07/2025."),
}
_TYPES = {
    "string_type": lambda: _("Phải là chữ."),
    "int_type": lambda: _("Phải là số nguyên."),
    "int_parsing": lambda: _("Phải là số nguyên."),
    "decimal_type": lambda: _("Phải là số."),
    "decimal_parsing": lambda: _("Phải là số."),
    "float_type": lambda: _("Phải là số."),
    "float_parsing": lambda: _("Phải là số."),
    "bool_type": lambda: _("Phải là có hoặc không."),
    "bool_parsing": lambda: _("Phải là có hoặc không."),
    "date_type": lambda: _("Phải là ngày, ví dụ 01/07/2025."),
    "date_parsing": lambda: _("Phải là ngày, ví dụ 01/07/2025."),
    "date_from_datetime_parsing": lambda: _("Phải là ngày, ví dụ 01/07/2025."),
    "list_type": lambda: _("Phải là một danh sách."),
    "dict_type": lambda: _("Phải là một đối tượng."),
    "model_type": lambda: _("Phải là một đối tượng."),
    "model_attributes_type": lambda: _("Phải là một đối tượng."),
}
