"""What the pages of provisioning ask for."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.identity.people_forms import PasswordForm
from hienluong.ui.widgets import TextField

from .columns import LIMITS

ALL, SOME = "all", "some"
_SPAN = re.compile(r"(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?", re.ASCII)


class SheetForm(forms.Form):
    """A sheet of officials."""

    use_required_attribute = False
    file = forms.FileField(
        label=gettext_lazy("Tệp Excel hoặc CSV"),
        help_text=gettext_lazy("Tối đa 10 MB, 20.000 dòng. Không để mật khẩu trong tệp."),
        error_messages={"required": gettext_lazy("Chọn một tệp."), "empty": gettext_lazy("Tệp rỗng.")},
        allow_empty_file=False,
    )
    invites = forms.BooleanField(
        label=gettext_lazy("Mở tài khoản và gửi thư mời đặt mật khẩu cho người chưa có tài khoản"),
        required=False,
        initial=True,
    )


class RowsField(TextField):
    """Numbers of rows as people write them: ``2-150, 200``."""

    def clean(self, value: Any) -> Any:
        """The numbers; ``None`` when nothing was written."""
        text = super().clean(value)
        if not text.strip():
            return None
        numbers: set[int] = set()
        for part in re.split(r"[,;]", text):
            found = _SPAN.fullmatch(part.strip())
            if found is None:
                raise ValidationError(_("Viết số dòng như 2-150, 200."), code="form")
            first, last = int(found[1]), int(found[2] or found[1])
            if last < first or last > LIMITS.rows + 1:
                raise ValidationError(_("Không có các dòng %(part)s.") % {"part": part.strip()}, code="range")
            numbers.update(range(first, last + 1))
        return numbers


class StartForm(forms.Form):
    """Which rows of a sheet are written."""

    use_required_attribute = False
    which = forms.ChoiceField(
        label=gettext_lazy("Nhập những dòng nào?"),
        choices=((ALL, gettext_lazy("Mọi dòng không có lỗi")), (SOME, gettext_lazy("Chỉ các dòng ghi dưới đây"))),
        widget=forms.RadioSelect,
        initial=ALL,
    )
    rows = RowsField(
        label=gettext_lazy("Số dòng trong tệp"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Ví dụ 2-150, 200. Dòng 1 là tên cột."),
    )

    def clean(self) -> dict[str, Any]:
        """Rows are named when only some are wanted."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("which") == SOME and data.get("rows") is None and "rows" not in self.errors:
            self.add_error("rows", _("Ghi số các dòng cần nhập."))
        return data

    def wanted(self) -> set[int] | None:
        """The numbers of the rows; None for all."""
        numbers: set[int] | None = self.cleaned_data["rows"]
        return numbers if self.cleaned_data["which"] == SOME else None


class FirstPasswordForm(PasswordForm):
    """The first password, twice."""

    old = None  # type: ignore[assignment]  # there is none yet
