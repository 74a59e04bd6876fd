"""What is typed about documents that come in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.organisations.models import Official, Organization
from hienluong.services.assignments import dues
from hienluong.ui.widgets import DatePartsField, TextField

from . import secrecy, types, uploads
from .actions.arrivals import Described
from .models import Document, Source, State, Urgency


class SecrecyField(forms.ChoiceField):
    """Which level of secrecy the paper bears; any but none is refused before a file is kept."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=gettext_lazy("Dấu độ mật trên văn bản"),
            choices=(("", gettext_lazy("Không có")), *secrecy.LEVELS.items()),
            widget=forms.RadioSelect,
            required=False,
            **kwargs,
        )


class UploadForm(forms.Form):
    """The paper that was scanned or photographed, and what came with it."""

    secrecy = SecrecyField()
    pages_of = uploads.FilesField(
        label=gettext_lazy("Văn bản"),
        help_text=gettext_lazy("Một tệp PDF, hoặc ảnh từng trang theo thứ tự."),
        widget=uploads.FilesInput(attrs={"accept": uploads.ACCEPT}),
    )
    annexes = uploads.FilesField(label=gettext_lazy("Phụ lục, tài liệu kèm theo"), required=False)
    not_secret = forms.BooleanField(
        label=gettext_lazy("Tôi đã xem: văn bản không đóng dấu độ mật"), required=False, widget=forms.HiddenInput
    )

    def ask_secrecy(self) -> None:
        """Show the box by which one says that what looks like a stamp is none."""
        self.fields["not_secret"].widget = forms.CheckboxInput()


class DescribeForm(forms.Form):
    """What stands on the paper."""

    type = forms.ChoiceField(label=gettext_lazy("Loại văn bản"), choices=types.choices, initial="CV")
    code = TextField(label=gettext_lazy("Số, ký hiệu"), max_length=60, required=False)
    issued_on = DatePartsField(label=gettext_lazy("Ngày văn bản"), required=False)
    author_name = TextField(label=gettext_lazy("Cơ quan ban hành"), max_length=200)
    subject = TextField(
        label=gettext_lazy("Trích yếu nội dung"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    urgency = forms.TypedChoiceField(label=gettext_lazy("Độ khẩn"), choices=Urgency.choices, coerce=int, initial=0)
    signer_name = TextField(label=gettext_lazy("Người ký"), max_length=100, required=False)
    signer_title = TextField(label=gettext_lazy("Chức vụ người ký"), max_length=150, required=False)
    pages = forms.IntegerField(label=gettext_lazy("Số trang"), min_value=1, max_value=9999, required=False)
    due_on = DatePartsField(label=gettext_lazy("Nơi gửi yêu cầu trả lời trước ngày"), required=False)
    restricted = forms.BooleanField(
        label=gettext_lazy("Hạn chế tiếp cận"),
        help_text=gettext_lazy("Mọi lần xem đều được ghi lại; việc giao không nêu trích yếu."),
        required=False,
    )
    note = TextField(label=gettext_lazy("Ghi chú vào sổ"), max_length=300, required=False)
    despite_same = forms.BooleanField(label=gettext_lazy("Không phải bản trùng, vẫn tiếp nhận"), required=False)

    def __init__(self, *args: Any, agency: Organization, asks_same: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agency = agency
        if not (asks_same or (self.is_bound and self.add_prefix("despite_same") in self.data)):
            self.fields["despite_same"].widget = forms.HiddenInput()

    def ask_same(self) -> None:
        """Show the box by which one says that it is no copy of another."""
        self.fields["despite_same"].widget = forms.CheckboxInput()

    def clean_issued_on(self) -> date | None:
        day: date | None = self.cleaned_data["issued_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("Ngày văn bản không thể sau hôm nay."))
        if day and day.year < 1945:
            raise forms.ValidationError(_("Xem lại năm của ngày văn bản."))
        return day

    def described(self, known: Document | None = None) -> Described:
        """What was typed, as the actions take it; InvalidInput for a day in the past by which an answer is wanted.

        A day that has passed is not shown, so leaving its box empty keeps what is `known`.
        """
        data = self.cleaned_data
        due = dues.end_of(data["due_on"], self.agency) if data["due_on"] else None
        if due is None and known is not None and known.due_at and known.due_at <= timezone.now():
            due = known.due_at
        return Described(
            type=data["type"],
            code=data["code"],
            subject=data["subject"],
            author_name=data["author_name"],
            issued_on=data["issued_on"],
            urgency=data["urgency"],
            restricted=data["restricted"],
            signer_name=data["signer_name"],
            signer_title=data["signer_title"],
            pages=data["pages"],
            due_at=due,
        )


def initial_of(document: Document) -> dict[str, Any]:
    """What is known of a document, as the boxes of :class:`DescribeForm` show it."""
    due = document.due_at
    return {
        "type": document.type,
        "code": document.code,
        "issued_on": document.issued_on,
        "author_name": document.author_name,
        "subject": document.subject,
        "urgency": document.urgency,
        "signer_name": document.signer_name,
        "signer_title": document.signer_title,
        "pages": document.pages,
        "due_on": timezone.localdate(due) if due and due > timezone.now() else None,
        "restricted": document.restricted,
        "note": document.arrival.note,
    }


class ReasonForm(forms.Form):
    """Why."""

    reason = TextField(label=gettext_lazy("Lý do"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class NoteForm(forms.Form):
    """A remark."""

    note = TextField(
        label=gettext_lazy("Ghi chú"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class OfficialsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Officials by name."""

    widget = forms.CheckboxSelectMultiple


class SubmitForm(forms.Form):
    """To which leader, with what proposal."""

    leader = forms.ModelChoiceField(label=gettext_lazy("Trình"), queryset=Official.objects.none())
    proposal = TextField(
        label=gettext_lazy("Ý kiến đề xuất"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, leaders: list[Official], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        queryset = Official.objects.filter(pk__in=[leader.pk for leader in leaders]).order_by("sort_name", "pk")
        self.fields["leader"].queryset = queryset  # type: ignore[attr-defined]
        if len(leaders) == 1:
            self.initial.setdefault("leader", leaders[0].pk)


class ShareForm(forms.Form):
    """With whom."""

    officials = OfficialsField(label=gettext_lazy("Chia sẻ với"), queryset=Official.objects.none())

    def __init__(self, *args: Any, colleagues: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        queryset = Official.objects.filter(pk__in=colleagues).order_by("sort_name", "pk")
        self.fields["officials"].queryset = queryset  # type: ignore[attr-defined]


class TakeBackForm(forms.Form):
    """Whether the sender gets it back."""

    agrees = forms.ChoiceField(
        label=gettext_lazy("Trả lời nơi gửi"),
        choices=(("yes", gettext_lazy("Đồng ý cho lấy lại")), ("no", gettext_lazy("Từ chối"))),
        widget=forms.RadioSelect,
    )
    reason = TextField(
        label=gettext_lazy("Lý do"),
        help_text=gettext_lazy("Bắt buộc khi từ chối."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class FilterForm(forms.Form):
    """What a list is narrowed by."""

    q = TextField(label=gettext_lazy("Số ký hiệu, trích yếu, nội dung"), required=False, max_length=200)
    state = forms.ChoiceField(
        label=gettext_lazy("Trạng thái"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), *[(s.value, s.label) for s in list(State)[:8]]],
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("Độ khẩn"), required=False, choices=[("", gettext_lazy("Tất cả")), *Urgency.choices]
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Cách đến"), required=False, choices=[("", gettext_lazy("Tất cả")), *Source.choices]
    )
    tu = forms.DateField(label=gettext_lazy("Đến từ ngày"), required=False, help_text=gettext_lazy("Ví dụ 01/11/2026"))
    den = forms.DateField(label=gettext_lazy("đến ngày"), required=False)
    late = forms.BooleanField(label=gettext_lazy("Chỉ văn bản quá hạn"), required=False)
