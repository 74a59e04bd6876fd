"""What the pages of code lists ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.fields import DayField
from hienluong.ui.widgets import DatePartsField, TextField

from .rows import MAX_NAME, MAX_VALUE

BASIS = _("Số, ngày của văn bản, ví dụ Nghị quyết 12/NQ-UBTVQH.")


class LookForm(forms.Form):
    """A day on which to look, and words to look for."""

    q = TextField(label=_("Tìm mã"), required=False, max_length=100, help_text=_("Mã, hoặc tên có dấu hay không dấu."))
    ngay = DatePartsField(label=_("Vào ngày"), required=False)


class AddForm(forms.Form):
    """A new code of an edition."""

    value = TextField(label=_("Mã"), max_length=MAX_VALUE)
    name = TextField(label=_("Tên"), max_length=MAX_NAME)
    name_en = TextField(label=_("Tên tiếng Anh"), max_length=MAX_NAME, required=False)
    parent = TextField(
        label=_("Mã cha"),
        max_length=MAX_VALUE + MAX_NAME + 3,
        required=False,
        help_text=_("Để trống nếu ở cấp trên cùng."),
    )
    since = DayField(label=_("Có hiệu lực từ ngày"), required=False, help_text=_("Để trống: từ đầu ấn bản."))
    legal_basis = TextField(label=_("Căn cứ pháp lý"), max_length=200, help_text=BASIS)

    def __init__(self, *args: Any, codes: str, **kwargs: Any) -> None:
        """`codes`: the address where the browser looks up what fits the parent that is typed."""
        super().__init__(*args, **kwargs)
        self.fields["parent"].widget.attrs.update({"data-hl-codes": codes, "autocomplete": "off"})

    def clean_parent(self) -> str:
        """The code: what was chosen stands in the box with its name (``0111 - Trồng lúa``)."""
        typed: str = self.cleaned_data["parent"]
        return typed.partition(" - ")[0].strip()


#: A table that officials upload; a larger one is brought in by the operator.
MAX_TABLE = 8 * 1024 * 1024
_CSV = {"accept": ".csv,text/csv"}


class BringForm(forms.Form):
    """A new edition of a list."""

    title = TextField(label=_("Tên ấn bản"), max_length=200)
    edition = forms.RegexField(
        r"^[a-z0-9]+([.-][a-z0-9]+)*\Z",
        label=_("Mã ấn bản"),
        max_length=40,
        help_text=_("Chữ thường không dấu, số, dấu chấm, gạch nối, ví dụ 2027-01."),
        error_messages={"invalid": _("Mã ấn bản chỉ có chữ thường không dấu, số, dấu chấm, gạch nối.")},
    )
    valid_from = DayField(label=_("Có hiệu lực từ ngày"), help_text=_("Ấn bản trước hết hiệu lực từ ngày này."))
    legal_basis = TextField(label=_("Căn cứ pháp lý"), max_length=200, help_text=BASIS)
    source = TextField(label=_("Nguồn của bảng mã"), max_length=500)
    table = forms.FileField(
        label=_("Bảng mã"),
        help_text=_(
            "CSV (UTF-8), đến 8 MB, có các cột code, parent, name, name_en. Lấy mẫu bằng cách tải ấn bản hiện có."
        ),
        widget=forms.FileInput(attrs=_CSV),
    )
    became = forms.FileField(
        label=_("Bảng chuyển đổi từ ấn bản trước"),
        help_text=_("CSV có hai cột from, to: mã cũ thành mã nào. Một mã cũ có thể ở nhiều dòng."),
        required=False,
        widget=forms.FileInput(attrs=_CSV),
    )

    def clean_table(self) -> bytes:
        """The bytes of the table."""
        return _bytes(self.cleaned_data["table"])

    def clean_became(self) -> bytes:
        """The bytes of the mapping; empty when there is none."""
        file = self.cleaned_data["became"]
        return _bytes(file) if file else b""


def _bytes(file: UploadedFile[Any]) -> bytes:
    if (file.size or 0) > MAX_TABLE:
        raise forms.ValidationError(_("Tệp lớn hơn 8 MB."))
    return bytes(file.read())


class CloseForm(forms.Form):
    """The end of a code."""

    on = DayField(label=_("Không dùng nữa từ ngày"))
    legal_basis = TextField(label=_("Căn cứ pháp lý"), max_length=200, help_text=BASIS)


class CorrectForm(forms.Form):
    """The name of a code as it should have been written."""

    name = TextField(label=_("Tên"), max_length=MAX_NAME)
    name_en = TextField(label=_("Tên tiếng Anh"), max_length=MAX_NAME, required=False)
    legal_basis = TextField(label=_("Căn cứ pháp lý"), max_length=200, help_text=BASIS)
