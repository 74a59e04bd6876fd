"""What officials type about the catalogue."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.ui.widgets import DatePartsField, TextField

from .life_events import LIFE_EVENTS
from .models import Field, Procedure
from .queries import CatalogueFilter

_ANY = ("", _("Tất cả"))
LEVELS = (("province", _("Tỉnh")), ("department", _("Sở")), ("district", _("Huyện")), ("commune", _("Xã")))
APPLICANTS = (("citizen", _("Công dân")), ("enterprise", _("Doanh nghiệp")), ("household", _("Hộ kinh doanh")))
_YES_NO = (_ANY, ("1", _("Có")), ("0", _("Không")))


class FilterForm(forms.Form):
    """The filters of the list; what does not fit is left out, never an error page."""

    q = TextField(label=_("Tên, mã, từ khóa"), required=False, max_length=200)
    linh_vuc = forms.ChoiceField(label=_("Lĩnh vực"), required=False)
    trang_thai = forms.ChoiceField(label=_("Trạng thái"), required=False, choices=[_ANY, *Procedure.State.choices])
    muc = forms.ChoiceField(label=_("Mức trực tuyến"), required=False, choices=[_ANY, *Procedure.OnlineLevel.choices])
    cap = forms.ChoiceField(label=_("Cấp thực hiện"), required=False, choices=[_ANY, *LEVELS])
    doi_tuong = forms.ChoiceField(label=_("Đối tượng"), required=False, choices=[_ANY, *APPLICANTS])
    su_kien = forms.ChoiceField(
        label=_("Sự kiện"), required=False, choices=[_ANY, *((e.code, e.label) for e in LIFE_EVENTS.values())]
    )
    day_du = forms.ChoiceField(label=_("Giải quyết được trên hệ thống"), required=False, choices=_YES_NO)
    thu = forms.ChoiceField(label=_("Mục thử"), required=False, choices=_YES_NO)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = Field.objects.order_by("sort_name").values_list("code", "name")
        self.fields["linh_vuc"].choices = [_ANY, *names]  # type: ignore[attr-defined]

    def wanted(self) -> CatalogueFilter:
        """The filter that the query string asks for."""
        self.is_valid()
        given = self.cleaned_data
        yes_no = {"1": True, "0": False}
        return CatalogueFilter(
            text=given.get("q", ""),
            field=given.get("linh_vuc", ""),
            state=given.get("trang_thai", ""),
            online_level=given.get("muc", ""),
            agency_level=given.get("cap", ""),
            applicant=given.get("doi_tuong", ""),
            life_event=given.get("su_kien", ""),
            complete=yes_no.get(given.get("day_du", "")),
            generated=yes_no.get(given.get("thu", "")),
        )

    def used(self) -> int:
        """How many filters are set."""
        self.is_valid()
        return sum(bool(value) for value in self.cleaned_data.values())


class SuspendForm(forms.Form):
    """Why no new dossiers are taken, and by whose decision."""

    reason = TextField(label=_("Lý do tạm ngừng"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    decision = TextField(label=_("Số quyết định"), max_length=120, required=False)


class ResumeForm(forms.Form):
    """Why dossiers are taken again."""

    note = TextField(label=_("Ghi chú"), max_length=500, required=False)


class ReplaceForm(forms.Form):
    """Which procedure takes over."""

    by = TextField(label=_("Mã thủ tục thay thế"), max_length=40, help_text=_("Ví dụ 1.001193"))
    reason = TextField(label=_("Căn cứ, lý do"), max_length=500)

    def clean_by(self) -> Procedure:
        """The procedure with this code."""
        found = Procedure.objects.filter(code=self.cleaned_data["by"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("Không có thủ tục mang mã này."))
        return found


class UploadForm(forms.Form):
    """A file with catalogue entries."""

    file = forms.FileField(
        label=_("Tệp danh mục"),
        help_text=_("Excel (.xlsx), CSV hoặc JSON, đến 10 MB, 5.000 dòng. Lấy mẫu bằng cách xuất danh mục hiện có."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.json"}),
    )
    effective_from = DatePartsField(
        label=_("Ngày có hiệu lực của mục theo dạng Cổng quốc gia"),
        help_text=_("Chỉ dùng cho tệp LayThuTuc, vì dạng này không ghi ngày có hiệu lực."),
        required=False,
        initial=timezone.localdate,
    )
