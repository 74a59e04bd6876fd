"""What an official says beside the data of a record: what kind of change, from when, why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.ui.widgets import DatePartsField, TextField

CHANGED, WRONG = "change", "correct"
LISTED, ALL = "listed", "all"


class SinceForm(forms.Form):
    """From which day a new record is true."""

    since = DatePartsField(label=_("Đúng từ ngày"), help_text=_("Để trống là từ bây giờ."), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)  # of the definition whose fields were shown
    use_required_attribute = False


class ChangeForm(forms.Form):
    """Did the world change, or had we written it wrong? The history keeps the two apart."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label=_("Vì sao ghi lại?"),
        choices=(
            (CHANGED, _("Thực tế đã thay đổi")),
            (WRONG, _("Trước đây ghi sai, nay đính chính")),
        ),
        widget=forms.RadioSelect,
        initial=CHANGED,
    )
    since = DatePartsField(
        label=_("Thay đổi từ ngày"), help_text=_("Để trống là từ bây giờ. Không dùng khi đính chính."), required=False
    )
    reason = TextField(
        label=_("Lý do, căn cứ"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)  # of the definition whose fields were shown

    def clean(self) -> dict[str, Any]:
        """A correction says why."""
        data: dict[str, Any] = self.cleaned_data
        if data.get("kind") == WRONG and not data.get("reason"):
            self.add_error("reason", _("Hãy ghi lý do đính chính."))
        return data


class EndForm(forms.Form):
    """A record ends, or should never have been."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label=_("Chấm dứt như thế nào?"),
        choices=(("end", _("Không còn nữa từ một ngày")), ("void", _("Ghi nhầm, lẽ ra không có bản ghi này"))),
        widget=forms.RadioSelect,
        initial="end",
    )
    since = DatePartsField(label=_("Từ ngày"), help_text=_("Để trống là từ bây giờ."), required=False)
    reason = TextField(label=_("Lý do, căn cứ"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_since(self) -> date | None:
        """Not a day to come: an end that is only announced is not yet one."""
        day: date | None = self.cleaned_data["since"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("Ngày này chưa tới."), code="invalid")
        return day


class UploadForm(forms.Form):
    """A file with records."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("Tệp Excel, CSV, JSON hoặc GeoJSON"),
        help_text=_("Tối đa 100 MB. Dòng đầu là tên cột."),
        error_messages={"required": _("Chọn một tệp."), "empty": _("Tệp rỗng.")},
        allow_empty_file=False,
    )


class ExportForm(forms.Form):
    """In which format, and which fields."""

    use_required_attribute = False
    format = forms.ChoiceField(label=_("Định dạng"), widget=forms.RadioSelect)
    which = forms.ChoiceField(
        label=_("Xuất các trường nào?"),
        choices=((LISTED, _("Các cột đang hiện trong danh sách")), (ALL, _("Mọi trường bạn được xem"))),
        widget=forms.RadioSelect,
        initial=LISTED,
    )

    def __init__(self, data: Any, *, formats: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, initial={"format": formats[0][0]})
        field = self.fields["format"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = formats


class TogetherForm(forms.Form):
    """From which day many records change, and why."""

    use_required_attribute = False
    since = DatePartsField(label=_("Thay đổi từ ngày"), help_text=_("Để trống là từ bây giờ."), required=False)
    reason = TextField(label=_("Lý do, căn cứ"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
