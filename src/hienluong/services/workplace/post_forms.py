"""What the clerk types when something travels by post."""

from __future__ import annotations

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.ui.widgets import TextField

#: The operator of the public postal service (Quyết định 45/2016/QĐ-TTg); another may be typed.
PUBLIC_POST = "Tổng công ty Bưu điện Việt Nam"


class PostedInForm(forms.Form):
    """Under which number a dossier came, and when."""

    carrier = TextField(label=_("Đơn vị bưu chính"), max_length=80, initial=PUBLIC_POST)
    number = TextField(label=_("Số hiệu bưu gửi"), help_text=_("Ví dụ EA123456789VN"), max_length=40)
    arrived_on = forms.DateField(label=_("Ngày đến"), help_text=_("Ngày bưu gửi đến bộ phận một cửa."))


class DeliveredForm(forms.Form):
    """What the advice of delivery says."""

    arrived_on = forms.DateField(label=_("Ngày phát"), initial=timezone.localdate)
    recipient = TextField(label=_("Người nhận theo báo phát"), max_length=200)
