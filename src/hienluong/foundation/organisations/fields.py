"""Form fields that know the government: an organisation, an official, the hours of a week, a last day."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import NotFound
from hienluong.ui.widgets import DatePartsField, TextField

from . import queries
from .models import Official, Organization

WEEKDAYS = {
    "mon": gettext_lazy("Thứ Hai"),
    "tue": gettext_lazy("Thứ Ba"),
    "wed": gettext_lazy("Thứ Tư"),
    "thu": gettext_lazy("Thứ Năm"),
    "fri": gettext_lazy("Thứ Sáu"),
    "sat": gettext_lazy("Thứ Bảy"),
    "sun": gettext_lazy("Chủ Nhật"),
}
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:hg]([0-5]\d)", re.ASCII | re.IGNORECASE)
_STRETCH = re.compile(r"(?P<opens>[^-–]+)[-–](?P<closes>[^-–]+)")


#: Most organisations that are offered below a box.
MOST_OFFERED = 300


class OrganizationInput(forms.TextInput):
    """A box that offers the agencies of the province while one types; without JavaScript too."""

    template_name = "organisations/organization_input.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        given = {**(attrs or {}), "list": f"{name}-co-quan", "autocomplete": "off"}
        context = super().get_context(name, value, given)
        return {**context, "offered": self.offered()}

    def offered(self) -> list[str]:
        """What may be chosen, as it is then typed."""
        return list(queries.agencies().order_by("name").values_list("name", flat=True)[:MOST_OFFERED])


class OrganizationCodeField(TextField):
    """An organisation named by its code (either form) or by its full name; empty is None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 200, **kwargs})

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        return _organization(text) if text else None


class OrganizationsField(TextField):
    """Several organisations, one a line, each named by its code or its full name."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 4000, "widget": forms.Textarea({"rows": 3}), **kwargs})

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in re.split(r"[\n;]", super().clean(value))]
        found = [_organization(line) for line in lines if line]
        return list({org.pk: org for org in found}.values())


def _organization(text: str) -> Organization:
    try:
        return queries.named(text)
    except NotFound as error:
        near = queries.in_force().filter(name__icontains=text).order_by("name")[:3] if len(text) > 2 else ()
        meant = "; ".join(each.name for each in near)
        hint = " " + _("Có phải: %(names)s?") % {"names": meant} if meant else ""
        raise ValidationError(f"{error.message}{hint}", code="not_found") from None


class OfficialField(TextField):
    """An official named by their code, or by their full name when only one bears it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 100, **kwargs})

    def clean(self, value: Any) -> Any:
        text = " ".join(super().clean(value).split())
        if not text:
            return None
        by_code = Official.objects.filter(code__iexact=text).first()
        found = [by_code] if by_code else list(Official.objects.filter(full_name__iexact=text)[:2])
        if not found:
            raise ValidationError(_("Không có cán bộ nào như vậy."), code="not_found")
        if len(found) > 1:
            raise ValidationError(_("Có nhiều người cùng tên này. Hãy ghi mã cán bộ."), code="several")
        return found[0]


class StretchesField(TextField):
    """Stretches of a day as people write them: ``07:30-11:30, 13:30-17:00``; empty is a day off."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=80, required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value).replace(" ", "")
        return [self._stretch(part) for part in text.split(",") if part]

    def _stretch(self, part: str) -> tuple[time, time]:
        ends = _STRETCH.fullmatch(part)
        if ends is None:
            raise ValidationError(_("Viết giờ như 07:30-11:30, 13:30-17:00."), code="form")
        return self._clock(ends["opens"]), self._clock(ends["closes"])

    def _clock(self, text: str) -> time:
        found = _CLOCK.fullmatch(text)
        if found is None:
            raise ValidationError(_("Viết giờ như 07:30."), code="clock")
        return time(int(found[1]), int(found[2]))


class DayField(DatePartsField):
    """A day between 1990 and 2100: a slip of the finger is not a day of the government."""

    def __init__(self, **options: Any) -> None:
        wrong = gettext_lazy("Chọn ngày trong khoảng 1990–2100.")
        limits = [MinValueValidator(date(1990, 1, 1), wrong), MaxValueValidator(date(2100, 12, 31), wrong)]
        super().__init__(validators=limits, **options)


class LastDayField(DayField):
    """A last day as people say it; it becomes the first day after it, as ranges are kept."""

    def clean(self, value: Any) -> Any:
        day: date | None = super().clean(value)
        return day + timedelta(days=1) if day else None
