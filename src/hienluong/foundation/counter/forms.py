"""What the pages of the counter ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.fields import LastDayField
from hienluong.foundation.people.models import Party
from hienluong.ui.widgets import DatePartsField, TextField

from . import card
from .checks import Seen
from .models import IdentityCheck

#: What the paper says of the person, in the order of the boxes.
_OF_PERSON = ("identifier", "number", "name", "date_of_birth", "sex", "address")


class PaperForm(forms.Form):
    """An identity paper that an official holds in hand."""

    #: The heading above what is asked beside the paper and the person on it.
    beside: str | Promise = ""
    paper = forms.ChoiceField(
        label=_("Loại giấy tờ"),
        choices=IdentityCheck.Paper.choices,
        initial=IdentityCheck.Paper.CARD,
        widget=forms.RadioSelect,
    )
    how = forms.ChoiceField(
        label=_("Kiểm tra thế nào"),
        choices=IdentityCheck.How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Chọn cách kiểm tra.")},
    )
    qr = TextField(
        label=_("Mã QR trên thẻ"),
        required=False,
        max_length=card.MOST,
        help_text=_("Đặt con trỏ vào đây rồi quét thẻ; bấm “Đọc mã QR” để điền các ô dưới."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    identifier = TextField(
        label=_("Số định danh cá nhân"),
        max_length=30,
        error_messages={"required": _("Nhập số định danh.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "govuk-input--width-20"}),
    )
    number = TextField(
        label=_("Số của giấy tờ, nếu khác số định danh"),
        required=False,
        max_length=30,
        help_text=_("Hộ chiếu thì ghi số hộ chiếu."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "govuk-input--width-20"}),
    )
    name = TextField(
        label=_("Họ và tên"), max_length=200, error_messages={"required": _("Nhập họ và tên như trên giấy tờ.")}
    )
    date_of_birth = DatePartsField(label=_("Ngày sinh"), required=False)

    def parts(self) -> list[tuple[str | Promise, list[BoundField]]]:
        """The boxes below the QR code, by what they are about: each part with its heading."""
        rest = [name for name in self.fields if name not in ("qr", "paper", "how", *_OF_PERSON)]
        parts = [
            (_("Giấy tờ"), ("paper", "how")),
            (_("Người trên giấy tờ"), _OF_PERSON),
            (self.beside, rest),
        ]
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in parts if names]

    def seen(self) -> Seen:
        """The paper as it was typed."""
        given = self.cleaned_data
        return Seen(
            paper=given["paper"],
            number=given["number"],
            how=given["how"],
            name=given["name"],
            identifier=given["identifier"],
            date_of_birth=given["date_of_birth"],
            qr=given["qr"],
        )

    @staticmethod
    def from_card(read: card.Card) -> dict[str, Any]:
        """What the boxes hold after a card was scanned."""
        return {
            "paper": IdentityCheck.Paper.CARD,
            "how": IdentityCheck.How.QR,
            "identifier": read.number,
            "name": read.name,
            "date_of_birth": read.date_of_birth,
            "sex": read.sex,
            "address": read.address,
        }


class RegisterForm(PaperForm):
    """A citizen who gets an account."""

    beside = _("Liên lạc")
    sex = forms.ChoiceField(label=_("Giới tính"), choices=[("", "—"), *Party.Sex.choices], required=False)
    address = TextField(label=_("Nơi cư trú"), required=False, max_length=300)
    phone = TextField(
        label=_("Số điện thoại"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "class": "govuk-input--width-20"}),
    )
    email = forms.EmailField(
        label=_("Thư điện tử"), required=False, error_messages={"invalid": _("Thư điện tử không đúng.")}
    )
    send = forms.BooleanField(label=_("Gửi mã tới thư điện tử đó nữa"), required=False)


class RecoverForm(PaperForm):
    """A citizen who lost the way in."""

    beside = _("Mã một lần")
    reason = TextField(
        label=_("Vì sao"), required=False, max_length=500, help_text=_("Ví dụ: mất điện thoại, quên mật khẩu.")
    )
    send = forms.BooleanField(label=_("Gửi mã tới thư điện tử đã ghi của người đó nữa"), required=False)


class RepresentForm(PaperForm):
    """A legal representative of an enterprise."""

    beside = _("Doanh nghiệp")
    tax_code = TextField(
        label=_("Mã số doanh nghiệp, mã số thuế"),
        max_length=20,
        error_messages={"required": _("Nhập mã số thuế.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-20"}),
    )
    enterprise = TextField(
        label=_("Tên doanh nghiệp, tổ chức"), max_length=200, error_messages={"required": _("Nhập tên doanh nghiệp.")}
    )
    role = TextField(
        label=_("Chức danh"), max_length=100, error_messages={"required": _("Ghi chức danh, ví dụ Giám đốc.")}
    )
    evidence = TextField(
        label=_("Giấy tờ chứng minh: loại, số, ngày"),
        max_length=300,
        help_text=_("Ví dụ: Giấy chứng nhận đăng ký doanh nghiệp số 3200123456, ngày 12/03/2025."),
        error_messages={"required": _("Ghi giấy tờ chứng minh: loại, số, ngày.")},
    )
    valid_to = LastDayField(
        label=_("Đại diện đến hết ngày"), required=False, help_text=_("Để trống nếu giấy tờ không ghi.")
    )
