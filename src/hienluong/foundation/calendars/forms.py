"""What the pages of working time ask for."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations.fields import WEEKDAYS as BY_NAME
from hienluong.foundation.organisations.fields import DayField, OrganizationCodeField, StretchesField
from hienluong.foundation.organisations.models import Organization
from hienluong.ui.widgets import TextField

from .deadlines import LONGEST
from .models import SpecialDay

WEEKDAYS = tuple(BY_NAME.values())


class SpecialDayForm(forms.Form):
    """A day that is not what its weekday says."""

    day = DayField(label=gettext_lazy("Ngày"))
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
    valid_from = DayField(label=gettext_lazy("Áp dụng từ ngày"))
    valid_to = DayField(label=gettext_lazy("Đến trước ngày"), required=False)
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

    ngay = DayField(label=gettext_lazy("Ngày nhận hồ sơ"))
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
