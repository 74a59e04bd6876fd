"""What the pages of the agent node ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.organisations.fields import OrganizationCodeField
from hienluong.foundation.sso.models import System
from hienluong.ui.widgets import TextField

from .models import Subsystem

_PLAIN = {"spellcheck": "false", "autocapitalize": "off"}


def _choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class SubsystemForm(forms.Form):
    """Who a subsystem of the node is here."""

    use_required_attribute = False
    identifier = TextField(
        label=gettext_lazy("Mã phân hệ"),
        help_text=gettext_lazy("INSTANCE/CLASS/MEMBER/SUBSYSTEM, đúng như nút đại lý ghi, ví dụ VN/GOV/H50/LGSP."),
        max_length=330,
        widget=forms.TextInput(_PLAIN),
    )
    title = TextField(label=gettext_lazy("Tên gọi"), max_length=200)
    side = forms.ChoiceField(
        label=gettext_lazy("Của ai"),
        choices=[("ours", gettext_lazy("Của tỉnh")), ("outside", gettext_lazy("Của nơi khác, gọi vào"))],
        widget=forms.RadioSelect,
    )
    organization = OrganizationCodeField(
        label=gettext_lazy("Cơ quan"), help_text=gettext_lazy("Mã hoặc tên đầy đủ của cơ quan.")
    )
    system = forms.ChoiceField(
        label=gettext_lazy("Hệ thống"),
        help_text=gettext_lazy(
            "Hệ thống đã đăng ký mà phân hệ này là. Phân hệ của tỉnh để trống thì dùng chung cho cả cơ quan."
        ),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        systems = System.objects.filter(disabled_at=None).select_related("client", "owner").order_by("client__name")
        listed = [(str(one.pk), f"{one.client.name} – {one.owner.name}") for one in systems]
        _choices(self, "system", [("", _("Không riêng hệ thống nào")), *listed])

    def clean(self) -> dict[str, Any]:
        """What was sent, as the action takes it."""
        told = super().clean() or {}
        side = told.pop("side", "")
        told["ours"] = side == "ours"
        told["system"] = System.objects.filter(pk=told.get("system") or "").select_related("owner").first()
        return told


class PassageForm(forms.Form):
    """Which version of the catalogue is which service at the node."""

    use_required_attribute = False
    place = TextField(
        label=gettext_lazy("Phiên bản trong danh mục"),
        help_text=gettext_lazy("Bản nháp đã khai báo trong danh mục dịch vụ, ví dụ tra-cuu-dan-cu/v1."),
        max_length=60,
        widget=forms.TextInput(_PLAIN),
    )
    service = TextField(
        label=gettext_lazy("Mã dịch vụ ở nút đại lý"),
        help_text=gettext_lazy("INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE, ví dụ VN/GOV/G01/DANCU/tra-cuu."),
        max_length=410,
        widget=forms.TextInput(_PLAIN),
    )


class OfferForm(forms.Form):
    """Under which name a version of ours stands at the node."""

    use_required_attribute = False
    place = TextField(
        label=gettext_lazy("Phiên bản trong danh mục"),
        help_text=gettext_lazy("Ví dụ gia-dat/v1."),
        max_length=60,
        widget=forms.TextInput(_PLAIN),
    )
    subsystem = forms.ModelChoiceField(
        label=gettext_lazy("Phân hệ của tỉnh"), queryset=Subsystem.objects.none(), empty_label=None
    )
    code = TextField(
        label=gettext_lazy("Mã dịch vụ"),
        help_text=gettext_lazy("Phần cuối của mã ở nút đại lý, ví dụ gia-dat."),
        max_length=80,
        widget=forms.TextInput(_PLAIN),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["subsystem"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Subsystem.objects.filter(ours=True, ended_at=None)


class ReasonForm(forms.Form):
    """Why something ends."""

    use_required_attribute = False
    text = TextField(label=gettext_lazy("Lý do"), max_length=500)
