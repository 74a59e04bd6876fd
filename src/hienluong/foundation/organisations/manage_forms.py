"""What the pages that change the government ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.ui.widgets import PatternField, TextField

from .fields import WEEKDAYS, DayField, OrganizationCodeField, OrganizationsField, StretchesField
from .models import Organization, OrganizationVersion, Succession

_BASIS = _("Số, ký hiệu và ngày của văn bản, ví dụ: Quyết định 12/2026/QĐ-UBND ngày 05/01/2026.")
_WHICH = _("Mã (H50.08 hoặc 000.00.08.H50) hoặc tên đầy đủ.")


class NewOrganizationForm(forms.Form):
    """An organisation to set up."""

    name = TextField(label=_("Tên cơ quan, đơn vị"), max_length=200)
    short_name = TextField(label=_("Tên viết tắt"), max_length=80, required=False)
    kind = forms.ChoiceField(label=_("Loại"), choices=Organization.Kind.choices)
    parent = OrganizationCodeField(label=_("Trực thuộc"), help_text=_WHICH)
    code = TextField(
        label=_("Mã định danh"), max_length=35, help_text=_("Dạng H50.08.12, theo Quyết định 20/2020/QĐ-TTg.")
    )
    commune_code = PatternField(
        r"^\d{5}\Z", label=_("Mã đơn vị hành chính"), required=False, help_text=_("Chỉ với cấp xã, cấp huyện.")
    )
    valid_from = DayField(label=_("Thành lập từ ngày"))
    legal_basis = TextField(label=_("Căn cứ pháp lý"), max_length=200, help_text=_BASIS)
    address = TextField(label=_("Địa chỉ"), max_length=300, required=False)
    phone = TextField(label=_("Điện thoại"), max_length=40, required=False)
    email = forms.EmailField(label=_("Thư điện tử"), required=False)


class RenameForm(forms.Form):
    """Another name from a day on."""

    name = TextField(label=_("Tên mới"), max_length=200)
    short_name = TextField(label=_("Tên viết tắt"), max_length=80, required=False)
    on = DayField(label=_("Áp dụng từ ngày"))
    legal_basis = TextField(label=_("Căn cứ pháp lý"), max_length=200, help_text=_BASIS)


class MoveForm(forms.Form):
    """Another place in the tree from a day on."""

    parent = OrganizationCodeField(label=_("Chuyển về trực thuộc"), help_text=_WHICH)
    on = DayField(label=_("Áp dụng từ ngày"))
    legal_basis = TextField(label=_("Căn cứ pháp lý"), max_length=200, help_text=_BASIS)


class ContactsForm(forms.Form):
    """Address, contacts and opening hours from a day on."""

    on = DayField(label=_("Áp dụng từ ngày"))
    address = TextField(label=_("Địa chỉ"), max_length=300, required=False)
    phone = TextField(label=_("Điện thoại"), max_length=40, required=False)
    email = forms.EmailField(label=_("Thư điện tử"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, label in WEEKDAYS.items():
            hint = _("Ví dụ 07:30-11:30, 13:30-17:00. Để trống nếu nghỉ.") if day == "mon" else ""
            self.fields[f"hours_{day}"] = StretchesField(label=label, help_text=hint)

    def opening_hours(self) -> dict[str, list[list[str]]]:
        """The hours that were typed, by weekday; nothing at all when no day has any."""
        typed = {
            day: [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in self.cleaned_data[f"hours_{day}"]]
            for day in WEEKDAYS
        }
        return typed if any(typed.values()) else {}

    @staticmethod
    def initial_of(version: OrganizationVersion | None) -> dict[str, Any]:
        """What stands there now."""
        if version is None:
            return {}
        hours = {
            f"hours_{day}": ", ".join(f"{opens}-{closes}" for opens, closes in version.opening_hours.get(day, []))
            for day in WEEKDAYS
        }
        return {"address": version.address, "phone": version.phone, "email": version.email, **hours}


class SuccessionForm(forms.Form):
    """Who ends, and who takes over, on which day, by which law."""

    kind = forms.ChoiceField(label=_("Hình thức"), choices=Succession.Kind.choices, widget=forms.RadioSelect)
    predecessors = OrganizationsField(
        label=_("Cơ quan kết thúc"), help_text=_("Mỗi dòng một cơ quan, ghi mã hoặc tên đầy đủ.")
    )
    successors = OrganizationsField(
        label=_("Cơ quan tiếp nhận"),
        help_text=_(
            "Mỗi dòng một cơ quan. Cơ quan đầu tiên nhận hồ sơ đang giải quyết. Một cơ quan ghi ở cả hai chỗ thì tiếp "
            "tục hoạt động."
        ),
    )
    on = DayField(label=_("Có hiệu lực từ ngày"))
    legal_basis = TextField(label=_("Căn cứ pháp lý"), max_length=200, help_text=_BASIS)
