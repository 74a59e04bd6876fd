"""What officials type when they act on a dossier."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Official, Organization
from hienluong.services.dossiers.competence import transfer_targets
from hienluong.services.dossiers.models import Channel, Dossier, State
from hienluong.ui.widgets import TextField

from .post_forms import PUBLIC_POST


class NoteForm(forms.Form):
    """A step that needs no more than a remark."""

    note = TextField(label=_("Ghi chú"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class ReasonForm(forms.Form):
    """A step that must say why."""

    reason = TextField(label=_("Lý do"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class TextForm(forms.Form):
    """A step whose content is a text."""

    text = TextField(label=_("Nội dung"), max_length=8000, widget=forms.Textarea(attrs={"rows": 5}))


class RemarkForm(forms.Form):
    """A step that goes on, with a remark if there is one."""

    note = TextField(label=_("Ý kiến"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        """A page opened before sending back was kept apart may still say "no" here: that is never taken as going on."""
        if self.data.get(self.add_prefix("forward")) == "no":
            raise forms.ValidationError(
                _(
                    "Trang đã cũ: trả lại dự thảo nay là một việc riêng, ngay bên dưới. Hồ sơ chưa được chuyển, chưa được ký."
                )
            )
        return super().clean() or {}


class SendBackForm(forms.Form):
    """What must be done again before the step goes on."""

    note = TextField(
        label=_("Cần sửa gì?"),
        help_text=_("Người soạn dự thảo đọc điều này."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Trả lại thì phải nêu lý do.")},
    )


class AssignForm(forms.Form):
    """To whom."""

    official = forms.ModelChoiceField(label=_("Cán bộ thụ lý"), queryset=Official.objects.none())
    note = TextField(label=_("Ghi chú"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["official"].queryset = (  # type: ignore[attr-defined]
            Official.objects.filter(
                positions__organization__path__startswith=dossier.handling_path, positions__valid__contains=today
            )
            .distinct()
            .order_by("sort_name")
        )


class TransferForm(forms.Form):
    """To which division or organisation."""

    to = forms.ModelChoiceField(label=_("Đơn vị nhận"), queryset=Organization.objects.none())
    note = TextField(label=_("Lý do chuyển"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = transfer_targets(  # type: ignore[attr-defined]
            dossier, on=timezone.localdate()
        )


class NewDateForm(forms.Form):
    """A reason and a new date."""

    reason = TextField(label=_("Lý do"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    due = forms.DateField(label=_("Ngày hẹn mới"), help_text=_("Ví dụ 28/11/2026"))

    def due_at(self) -> datetime:
        """The end of working time (17:00) on the day named."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["due"], time(17, 0)))


class ReturnForm(forms.Form):
    """Who took the result."""

    how = forms.ChoiceField(
        label=_("Cách trả"),
        choices=(("counter", _("Trao tại quầy")), ("post", _("Chuyển bưu chính công ích"))),
        widget=forms.RadioSelect,
        initial="counter",
    )
    recipient = TextField(
        label=_("Người nhận kết quả"), help_text=_("Bắt buộc khi trao tại quầy."), required=False, max_length=200
    )
    carrier = TextField(
        label=_("Đơn vị bưu chính"),
        help_text=_("Khi chuyển bưu chính."),
        required=False,
        max_length=80,
        initial=PUBLIC_POST,
    )
    number = TextField(
        label=_("Số hiệu bưu gửi"),
        help_text=_("Khi chuyển bưu chính, ví dụ EA123456789VN. Để trống: số của đơn đã đặt với bưu chính."),
        required=False,
        max_length=40,
    )


class OpinionForm(forms.Form):
    """An agency's opinion."""

    agrees = forms.ChoiceField(
        label=_("Ý kiến của cơ quan"),
        choices=(("yes", _("Thống nhất")), ("no", _("Không thống nhất"))),
        widget=forms.RadioSelect,
    )
    text = TextField(label=_("Nội dung"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 5}))


class WithdrawForm(forms.Form):
    """The person asks at the counter to take the dossier back."""

    reason = TextField(
        label=_("Ai đề nghị rút, theo giấy tờ nào, lý do"),
        help_text=_("Ví dụ: Bà Nguyễn Thị Lành đến quầy, đơn xin rút ngày 26/11/2026"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HelperForm(forms.Form):
    """Which counter helped the person to file."""

    helped_at = forms.ModelChoiceField(label=_("Bộ phận một cửa đã hỗ trợ nộp"), queryset=Organization.objects.none())

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["helped_at"].initial = dossier.helped_at_id
        self.fields["helped_at"].queryset = Organization.objects.filter(  # type: ignore[attr-defined]
            kind__in=(Organization.Kind.SERVICE_CENTRE, Organization.Kind.COUNTER),
            valid__contains=timezone.localdate(),
        ).order_by("sort_name")


class ConfirmationForm(forms.Form):
    """The person's word for a correction of the form."""

    how = TextField(
        label=_("Người dân xác nhận thế nào"),
        help_text=_("Ví dụ: Bà Nguyễn Thị Lành xem lại và ký tại quầy; hoặc gọi điện 09… lúc 9 giờ"),
        max_length=500,
    )
    confirmed = forms.BooleanField(
        label=_("Người dân đã xem và đồng ý nội dung sửa"),
        error_messages={"required": _("Chỉ sửa khi người dân đã đồng ý.")},
    )


class FilterForm(forms.Form):
    """The filter panel of lists."""

    q = TextField(label=_("Mã, người nộp hoặc thủ tục"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("Trạng thái"), required=False, choices=[("", _("Tất cả")), *State.choices])
    channel = forms.ChoiceField(label=_("Kênh nộp"), required=False, choices=[("", _("Tất cả")), *Channel.choices])
    due = forms.ChoiceField(
        label=_("Hạn trả"),
        required=False,
        choices=(
            ("", _("Tất cả")),
            ("overdue", _("Quá hạn")),
            ("today", _("Đến hạn hôm nay")),
            ("soon", _("Còn 3 ngày")),
        ),
    )
    mine = forms.BooleanField(label=_("Chỉ hồ sơ giao cho tôi"), required=False)

    @property
    def used(self) -> int:
        """How many conditions besides the words are in use: on a phone they are folded away."""
        given = self.cleaned_data if self.is_valid() else {}
        return sum(bool(given.get(name)) for name in ("state", "channel", "due", "mine"))
