"""Form fields and widgets that Django does not have: a date in three boxes, an amount of đồng."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from . import money

_WHOLE_DATE = re.compile(r"\s*(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})\s*")
_ISO_DATE = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*")

Parts = tuple[str, str, str]


class TextField(forms.CharField):
    """A text as people type it, kept with composed letters (NFC) whichever keyboard typed it.

    Marks that no one sees and no text of the database can hold (NUL) are refused with words.
    """

    default_error_messages: ClassVar[dict[str, Any]] = {
        "null_characters_not_allowed": _("Có ký tự lạ không nhìn thấy được. Hãy xóa đi rồi gõ lại."),
    }

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFC", str(super().to_python(value) or ""))


class PatternField(forms.RegexField):
    """A text that must match `regex`; digits are the ten ASCII ones."""

    default_error_messages: ClassVar[dict[str, Any]] = TextField.default_error_messages

    def __init__(self, regex: str, **kwargs: Any) -> None:
        super().__init__(re.compile(regex, re.ASCII), **kwargs)


class DateParts(forms.Widget):
    """Day, month and year in three boxes named ``x_day``, ``x_month``, ``x_year``.

    A whole date posted under the plain name (``23/11/2026`` or ISO) is understood too. What was typed is shown
    again as it was.
    """

    template_name = "ui/widgets/date_parts.html"
    suffixes: ClassVar[tuple[str, str, str]] = ("day", "month", "year")

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        return f"{id_}_day" if id_ else ""

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, UploadedFile[Any]], name: str
    ) -> str | None:
        parts = [str(data.get(f"{name}_{suffix}", "")).strip() for suffix in self.suffixes]
        if any(parts):
            return "/".join(parts)
        whole = data.get(name)
        return str(whole) if whole else None

    def value_omitted_from_data(
        self, data: Mapping[str, Any], files: MultiValueDict[str, UploadedFile[Any]], name: str
    ) -> bool:
        return name not in data and all(f"{name}_{suffix}" not in data for suffix in self.suffixes)

    def parts(self, value: object) -> Parts:
        """Day, month and year as texts for the three boxes."""
        if isinstance(value, date):
            return (str(value.day), str(value.month), str(value.year))
        text = str(value or "")
        if found := _WHOLE_DATE.fullmatch(text):
            return (found[1], found[2], found[3])
        if found := _ISO_DATE.fullmatch(text):
            return (str(int(found[3])), str(int(found[2])), found[1])
        pieces = [piece.strip() for piece in text.split("/", 2)]
        day, month, year = pieces + [""] * (3 - len(pieces))
        return (day, month, year)

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        labels = (_("Ngày"), _("Tháng"), _("Năm"))
        base = (attrs or {}).get("id") or f"id_{name}"
        faulty = str((attrs or {}).get("faulty", "")).split()
        context["widget"]["boxes"] = [
            {
                "name": f"{name}_{suffix}",
                "id": f"{base}_{suffix}",
                "label": label,
                "value": part,
                "width": 4 if suffix == "year" else 2,
                "autocomplete": f"bday-{suffix}" if self.attrs.get("autocomplete") == "bday" else "",
                "faulty": suffix in faulty,
            }
            for suffix, label, part in zip(self.suffixes, labels, self.parts(value), strict=True)
        ]
        return context


class DatePartsField(forms.DateField):
    """A date typed in three boxes; says which part is missing or impossible."""

    widget = DateParts
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Nhập ngày, tháng, năm."),
        "invalid": _("Nhập ngày có thật, ví dụ 23 11 2026."),
        "day": _("Nhập ngày."),
        "month": _("Nhập tháng."),
        "year": _("Nhập năm."),
        "year_digits": _("Năm phải có 4 chữ số."),
    }

    def to_python(self, value: object) -> date | None:
        if value is None or isinstance(value, date):
            return super().to_python(value)
        day, month, year = DateParts().parts(value)
        if not (day or month or year):
            return None
        for part, code in ((day, "day"), (month, "month"), (year, "year")):
            if not part:
                raise ValidationError(self.error_messages[code], code=code)
        if not all(part.isascii() and part.isdigit() for part in (day, month, year)):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if len(year) != 4:
            raise ValidationError(self.error_messages["year_digits"], code="year_digits")
        try:
            return date(int(year), int(month), int(day))
        except (ValueError, OverflowError):  # of no calendar, or of no machine's numbers
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class WholeInput(forms.TextInput):
    """A text box for a whole number, shown grouped (1.500)."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off", **(attrs or {})})

    def format_value(self, value: object) -> str | None:
        if isinstance(value, int):
            return money.grouped(value)
        return None if value in (None, "") else str(value)


class MoneyInput(WholeInput):
    """A text box for whole đồng, shown grouped (1.500.000) with the unit beside it."""


_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([., ])\d{3}(?:\1\d{3})*", re.ASCII)


class WholeField(forms.IntegerField):
    """A whole number as people write it: “1.000”, “1 000” and “1000” are a thousand; “1.5” is refused, not cut."""

    widget = WholeInput

    def to_python(self, value: object) -> int | None:
        typed = " ".join(value.split()) if isinstance(value, str) else value
        if isinstance(typed, str) and _GROUPED.fullmatch(typed):
            typed = re.sub(r"[., ]", "", typed)
        elif isinstance(typed, str) and re.search(r"[.,]", typed):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(typed)


class MoneyField(forms.Field):
    """Whole đồng; accepts “1.500.000”, “1500000 đ”. Limits in đồng, inclusive."""

    widget = MoneyInput
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Nhập số tiền bằng số, ví dụ 1.500.000."),
        "min_value": _("Số tiền phải từ %(limit)s trở lên."),
        "max_value": _("Số tiền không được quá %(limit)s."),
    }

    def __init__(self, *, min_value: int = 0, max_value: int = 999_999_999_999, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.min_value = min_value
        self.max_value = max_value

    def to_python(self, value: object) -> int | None:
        if value in self.empty_values:
            return None
        try:
            amount = money.parse(str(value))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if amount < self.min_value:
            raise ValidationError(
                self.error_messages["min_value"], code="min_value", params={"limit": money.dong(self.min_value)}
            )
        if amount > self.max_value:
            raise ValidationError(
                self.error_messages["max_value"], code="max_value", params={"limit": money.dong(self.max_value)}
            )
        return amount
