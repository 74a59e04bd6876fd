"""What the pages of drafts ask for."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.fields import OrganizationCodeField, OrganizationInput
from hienluong.services.packs.contents import MAX_ZIP
from hienluong.ui.widgets import PatternField, TextField

from .schema_operations import name_from

#: What the name of an agency begins with and does not tell it from others.
_OF_AGENCIES = re.compile(
    r"^(sở|ban quản lý|ban|ủy ban nhân dân|ubnd|thanh tra|văn phòng)\s+(tỉnh|xã|phường)?\s*", re.IGNORECASE
)
NAME = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z"


class Lines(forms.CharField):
    """Several short texts, one a line."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 4000, "widget": forms.Textarea({"rows": 3}), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        return _lines(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _lines(self.prepare_value(initial) or "") != _lines(data or "")


class ChoiceLines(Lines):
    """The values of a choice."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = _("Mỗi dòng một lựa chọn. Muốn đặt mã riêng thì ghi mã, dấu hai chấm, rồi tên: loai_1: Loại 1.")
        asked = {"required": _("Ghi các lựa chọn, mỗi dòng một lựa chọn, ví dụ: Chợ hạng 1.")}
        super().__init__(
            **{"label": _("Các lựa chọn"), "help_text": help_text, "error_messages": asked, "required": True, **kwargs}
        )


class UnitLines(Lines):
    """The units of a number."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = _("Mỗi đơn vị một dòng. Ví dụ: m2")
        asked = {"required": _("Ghi đơn vị, mỗi dòng một đơn vị, ví dụ: kg.")}
        super().__init__(**{"label": _("Các đơn vị"), "help_text": help_text, "error_messages": asked, **kwargs})


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


OWNER_HELP = _("Gõ vài chữ của tên rồi chọn; hoặc ghi mã của cơ quan.")


class OwnerField(OrganizationCodeField):
    """The organisation that owns what is built; one must be named. What is typed is looked up among the agencies."""

    widget = OrganizationInput

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        if found is None:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return found


class BeginForm(forms.Form):
    """A new draft."""

    use_required_attribute = False
    title = TextField(label=_("Tên gói"), max_length=200, help_text=_("Ví dụ: Chợ và siêu thị"))
    name = PatternField(
        NAME,
        label=_("Mã gói"),
        required=False,
        max_length=80,
        help_text=_(
            "Lĩnh vực, dấu chấm, tên; chữ thường không dấu. Ví dụ: thuongmai.cho. Để trống thì lấy từ tên cơ quan và tên gói."
        ),
        error_messages={
            "invalid": _("Mã gói gồm hai phần chữ thường không dấu nối bằng dấu chấm, ví dụ thuongmai.cho.")
        },
    )
    owner = OwnerField(label=_("Cơ quan chủ quản"), help_text=OWNER_HELP)
    description = TextField(
        label=_("Gói này để làm gì?"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        """A name that nobody wrote is made of the agency and the title."""
        given: dict[str, Any] = self.cleaned_data
        if not given.get("name") and "name" not in self.errors and given.get("owner") and given.get("title"):
            sector = _OF_AGENCIES.sub("", given["owner"].name)
            given["name"] = f"{name_from(sector, ())}.{name_from(given['title'], ())}"
        return given


class ManifestForm(forms.Form):
    """What ``pack.yaml`` says."""

    use_required_attribute = False
    title = TextField(label=_("Tên gói"), max_length=200)
    version = PatternField(
        r"^\d+\.\d+\.\d+\Z",
        label=_("Phiên bản của gói"),
        max_length=20,
        help_text=_("Ba số, ví dụ 1.0.0; tăng lên mỗi lần phát hành."),
        error_messages={"invalid": _("Phiên bản gồm ba số nối bằng dấu chấm, ví dụ 1.2.0.")},
    )
    owner = TextField(label=_("Cơ quan chủ quản"), required=False, max_length=200, widget=OrganizationInput)
    description = TextField(
        label=_("Gói này để làm gì?"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )
    legal_basis = Lines(label=_("Căn cứ pháp lý"), help_text=_("Mỗi văn bản một dòng."))
    depends_on = Lines(label=_("Cần các gói"), help_text=_("Mã gói, mỗi gói một dòng."))
    uses_codelists = Lines(
        label=_("Dùng danh mục của nơi khác"), help_text=_("Mã danh mục không ở trong gói, mỗi mã một dòng.")
    )


class ArchiveForm(forms.Form):
    """A pack as a .zip."""

    use_required_attribute = False
    file = forms.FileField(label=_("Tệp .zip của gói"), widget=forms.FileInput({"accept": ".zip,application/zip"}))
    owner = OwnerField(label=_("Cơ quan chủ quản"), help_text=OWNER_HELP)

    def clean_file(self) -> bytes:
        """The bytes of the archive, when they are not too many."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_ZIP:
            raise forms.ValidationError(_("Tệp .zip lớn hơn 20 MB."), code="too_large")
        return bytes(file.read())


class ShippedForm(forms.Form):
    """A pack that came with the product."""

    use_required_attribute = False
    pack = forms.ChoiceField(
        label=_("Gói đang có"),
        help_text=_("Để xem và làm mẫu: gói đi kèm hệ thống không thay được bằng gói khác cùng mã."),
    )
    owner = OwnerField(label=_("Cơ quan chủ quản"), help_text=OWNER_HELP)

    def __init__(self, *args: Any, packs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["pack"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Chọn…")), *packs]


class TextForm(forms.Form):
    """A file as text."""

    use_required_attribute = False
    text = forms.CharField(
        label=_("Nội dung tệp"),
        required=False,
        strip=False,
        max_length=1_000_000,
        widget=forms.Textarea({"rows": 28, "spellcheck": "false", "class": "hl-source"}),
    )

    def clean_text(self) -> str:
        """Lines that end as ours do."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")


class NewFileForm(forms.Form):
    """Where a new file stands."""

    use_required_attribute = False
    path = TextField(label=_("Tên tệp"), max_length=110, help_text=_("Ví dụ: results/giay_chung_nhan.html"))
