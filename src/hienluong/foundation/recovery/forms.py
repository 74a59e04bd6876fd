"""What the pages of getting back in ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.signin.forms import NewPasskeyForm
from hienluong.ui.widgets import TextField

_DIGITS = {"inputmode": "numeric", "autocomplete": "off", "class": "govuk-input--width-10"}


class WhoForm(forms.Form):
    """Which account was lost."""

    who = TextField(
        label=_("Tên đăng nhập hoặc số định danh cá nhân"),
        max_length=150,
        error_messages={"required": _("Nhập tên đăng nhập hoặc số định danh.")},
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )


class TwoCodesForm(forms.Form):
    """The code of the mail, and a recovery code."""

    mailed = TextField(
        label=_("Mã trong thư điện tử"),
        help_text=_("8 chữ số, dùng được trong 30 phút."),
        max_length=20,
        error_messages={"required": _("Nhập mã trong thư.")},
        widget=forms.TextInput(attrs={**_DIGITS, "autocomplete": "one-time-code"}),
    )
    recovery_code = TextField(
        label=_("Một mã dự phòng"),
        help_text=_("8 chữ số, trong danh sách bạn đã in hoặc chép khi tạo mã dự phòng."),
        max_length=20,
        error_messages={"required": _("Nhập một mã dự phòng.")},
        widget=forms.TextInput(attrs=_DIGITS),
    )


class EntryForm(forms.Form):
    """A one-time code and whose it is."""

    code = TextField(
        label=_("Mã một lần"),
        help_text=_(
            "16 ký tự trên giấy được cấp, ví dụ abcd-efgh-jkmn-pqrs. Gõ hoa hay thường, có hay không có gạch đều được."
        ),
        max_length=40,
        error_messages={"required": _("Nhập mã một lần.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "none",
                "class": "govuk-input--width-20",
            }
        ),
    )
    who = TextField(
        label=_("Số định danh cá nhân, hoặc tên đăng nhập"),
        help_text=_("12 chữ số trên thẻ căn cước. Cán bộ nhập tên đăng nhập."),
        max_length=150,
        error_messages={"required": _("Nhập số định danh hoặc tên đăng nhập.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class PasswordForm(forms.Form):
    """The password to come, twice; with the first code, also the name to sign in with."""

    username = TextField(
        label=_("Tên đăng nhập"),
        help_text=_("Chữ không dấu, chữ số; số điện thoại cũng được. Bạn sẽ gõ tên này mỗi lần đăng nhập."),
        max_length=150,
        error_messages={"required": _("Chọn tên đăng nhập.")},
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none"}),
    )
    new = forms.CharField(
        label=_("Mật khẩu mới"),
        strip=False,
        max_length=1000,
        error_messages={"required": _("Nhập mật khẩu mới.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Ít nhất 12 ký tự; một câu bốn, năm từ không liên quan nhau là tốt. Không dùng tên, ngày sinh, tên cơ quan."
        ),
    )
    again = forms.CharField(
        label=_("Nhập lại mật khẩu mới"),
        strip=False,
        max_length=1000,
        error_messages={"required": _("Nhập lại mật khẩu mới.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not first:
            del self.fields["username"]

    def clean(self) -> dict[str, Any]:
        """Both times the same."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("new") and cleaned.get("again") and cleaned["new"] != cleaned["again"]:
            self.add_error("again", _("Hai lần nhập mật khẩu mới không giống nhau."))
        return cleaned


class PasskeyForm(NewPasskeyForm):
    """A passkey instead of a password; with the first code, also the name to sign in with."""

    username = PasswordForm.base_fields["username"]

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not first:
            del self.fields["username"]
