"""The forms of the accountant: what they type is limited, kept when it is wrong, and never holds a NUL."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Organization
from hienluong.ui.widgets import DatePartsField, PatternField, TextField


class ReasonForm(forms.Form):
    """Why money goes back."""

    reason = TextField(label=_("Lý do hoàn trả"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class TransactionForm(forms.Form):
    """Under which transaction money went back."""

    transaction = TextField(label=_("Mã giao dịch đã chuyển trả"), max_length=80)


class AssignForm(forms.Form):
    """Which charge the money is for."""

    reference = TextField(label=_("Mã khoản thu"), help_text=_("Ví dụ HL23456789AB"), max_length=20)
    note = TextField(label=_("Ghi chú"), required=False, max_length=2000)


class NoteForm(forms.Form):
    """An explanation, or why money is sent back."""

    note = TextField(label=_("Lý do, giải trình"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class AccountForm(forms.Form):
    """The account of an organisation from a day on."""

    organization = TextField(label=_("Mã cơ quan"), help_text=_("Ví dụ H50.31"), max_length=35)
    bank = PatternField(
        label=_("Mã ngân hàng (BIN NAPAS)"),
        help_text=_("6 chữ số, ví dụ 970436"),
        regex=r"^\d{6}$",
        error_messages={"invalid": _("Hãy nhập 6 chữ số.")},
    )
    bank_name = TextField(label=_("Tên ngân hàng"), max_length=100)
    account = PatternField(
        label=_("Số tài khoản"),
        regex=r"^[0-9A-Za-z]{1,19}$",
        error_messages={"invalid": _("Hãy nhập 1 đến 19 chữ số, không dấu cách.")},
    )
    name = TextField(label=_("Tên chủ tài khoản"), max_length=100)
    valid_from = DatePartsField(label=_("Áp dụng từ ngày"))
    legal_basis = TextField(label=_("Căn cứ"), required=False, max_length=300)

    def clean_organization(self) -> Organization:
        """The organisation with this code."""
        found = Organization.objects.filter(code=self.cleaned_data["organization"].upper()).first()
        if found is None:
            raise forms.ValidationError(_("Không có cơ quan nào mang mã này."))
        return found
