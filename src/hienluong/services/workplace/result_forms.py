"""What officers and leaders fill in about the result: its fields, the conclusion, the decision, a revocation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.forms import fields as engine_fields
from hienluong.services.dossiers import drafting, steps
from hienluong.services.dossiers.models import Dossier
from hienluong.ui.widgets import TextField

from .forms import RemarkForm


class ReviewForm(forms.Form):
    """The conclusion of the review, and beside it (`sheet`) the fields that the result prints."""

    grants = forms.ChoiceField(
        label=_("Đề xuất"),
        choices=(("yes", _("Đủ điều kiện: trình cấp kết quả")), ("no", _("Không đủ điều kiện: trình văn bản từ chối"))),
        widget=forms.RadioSelect,
    )
    conclusion = TextField(label=_("Kết luận thẩm định"), max_length=8000, widget=forms.Textarea(attrs={"rows": 6}))

    again = forms.BooleanField(
        label=_("Làm lại bước kiểm tra, lấy ý kiến hoặc chuyển cấp trên"),
        help_text=_("Bỏ trống nếu chỉ sửa lại dự thảo: hồ sơ quay lại thẳng người đã trả."),
        required=False,
    )

    def __init__(self, data: Any = None, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        if not steps.was_proposed(dossier):
            del self.fields["again"]
        self.saving = bool(data) and data.get("tiep") == "draft"  # a draft may be half filled in
        self.fields["conclusion"].required = not self.saving
        draft = drafting.current(dossier)
        self.fields["grants"].initial = "no" if draft and not draft.grants else "yes"
        self.fields["conclusion"].initial = draft.conclusion if draft else ""
        form = drafting.form_of(dossier)
        self.sheet = engine_fields.bind(form.pages[0], form, draft.fields if draft else {}, data) if form else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.saving and data.get("grants") == "yes" and self.sheet and not self.sheet.is_valid():
            is_sound = self.sheet.come and not self.sheet.errors
            raise ValidationError(engine_fields.OPENED if is_sound else _("Hãy điền đúng các mục in trên kết quả."))
        return data

    def officer_fields(self) -> dict[str, Any] | None:
        """The fields of the result as typed; None when the result has none."""
        if self.sheet is None:
            return None
        self.sheet.is_valid()
        return self.sheet.outcome.data


class SignForm(RemarkForm):
    """Signing the very draft that the page shows."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        draft = drafting.current(dossier)
        self.fields["seen"].initial = drafting.digest(draft) if draft else ""


class RevokeForm(forms.Form):
    """Why and on what ground a signed result is taken back."""

    reason = TextField(label=_("Lý do thu hồi"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    legal_basis = TextField(
        label=_("Căn cứ pháp lý, số và ngày quyết định thu hồi"),
        help_text=_("Ví dụ: Quyết định 12/QĐ-UBND ngày 26/11/2026; Điều 70 Luật Hộ tịch"),
        max_length=300,
    )
    confirm = forms.BooleanField(
        label=_("Tôi hiểu: kết quả mất hiệu lực ngay, mọi người tra cứu đều thấy đã bị thu hồi."),
        error_messages={"required": _("Hãy đánh dấu để xác nhận thu hồi.")},
    )
