"""What the pages of working time ask for."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import NotFound
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations.models import Organization
from hienluong.ui.widgets import DatePartsField, TextField

from .deadlines import LONGEST
from .models import SpecialDay

WEEKDAYS = (
    gettext_lazy("Thứ Hai"),
    gettext_lazy("Thứ Ba"),
    gettext_lazy("Thứ Tư"),
    gettext_lazy("Thứ Năm"),
    gettext_lazy("Thứ Sáu"),
    gettext_lazy("Thứ Bảy"),
    gettext_lazy("Chủ Nhật"),
)
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:hg]([0-5]\d)", re.ASCII | re.IGNORECASE)
_STRETCH = re.compile(r"(?P<opens>[^-–]+)[-–](?P<closes>[^-–]+)")


class OrganizationCodeField(TextField):
    """An organisation named by its code; empty is None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=35, **kwargs)

    def clean(self, value: Any) -> Any:
        code = super().clean(value).strip().upper()
        if not code:
            return None
        try:
            return organisations.current(code)
        except NotFound as error:
            raise ValidationError(str(error.message), code="not_found") from None


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


def _day_field(**options: Any) -> DatePartsField:
    """A day between 1990 and 2100: a slip of the finger is not a calendar."""
    wrong = gettext_lazy("Chọn ngày trong khoảng 1990–2100.")
    limits = [MinValueValidator(date(1990, 1, 1), wrong), MaxValueValidator(date(2100, 12, 31), wrong)]
    return DatePartsField(validators=limits, **options)


class SpecialDayForm(forms.Form):
    """A day that is not what its weekday says."""

    day = _day_field(label=gettext_lazy("Ngày"))
    kind = forms.ChoiceField(
        label=gettext_lazy("Ngày này là"), choices=SpecialDay.Kind.choices, widget=forms.RadioSelect
    )
    name = TextField(label=gettext_lazy("Lý do"), max_length=120)
    organization = OrganizationCodeField(
        label=gettext_lazy("Mã cơ quan"),
        required=False,
        help_text=gettext_lazy("Để trống nếu áp dụng cho cả tỉnh. Áp dụng cho cả các đơn vị trực thuộc."),
    )
    legal_basis = TextField(label=gettext_lazy("Căn cứ pháp lý"), required=False, max_length=200)
    like_weekday = forms.TypedChoiceField(
        label=gettext_lazy("Nếu làm bù: theo giờ của"), choices=list(enumerate(WEEKDAYS)), coerce=int, initial=0
    )


class WeekForm(forms.Form):
    """Weekly working time from a day on."""

    name = TextField(label=gettext_lazy("Tên lịch"), max_length=120)
    organization = OrganizationCodeField(
        label=gettext_lazy("Mã cơ quan"), required=False, help_text=gettext_lazy("Để trống nếu áp dụng cho cả tỉnh.")
    )
    valid_from = _day_field(label=gettext_lazy("Áp dụng từ ngày"))
    valid_to = _day_field(label=gettext_lazy("Đến trước ngày"), required=False)
    legal_basis = TextField(label=gettext_lazy("Căn cứ pháp lý"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for weekday, label in enumerate(WEEKDAYS):
            self.fields[f"hours_{weekday}"] = StretchesField(
                label=label, help_text=_("Ví dụ 07:30-11:30, 13:30-17:00. Để trống nếu nghỉ.") if weekday == 0 else ""
            )

    def week(self) -> dict[int, list[tuple[time, time]]]:
        """The working time that was typed, by weekday."""
        return {weekday: self.cleaned_data[f"hours_{weekday}"] for weekday in range(7)}

    def hours(self) -> list[forms.BoundField]:
        """The seven fields of the week."""
        return [self[f"hours_{weekday}"] for weekday in range(7)]


class TryForm(forms.Form):
    """A deadline to reckon."""

    ngay = _day_field(label=gettext_lazy("Ngày nhận hồ sơ"))
    gio = forms.TimeField(
        label=gettext_lazy("Giờ nhận"), initial="09:00", input_formats=["%H:%M"], help_text=gettext_lazy("Ví dụ 14:30.")
    )
    so = forms.IntegerField(label=gettext_lazy("Thời hạn"), min_value=0, max_value=LONGEST, initial=5)
    don_vi = forms.ChoiceField(
        label=gettext_lazy("Tính theo"),
        choices=(
            ("working_day", gettext_lazy("ngày làm việc")),
            ("working_hour", gettext_lazy("giờ làm việc")),
            ("calendar_day", gettext_lazy("ngày (kể cả ngày nghỉ)")),
        ),
    )
    co_quan = OrganizationCodeField(
        label=gettext_lazy("Mã cơ quan"), required=False, help_text=gettext_lazy("Để trống: lịch chung của tỉnh.")
    )
    sau_15h = forms.BooleanField(
        label=gettext_lazy("Nhận sau 15:00 thì tính từ ngày làm việc tiếp theo"), required=False, initial=True
    )

    def start(self) -> datetime:
        """When the period begins."""
        day: date = self.cleaned_data["ngay"]
        return datetime.combine(day, self.cleaned_data["gio"], tzinfo=timezone.get_default_timezone())

    def organization(self) -> Organization:
        """Whose calendar to use."""
        chosen: Organization | None = self.cleaned_data["co_quan"]
        return chosen or organisations.province()
