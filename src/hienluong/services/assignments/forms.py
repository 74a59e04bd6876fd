"""What is typed about tasks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Organization
from hienluong.ui.widgets import DatePartsField, TextField

from . import dues
from .actions import Task
from .models import Part, Quality, State
from .targets import Targets

#: Working days that are proposed when nobody said until when.
USUAL_DAYS = 5


class GiveForm(forms.Form):
    """A task for one who leads it, and those who help or are informed."""

    title = TextField(label=_("Nội dung việc"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    instruction = TextField(
        label=_("Yêu cầu, hướng dẫn"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    lead = forms.ChoiceField(label=_("Chủ trì"), required=False)
    coordinate = forms.MultipleChoiceField(label=_("Phối hợp"), required=False, widget=forms.CheckboxSelectMultiple)
    informed = forms.MultipleChoiceField(label=_("Nhận để biết"), required=False, widget=forms.CheckboxSelectMultiple)
    due_on = DatePartsField(
        label=_("Hạn hoàn thành"),
        help_text=_("Hết giờ làm việc của ngày này; rơi vào ngày nghỉ thì sang ngày làm việc kế tiếp."),
        required=False,
    )

    def __init__(
        self, *args: Any, targets: Targets, titled: bool = True, must_lead: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.targets = targets
        groups = targets.groups()
        self.fields["lead"].choices = [("", _("Chọn đơn vị hoặc cán bộ")), *groups]  # type: ignore[attr-defined]
        everybody = [choice for _heading, choices in groups for choice in choices]
        for name in ("coordinate", "informed"):
            self.fields[name].choices = everybody  # type: ignore[attr-defined]
        self.fields["lead"].required = must_lead
        self.fields["lead"].error_messages["required"] = _("Chọn người chủ trì.")
        if not titled:
            self.fields["title"].required = False
        if not self.is_bound and "due_on" not in self.initial:
            first = (targets.units or [target for target, _title in targets.people])[:1]
            if first:
                self.initial["due_on"] = timezone.localdate(dues.after(USUAL_DAYS, first[0].organization))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        twice = set(data.get("coordinate", ())) & set(data.get("informed", ()))
        if data.get("lead"):
            twice |= {data["lead"]} & {*data.get("coordinate", ()), *data.get("informed", ())}
        if twice:
            self.add_error("coordinate", _("Mỗi đơn vị, cán bộ chỉ chọn ở một vai trò."))
        return data

    def tasks(self) -> list[Task]:
        """What is to be given, who leads first."""
        data = self.cleaned_data
        wanted = [(Part.LEAD, data["lead"])] if data.get("lead") else []
        wanted += [(Part.COORDINATE, key) for key in data.get("coordinate", ())]
        wanted += [(Part.INFORMED, key) for key in data.get("informed", ())]
        found = []
        for part, key in wanted:
            target = self.targets.of(key)
            due = None if part == Part.INFORMED else _due(data.get("due_on"), target.organization)
            found.append(Task(data["title"], target.organization, target.official, part, data["instruction"], due))
        return found


def _due(day: date | None, organization: Organization) -> datetime | None:
    return dues.end_of(day, organization) if day else None


class ProgressForm(forms.Form):
    """How far it is."""

    percent = forms.IntegerField(label=_("Tiến độ, %"), min_value=0, max_value=100)
    text = TextField(label=_("Đã làm gì"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class ReportForm(forms.Form):
    """The result."""

    result = TextField(label=_("Kết quả"), max_length=8000, widget=forms.Textarea(attrs={"rows": 4}))


class ReasonForm(forms.Form):
    """Why."""

    reason = TextField(label=_("Lý do"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class NothingForm(forms.Form):
    """Nothing needs to be said."""


class ExtensionForm(forms.Form):
    """Until when, and why."""

    due_on = DatePartsField(label=_("Xin hạn mới"))
    reason = TextField(label=_("Lý do"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class AnswerForm(forms.Form):
    """Yes or no to more time."""

    granted = forms.ChoiceField(
        label=_("Trả lời"),
        choices=(("yes", _("Đồng ý gia hạn")), ("no", _("Không đồng ý"))),
        widget=forms.RadioSelect,
    )
    answer = TextField(label=_("Ý kiến"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class EvaluateForm(forms.Form):
    """How good it is."""

    quality = forms.ChoiceField(label=_("Mức đánh giá"), choices=Quality.choices, widget=forms.RadioSelect)
    evaluation = TextField(
        label=_("Nhận xét"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ResumeForm(forms.Form):
    """What is still missing."""

    text = TextField(label=_("Cần làm thêm"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    due_on = DatePartsField(label=_("Hạn mới"), help_text=_("Để trống nếu giữ hạn cũ."), required=False)


class RemindForm(forms.Form):
    """A word with the reminder."""

    text = TextField(label=_("Lời nhắc"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class FilterForm(forms.Form):
    """What a list is narrowed by."""

    q = TextField(label=_("Tìm trong nội dung việc"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("Trạng thái"),
        required=False,
        choices=[("", _("Chưa xong")), ("all", _("Tất cả")), *State.choices],
    )
    due = forms.ChoiceField(
        label=_("Hạn"),
        required=False,
        choices=[("", _("Tất cả")), ("late", _("Quá hạn")), ("soon", _("Đến hạn trong 3 ngày tới"))],
    )
    part = forms.ChoiceField(label=_("Vai trò"), required=False, choices=[("", _("Tất cả")), *Part.choices])
