"""What the pages of the government ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.ui.widgets import DatePartsField, TextField


class DayForm(forms.Form):
    """A day on which to look, and words to look for."""

    ngay = DatePartsField(label=_("Xem bộ máy vào ngày"), required=False)
    q = TextField(
        label=_("Tìm cơ quan"),
        required=False,
        max_length=100,
        help_text=_("Tên có dấu hoặc không dấu, hoặc mã định danh."),
    )
