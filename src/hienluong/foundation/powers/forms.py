"""What the pages of reviews and emergencies ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hienluong.foundation.identity.models import Role
from hienluong.foundation.organisations.fields import OrganizationCodeField
from hienluong.ui.widgets import TextField

from .emergencies import HOURS
from .reviewing import rules


def _roles() -> list[tuple[str, str]]:
    return list(Role.objects.order_by("name").values_list("code", "name"))


def _emergency_roles() -> list[tuple[str, str]]:
    return list(Role.objects.filter(pk__in=rules().emergency_roles).order_by("name").values_list("code", "name"))


def _hours() -> list[tuple[str, str]]:
    return [(str(count), ngettext("%(count)d giờ", "%(count)d giờ", count) % {"count": count}) for count in HOURS]


class RulesForm(forms.Form):
    """What the province decides about reviews and emergencies."""

    use_required_attribute = False
    days = forms.IntegerField(label=_("Số ngày mỗi đợt mở"), min_value=7, max_value=80)
    suspends = forms.TypedChoiceField(
        label=_("Quyền mà hết hạn không ai xác nhận thì"),
        choices=(("0", _("Cảnh báo người quản trị")), ("1", _("Tạm dừng"))),
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    emergency_roles = forms.MultipleChoiceField(
        label=_("Vai trò được nhận khi khẩn cấp"), choices=_roles, widget=forms.CheckboxSelectMultiple, required=False
    )


class DecideForm(forms.Form):
    """Why; whom and what stand in the list."""

    use_required_attribute = False
    reason = TextField(
        label=_("Lý do"),
        max_length=300,
        required=False,
        help_text=_("Bắt buộc khi thu hồi. Người bị thu hồi đọc được."),
    )


class TakeForm(forms.Form):
    """Which powers, where, for how long, why."""

    use_required_attribute = False
    role = forms.ChoiceField(label=_("Vai trò"), choices=_emergency_roles)
    organization = OrganizationCodeField(label=_("Cơ quan"), help_text=_("Mã hoặc tên đầy đủ."))
    hours = forms.TypedChoiceField(
        label=_("Trong bao lâu"),
        choices=_hours,
        coerce=int,
        initial="1",
    )
    reason = TextField(
        label=_("Việc gì đang xảy ra"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Mọi người liên quan đọc được ngay."),
    )


class ReviewForm(forms.Form):
    """What was found."""

    use_required_attribute = False
    justified = forms.TypedChoiceField(
        label=_("Kết luận"),
        choices=(("1", _("Có lý do chính đáng")), ("0", _("Không chính đáng"))),
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        error_messages={"required": _("Chọn kết luận.")},
    )
    findings = TextField(label=_("Kết quả xem xét"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
