"""What the clerk asks at the counter beside the e-form: whose matter it is, who hands it in, where it is decided."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers.models import Channel
from hienluong.services.procedures.spec import ProcedureSpec
from hienluong.ui.widgets import PatternField, TextField

SAME, OTHER = "chinh-chu", "nguoi-khac"


def _phone() -> PatternField:
    return PatternField(
        label=_("Số điện thoại"),
        regex=r"^0\d{9}$",
        required=False,
        error_messages={"invalid": _("Số điện thoại gồm 10 chữ số, bắt đầu bằng 0.")},
    )


class PartiesForm(forms.Form):
    """The subject and, when somebody else stands at the counter, the one who hands it in."""

    channel = forms.ChoiceField(
        label=_("Cách nộp"),
        choices=((Channel.COUNTER, Channel.COUNTER.label), (Channel.POST, Channel.POST.label)),
        widget=forms.RadioSelect,
        initial=Channel.COUNTER,
    )
    kind = forms.ChoiceField(label=_("Chủ hồ sơ là"), widget=forms.RadioSelect)
    name = TextField(label=_("Họ và tên, hoặc tên doanh nghiệp"), max_length=200)
    identifier = TextField(
        label=_("Số định danh cá nhân, hoặc mã số thuế"),
        max_length=20,
        help_text=_("Cá nhân: 12 chữ số trên thẻ căn cước. Doanh nghiệp: 10 hoặc 13 chữ số."),
    )
    phone = _phone()
    address = TextField(label=_("Nơi cư trú, hoặc trụ sở"), max_length=300, required=False)
    by = forms.ChoiceField(
        label=_("Ai nộp hồ sơ?"),
        choices=((SAME, _("Chính chủ hồ sơ")), (OTHER, _("Người khác nộp thay, hoặc người đại diện"))),
        widget=forms.RadioSelect,
        initial=SAME,
    )
    filer_name = TextField(label=_("Họ và tên người nộp"), max_length=200, required=False)
    filer_identifier = TextField(
        label=_("Số định danh của người nộp"), max_length=20, required=False, help_text=_("12 chữ số")
    )
    filer_phone = _phone()
    relation = TextField(
        label=_("Người nộp là gì của chủ hồ sơ?"),
        max_length=100,
        required=False,
        help_text=_("Ví dụ: mẹ, giám đốc, người được ủy quyền"),
    )

    def __init__(self, *args: Any, spec: ProcedureSpec, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind, label) for kind, label in Party.Kind.choices if kind in spec.applicants]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["kind"].initial = kinds[0][0] if kinds else ""
        self.fields["filer_phone"].label = _("Số điện thoại của người nộp")

    def clean(self) -> dict[str, Any]:
        """Ask for the one who hands it in when that is not the subject."""
        data = super().clean() or self.cleaned_data
        if data.get("by") == OTHER:
            words = {
                "filer_name": _("Nhập họ và tên người nộp."),
                "filer_identifier": _("Nhập số định danh của người nộp."),
                "relation": _("Ghi người nộp là gì của chủ hồ sơ."),
            }
            for name, text in words.items():
                if name not in self.errors and not data.get(name):
                    self.add_error(name, text)
        return data


class HandlingForm(forms.Form):
    """Where it is decided and how the result comes back."""

    commune = forms.ModelChoiceField(
        label=_("Xã, phường giải quyết"),
        help_text=_("Người dân được nộp ở bất kỳ bộ phận một cửa nào trong tỉnh."),
        queryset=Organization.objects.none(),
        required=False,
        to_field_name="commune_code",
    )
    delivery = forms.ChoiceField(
        label=_("Nhận kết quả"),
        choices=(("counter", _("Tại quầy")), ("post", _("Qua bưu chính")), ("online", _("Bản điện tử"))),
        widget=forms.RadioSelect,
        initial="counter",
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["commune"].queryset = Organization.objects.filter(  # type: ignore[attr-defined]
            kind=Organization.Kind.COMMUNE, valid__contains=on
        ).order_by("sort_name")
