"""The forms of the register of breaches."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.ui.widgets import TextField

from .kinds import KINDS

_MOMENT = _("Giờ và ngày, ví dụ 08:30 26/11/2026.")


class MomentField(forms.DateTimeField):
    """A moment as people write it: ``08:30 26/11/2026``, in the time of Việt Nam."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateTimeInput({"class": "govuk-input--width-20"}, format="%H:%M %d/%m/%Y"))
        kwargs.setdefault("help_text", _MOMENT)
        super().__init__(
            input_formats=["%H:%M %d/%m/%Y", "%d/%m/%Y %H:%M"],
            error_messages={"invalid": _("Nhập giờ và ngày có thật, ví dụ 08:30 26/11/2026.")},
            **kwargs,
        )


def _area(label: Any, *, rows: int = 4, required: bool = True, help_text: Any = "", most: int = 10_000) -> TextField:
    return TextField(
        label=label, required=required, help_text=help_text, max_length=most, widget=forms.Textarea({"rows": rows})
    )


class ReportForm(forms.Form):
    """What anybody says who noticed a breach."""

    text = _area(
        _("Chuyện gì đã xảy ra?"),
        rows=8,
        help_text=_("Dữ liệu của ai, lộ hay mất ở đâu, bạn biết được từ khi nào. Đừng chép lại chính dữ liệu bị lộ."),
    )
    contact = TextField(
        label=_("Liên hệ với bạn thế nào?"),
        required=False,
        max_length=200,
        help_text=_("Điện thoại hoặc thư điện tử, để hỏi thêm và báo kết quả."),
    )


class OfficialReportForm(ReportForm):
    """The same of an official, who knows when it was noticed."""

    detected_at = MomentField(label=_("Phát hiện lúc nào?"), required=False)


class AssessForm(forms.Form):
    """What the law wants to know (Nghị định 356/2025/NĐ-CP, khoản 1 Điều 28)."""

    is_breach = forms.TypedChoiceField(
        label=_("Có phải vi phạm bảo vệ dữ liệu cá nhân không?"),
        coerce=lambda value: value == "yes",
        choices=(("yes", _("Phải")), ("no", _("Không phải"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("Chọn đó có phải vi phạm không.")},
    )
    may_harm = forms.TypedChoiceField(
        label=_("Có thể gây hại không?"),
        help_text=_(
            "Quốc phòng, an ninh, trật tự, an toàn xã hội; hoặc tính mạng, sức khỏe, danh dự, nhân phẩm, tài sản của người có "
            "dữ liệu. Có thì phải báo cơ quan chuyên trách trong 72 giờ (Luật 91/2025/QH15, khoản 1 Điều 23)."
        ),
        coerce=lambda value: value == "yes",
        choices=(("yes", _("Có thể")), ("no", _("Không thể"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("Chọn có thể gây hại hay không.")},
    )
    assessment = _area(_("Căn cứ đánh giá"))
    detected_at = MomentField(label=_("Phát hiện lúc"), help_text=_("Chỉ đưa về sớm hơn được. Ví dụ 08:30 26/11/2026."))
    happened = TextField(label=_("Thời gian xảy ra"), required=False, max_length=300)
    place = TextField(label=_("Địa điểm"), required=False, max_length=300)
    deed = _area(_("Hành vi"), required=False)
    involved = _area(_("Tổ chức, cá nhân liên quan"), required=False, rows=3)
    kinds = forms.MultipleChoiceField(
        label=_("Loại dữ liệu cá nhân"),
        required=False,
        choices=[(kind.code, kind.label) for kind in KINDS],
        widget=forms.CheckboxSelectMultiple,
    )
    kinds_note = TextField(label=_("Nói rõ loại dữ liệu"), required=False, max_length=500)
    persons = forms.IntegerField(label=_("Số người có dữ liệu"), required=False, min_value=0, max_value=2_000_000_000)
    records = forms.IntegerField(
        label=_("Số lượng dữ liệu (bản ghi)"), required=False, min_value=0, max_value=2_000_000_000
    )
    consequences = _area(_("Hậu quả, thiệt hại có thể xảy ra"), required=False)
    measures = _area(_("Biện pháp giải quyết, giảm tác hại"), required=False)

    def parts(self) -> list[tuple[str | Promise, list[BoundField]]]:
        """The boxes by what they are about: the verdict first, then what form 08 asks."""
        parts = (
            (_("Kết luận"), ("is_breach", "may_harm", "assessment", "detected_at")),
            (_("Việc đã xảy ra"), ("happened", "place", "deed", "involved")),
            (_("Dữ liệu bị ảnh hưởng"), ("kinds", "kinds_note", "persons", "records")),
            (_("Hậu quả và biện pháp"), ("consequences", "measures")),
        )
        return [(heading, [self[name] for name in names]) for heading, names in parts]


class MeasureForm(forms.Form):
    """One thing that was done."""

    text = _area(_("Việc đã làm"))


class PaperForm(forms.Form):
    """What a paper needs beside the register."""

    officer_name = TextField(label=_("Nhân sự bảo vệ dữ liệu: họ và tên"), max_length=150)
    officer_title = TextField(label=_("Chức danh"), max_length=150)
    officer_phone = TextField(label=_("Số điện thoại liên lạc"), max_length=40)
    officer_email = forms.EmailField(label=_("Thư điện tử"), required=False)
    founding = TextField(label=_("Quyết định thành lập (số, ngày, nơi cấp)"), required=False, max_length=300)
    tax_code = TextField(label=_("Mã số thuế"), required=False, max_length=20)
    attached = _area(_("Tài liệu kèm theo, mỗi dòng một tài liệu"), required=False, rows=3)


class AuthorityForm(forms.Form):
    """How and when the authority was told."""

    how = TextField(
        label=_("Gửi qua đâu, số văn bản"),
        max_length=300,
        help_text=_(
            "Cổng thông tin quốc gia về bảo vệ dữ liệu cá nhân, hoặc văn bản gửi cơ quan chuyên trách, Bộ Công an."
        ),
    )
    at = MomentField(label=_("Gửi lúc"), required=False, help_text=_("Để trống là bây giờ. Ví dụ 08:30 26/11/2026."))
    late_reason = _area(_("Lý do chậm, nếu quá 72 giờ"), required=False, rows=3, most=1000)


class ConcernedForm(forms.Form):
    """Whose data: personal numbers."""

    numbers = _area(_("Số định danh, mã số thuế"), rows=8, help_text=_("Mỗi người một dòng."), most=100_000)


class PersonsForm(forms.Form):
    """What persons are told beside what the register knows (Nghị định 356/2025/NĐ-CP, khoản 2 Điều 29)."""

    severity = _area(_("Mức độ nghiêm trọng, rủi ro cho người dân"), rows=3, most=2000)
    advice = _area(_("Người dân nên làm gì"), rows=3, most=2000)
    contact = _area(_("Hỏi ai: bộ phận, điện thoại, thư điện tử"), rows=2, most=500)
    late_reason = _area(_("Lý do chậm, nếu quá 72 giờ"), required=False, rows=3, most=1000)


class PublicForm(forms.Form):
    """Where everybody was told."""

    address = TextField(label=_("Địa chỉ trang đã đăng thông báo"), max_length=300)
    late_reason = _area(_("Lý do chậm, nếu quá 72 giờ"), required=False, rows=3, most=1000)


class CloseForm(forms.Form):
    """How it ended."""

    conclusion = _area(_("Kết luận, việc đã khắc phục, rút kinh nghiệm"))
