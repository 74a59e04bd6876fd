"""The table of codes that is edited: a row for each code, blank rows, cells that are pasted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.ui.widgets import TextField

from .forms import BASIS
from .models import Code
from .pasting import Line, lines
from .row_form import CodeRowForm, day_box

#: Blank rows below those that are there.
MORE = 5


class TogetherForm(forms.Form):
    """By which document the codes change, and rows that are pasted."""

    use_required_attribute = False
    legal_basis = TextField(label=_("Căn cứ pháp lý"), max_length=200, help_text=BASIS)
    lines = forms.CharField(
        label=_("Dán các ô của bảng tính"),
        required=False,
        max_length=400_000,
        strip=False,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
        help_text=_(
            "Chép các ô trong Excel rồi dán vào đây. Thứ tự cột: mã, tên, mã cha, từ ngày, không dùng nữa từ ngày; hoặc dòng đầu"
            " là tên cột."
        ),
    )

    @property
    def pasted(self) -> list[Line]:
        """The rows that were pasted."""
        return lines(self.cleaned_data["lines"])


class RowForm(CodeRowForm):
    """One row; of a code that is there, its code, place and first day stay."""

    called: ClassVar = {
        "code": _("Mã, dòng %(number)d"),
        "name": _("Tên, dòng %(number)d"),
        "parent": _("Mã cha, dòng %(number)d"),
        "since": _("Từ ngày, dòng %(number)d"),
        "until": _("Không dùng nữa từ ngày, dòng %(number)d"),
    }
    kept: ClassVar = ("code", "parent", "since")
    since = day_box()
    until = day_box()

    def line(self, number: int) -> Line | None:
        """The row, when it says anything new."""
        said = self.cleaned_data
        if not self.has_changed() or not any(said.values()):
            return None
        given = {part: said[part] for part in ("code", "name", "parent", "since", "until")}
        if self.is_there:
            given |= {"since": None, "parent": ""}
        return Line(number, **given)


if TYPE_CHECKING:
    _Rows = forms.BaseFormSet[RowForm]
else:
    _Rows = forms.BaseFormSet


class Rows(_Rows):
    """The rows of a page of the table, and a few blank ones."""

    @property
    def said(self) -> list[Line]:
        """The rows that say anything new."""
        return [line for number, each in enumerate(self, 1) if (line := each.line(number))]


_made = forms.formset_factory(RowForm, formset=Rows, extra=MORE, max_num=1000)


def rows_of(data: Any, codes: Sequence[Code]) -> Rows:
    """The boxes of these codes."""
    initial = [
        {
            "code": code.value,
            "name": code.name,
            "parent": code.parent.value if code.parent else "",
            "since": code.valid.lower,
            "until": code.valid.upper,
        }
        for code in codes
    ]
    return cast("Rows", _made(data, prefix="dong", initial=initial))
