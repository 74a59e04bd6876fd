"""The sign-in form."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.ui.widgets import TextField

from .throttle import normal_username


class SignInForm(forms.Form):
    """Account name and password; whether they are right is not this form's business."""

    username = TextField(
        label=_("Tên đăng nhập"),
        max_length=150,
        error_messages={"required": _("Nhập tên đăng nhập."), "max_length": _("Tên đăng nhập quá dài.")},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Mật khẩu"),
        max_length=1000,
        strip=False,
        error_messages={"required": _("Nhập mật khẩu."), "max_length": _("Mật khẩu quá dài.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "spellcheck": "false"}),
    )

    def clean_username(self) -> str:
        """The spelling under which accounts are kept."""
        return normal_username(str(self.cleaned_data["username"]))
