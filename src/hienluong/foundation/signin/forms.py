"""The forms of signing in and of factors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hienluong.ui.widgets import TextField


class CodeForm(forms.Form):
    """A code of an app, or a recovery code."""

    code = TextField(
        label=_("Mã xác nhận"),
        help_text=_("6 chữ số trong ứng dụng tạo mã, hoặc một mã dự phòng 8 chữ số."),
        max_length=20,
        error_messages={"required": _("Nhập mã xác nhận."), "max_length": _("Mã quá dài.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "govuk-input--width-10"}
        ),
    )

    def clean_code(self) -> str:
        """Without the spaces with which codes are shown."""
        return "".join(str(self.cleaned_data["code"]).split())


class NewCodeForm(CodeForm):
    """The first code of an app just connected."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["code"].help_text = _("6 chữ số ứng dụng đang hiện.")


class CredentialField(forms.JSONField):
    """What a browser made with a passkey: good once, so it is never put back into the page."""

    def to_python(self, value: Any) -> Any:
        """The JSON; also what JSON's reader itself trips over is said to be unreadable."""
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Nothing of what was sent."""
        return initial

    def prepare_value(self, value: Any) -> str:
        """An empty box, which the script fills in."""
        return ""


class CredentialForm(forms.Form):
    """What the browser made with a passkey; the script fills it in."""

    credential = CredentialField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Trình duyệt chưa gửi khóa truy cập. Hãy thử lại."),
            "invalid": _("Trình duyệt gửi khóa truy cập không đọc được. Hãy thử lại."),
        },
    )


class NewPasskeyForm(CredentialForm):
    """A passkey and what to call it."""

    name = TextField(
        label=_("Tên của khóa"),
        help_text=_("Để nhận ra về sau, ví dụ “Điện thoại của tôi”."),
        max_length=60,
        error_messages={"required": _("Đặt tên cho khóa."), "max_length": _("Tên dài nhất 60 ký tự.")},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    field_order = ("name", "credential")


class PasskeyNameForm(forms.Form):
    """Another name for a passkey."""

    name = NewPasskeyForm.base_fields["name"]


class PasswordAgainForm(forms.Form):
    """The password, to confirm who is there."""

    password = forms.CharField(
        label=_("Mật khẩu"),
        max_length=1000,
        strip=False,
        error_messages={"required": _("Nhập mật khẩu."), "max_length": _("Mật khẩu quá dài.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "spellcheck": "false"}),
    )


class ReasonForm(forms.Form):
    """Why an administrator does it."""

    reason = TextField(
        label=_("Lý do, cách đã kiểm tra người đề nghị"),
        max_length=500,
        error_messages={"required": _("Phải nêu lý do."), "max_length": _("Lý do quá dài.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
