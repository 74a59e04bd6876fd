"""The forms of work files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Organization
from hienluong.ui.widgets import DatePartsField, TextField

from .models import Handover, Mode, Planned, Retention


class RetentionForm(forms.Form):
    """What it is called and how long it is kept."""

    use_required_attribute = False
    title = TextField(
        label=_("Tiêu đề hồ sơ"),
        max_length=500,
        help_text=_("Nêu vấn đề, nơi liên quan và thời gian. Ví dụ: Hồ sơ lập dự toán ngân sách năm 2027."),
        widget=forms.Textarea({"rows": 2}),
    )
    retention = forms.ChoiceField(label=_("Thời hạn lưu trữ"), choices=Retention.choices, initial=Retention.YEARS_20)
    retention_years = forms.IntegerField(
        label=_("Số năm, nếu chọn thời hạn khác"), required=False, min_value=1, max_value=100
    )


class DetailsForm(RetentionForm):
    """The same with what archives want to know."""

    mode = forms.ChoiceField(
        label=_("Chế độ sử dụng"), choices=Mode.choices, initial=Mode.PUBLIC, widget=forms.RadioSelect
    )
    keyword = TextField(label=_("Từ khóa"), required=False, max_length=100)
    description = TextField(label=_("Ghi chú"), required=False, max_length=1500, widget=forms.Textarea({"rows": 3}))


class AgencyForm(forms.Form):
    """Of which agency; not asked of who works in one only."""

    def __init__(self, *args: Any, agencies: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agencies = {str(each.pk): each for each in agencies}
        self.fields["agency"] = forms.ChoiceField(
            label=_("Cơ quan"),
            choices=[(pk, each.name) for pk, each in self.agencies.items()],
            initial=next(iter(self.agencies), ""),
            widget=forms.HiddenInput if len(agencies) == 1 else forms.Select,
        )
        self.order_fields(["agency"])

    def clean_agency(self) -> Organization:
        """The organisation itself."""
        return self.agencies[self.cleaned_data["agency"]]


class OpenForm(AgencyForm, DetailsForm):
    """A new file, from a line of the year's list or free."""

    notation = TextField(
        label=_("Ký hiệu"), max_length=30, help_text=_("Chữ viết tắt của đơn vị hoặc nhóm hồ sơ, ví dụ KHTC.")
    )
    opened_on = DatePartsField(label=_("Ngày mở hồ sơ"), required=False, help_text=_("Để trống là hôm nay."))

    def __init__(self, *args: Any, planned: Planned | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.planned = planned
        self.order_fields(["agency", "title", "notation"])
        if planned:
            self.initial = {
                **self.initial,
                "agency": str(planned.agency_id),
                "title": planned.title,
                "notation": planned.notation,
                "retention": planned.retention,
                "retention_years": planned.retention_years,
            }

    def clean(self) -> dict[str, Any]:
        """With the line it comes from."""
        return {**self.cleaned_data, "planned": self.planned}


class PlanForm(AgencyForm, RetentionForm):
    """A line of the year's list."""

    year = forms.IntegerField(label=_("Năm"), min_value=2000, max_value=2100)
    notation = TextField(label=_("Ký hiệu"), max_length=30)


class FileForm(forms.Form):
    """A paper of the file's own."""

    use_required_attribute = False
    upload = forms.FileField(label=_("Tệp"), help_text=_("PDF, ảnh, Word, Excel."))
    title = TextField(label=_("Tên tài liệu"), max_length=500)
    issued_on = DatePartsField(label=_("Ngày của tài liệu"), required=False)
    note = TextField(label=_("Ghi chú"), required=False, max_length=300)


class CloseForm(forms.Form):
    """When the matter ended."""

    closed_on = DatePartsField(label=_("Ngày kết thúc công việc"), required=False, help_text=_("Để trống là hôm nay."))


class ReasonForm(forms.Form):
    """Why."""

    use_required_attribute = False
    reason = TextField(label=_("Lý do"), max_length=1000, widget=forms.Textarea({"rows": 3}))


class ChosenForm(AgencyForm):
    """Some of several files."""

    use_required_attribute = False

    def __init__(self, *args: Any, files: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["files"] = forms.MultipleChoiceField(
            label=_("Hồ sơ"),
            choices=files,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Chọn ít nhất một hồ sơ.")},
        )


class HandOverForm(ChosenForm):
    """Which files go to which archive."""

    target = forms.ChoiceField(
        label=_("Nộp vào"), choices=Handover.Target.choices, initial=Handover.Target.OWN, widget=forms.RadioSelect
    )
    archive_code = TextField(
        label=_("Mã lưu trữ lịch sử"), required=False, max_length=35, help_text=_("Chỉ khi nộp vào lưu trữ lịch sử.")
    )
    archive_name = TextField(label=_("Tên lưu trữ lịch sử"), required=False, max_length=200)


class ProposeForm(ChosenForm):
    """Which files are worth keeping no longer."""

    council = TextField(
        label=_("Hội đồng xét hủy"),
        max_length=4000,
        help_text=_("Thành phần, ngày họp, kết luận."),
        widget=forms.Textarea({"rows": 4}),
    )
    reason = TextField(label=_("Lý do hủy"), required=False, max_length=300)


class DecideForm(forms.Form):
    """Approve a list or not."""

    use_required_attribute = False
    approved = forms.TypedChoiceField(
        label=_("Có cho hủy không?"),
        coerce=lambda value: value == "yes",
        choices=(("yes", _("Phê duyệt hủy")), ("no", _("Không phê duyệt"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("Chọn phê duyệt hay không.")},
    )
    decision = TextField(
        label=_("Số quyết định, hoặc lý do không phê duyệt"),
        max_length=300,
        help_text=_("Ví dụ 15/QĐ-SYT ngày 20/11/2026."),
    )


class JudgeForm(forms.Form):
    """What the archive says of one file."""

    use_required_attribute = False
    passed = forms.TypedChoiceField(
        label=_("Hồ sơ có đạt không?"),
        coerce=lambda value: value == "yes",
        choices=(("yes", _("Đạt")), ("no", _("Không đạt"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("Chọn đạt hay không đạt.")},
    )
    reason = TextField(
        label=_("Lý do, nếu không đạt"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2})
    )


class FindDocumentForm(forms.Form):
    """Words to find a document by."""

    q = TextField(
        label=_("Tìm văn bản"), required=False, max_length=200, help_text=_("Số, ký hiệu hoặc vài chữ trong trích yếu.")
    )


class PlaceForm(forms.Form):
    """One of the files that are being kept."""

    use_required_attribute = False

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.ChoiceField(
            label=_("Hồ sơ"), choices=choices, error_messages={"required": _("Chọn ít nhất một hồ sơ.")}
        )
