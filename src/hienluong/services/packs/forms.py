"""What the pages of packs ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.fields import DayField
from hienluong.ui.widgets import TextField

from .contents import MAX_ZIP
from .planning import Plan, Removal


class UploadForm(forms.Form):
    """A pack as a ZIP."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("Tệp ZIP của gói"),
        help_text=_("Đến 20 MB. Hệ thống đọc và cho xem trước, chưa cài gì."),
        widget=forms.FileInput({"accept": ".zip,application/zip"}),
    )

    def clean_file(self) -> bytes:
        """The bytes, when they are not too many; what is in them is looked at by whoever opens them."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_ZIP:
            raise forms.ValidationError(_("Tệp lớn hơn 20 MB."), code="too_large")
        return bytes(file.read())


class AcceptForm(forms.Form):
    """Agreeing to a plan."""

    use_required_attribute = False
    allow_downgrade = forms.BooleanField(label=_("Tôi muốn hạ về phiên bản cũ hơn"), required=False)
    reason = TextField(
        label=_("Lý do, căn cứ"), required=False, max_length=500, help_text=_("Ghi vào lịch sử của gói và nhật ký.")
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not plan.asks_downgrade:
            del self.fields["allow_downgrade"]


class RemoveForm(forms.Form):
    """Taking a pack away, and what is to become of its records and dossiers."""

    use_required_attribute = False
    keep_records = forms.BooleanField(label=_("Giữ bản ghi để tra cứu, không ghi thêm"), required=False)
    finish_dossiers = forms.BooleanField(label=_("Giải quyết tiếp hồ sơ đang có cho xong"), required=False)
    from_day = DayField(label=_("Từ ngày"), required=False, help_text=_("Để trống: từ hôm nay."))
    reason = TextField(label=_("Lý do, căn cứ"), required=False, max_length=500)

    def __init__(self, *args: Any, removal: Removal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, there in (("keep_records", removal.records), ("finish_dossiers", removal.dossiers)):
            if not there:
                del self.fields[name]


class SignerForm(forms.Form):
    """A signer who is to be trusted."""

    use_required_attribute = False
    name = TextField(label=_("Người ký"), max_length=200, help_text=_("Ví dụ: Sở Khoa học và Công nghệ."))
    key = TextField(
        label=_("Khóa công khai"),
        max_length=200,
        help_text=_("Lệnh “hienluong pack sign” in ra. Gọi điện so vân tay của khóa với người ký trước khi tin cậy."),
    )


class DistrustForm(forms.Form):
    """Why a signer is trusted no more."""

    use_required_attribute = False
    reason = TextField(label=_("Lý do"), max_length=500)
