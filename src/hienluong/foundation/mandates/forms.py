"""What the page of appointing asks for."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.fields import DayField, LastDayField
from hienluong.ui.widgets import MoneyField, PatternField, TextField

from .models import Appointment


class AppointForm(forms.Form):
    """Who, as what, for which acts and services, up to which amount, for which days."""

    name = TextField(
        label=_("Họ và tên"), max_length=200, error_messages={"required": _("Nhập họ và tên như trên căn cước.")}
    )
    identifier = PatternField(
        label=_("Số định danh cá nhân"),
        regex=r"^\s*(\d[\s.]*){12}$",
        help_text=_("12 chữ số trên thẻ căn cước của người được cử."),
        error_messages={"required": _("Nhập số định danh."), "invalid": _("Số định danh cá nhân gồm đúng 12 chữ số.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-20"}),
    )
    role = TextField(
        label=_("Chức danh, việc được giao"),
        max_length=100,
        help_text=_("Ví dụ: Kế toán trưởng, Nhân viên hồ sơ."),
        error_messages={"required": _("Ghi chức danh hoặc việc được giao.")},
    )
    acts = forms.MultipleChoiceField(
        label=_("Được làm những việc nào"),
        choices=Appointment.Act.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Chọn ít nhất một việc được làm.")},
    )
    procedures = TextField(
        label=_("Chỉ những thủ tục nào"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Mã ở trang của từng dịch vụ, ví dụ 1.001612; nhiều mã thì cách nhau bằng dấu phẩy. Để trống là mọi thủ tục."
        ),
    )
    most = MoneyField(
        label=_("Mỗi lần nộp không quá (đồng)"), required=False, help_text=_("Để trống là không giới hạn.")
    )
    valid_from = DayField(label=_("Từ ngày"))
    valid_to = LastDayField(
        label=_("Đến hết ngày"), error_messages={"required": _("Nhập ngày cuối cùng được làm thay.")}
    )

    def clean_procedures(self) -> list[str]:
        """The codes, one each."""
        told: Any = self.cleaned_data["procedures"]
        return [code for code in re.split(r"[\s,;]+", str(told)) if code]
