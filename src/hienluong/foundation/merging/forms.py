"""What the pages of merging ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.counter.forms import PaperForm
from hienluong.ui.widgets import TextField


class CodeForm(forms.Form):
    """The code that the account to be kept showed."""

    code = TextField(
        label=_("Mã gộp"),
        max_length=40,
        help_text=_("16 ký tự, hiện ở tài khoản được giữ."),
        error_messages={"required": _("Nhập mã gộp.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "none",
                "class": "govuk-input--width-20",
            }
        ),
    )


class CounterForm(PaperForm):
    """Two accounts of a person whose paper is checked."""

    beside = _("Hai tài khoản")
    kept = TextField(
        label=_("Tên đăng nhập được giữ"), max_length=150, error_messages={"required": _("Nhập tên đăng nhập.")}
    )
    gone = TextField(
        label=_("Tên đăng nhập được gộp vào"),
        max_length=150,
        help_text=_("Đăng nhập cũ này sau đó dẫn vào tài khoản được giữ."),
        error_messages={"required": _("Nhập tên đăng nhập.")},
    )
