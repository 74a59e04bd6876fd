"""What the pages of a code list ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.codelists.row_form import CodeRowForm, day_box
from hienluong.ui.widgets import DatePartsField, PatternField, TextField

from .forms import Lines

#: Blank rows below those that are there.
MORE = 3
_CODE = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*\Z"


class NewCodeListForm(forms.Form):
    """A new code list."""

    use_required_attribute = False
    title = TextField(label=_("Tên danh mục"), max_length=200, help_text=_("Ví dụ: Hình thức nuôi"))
    code = PatternField(
        _CODE,
        label=_("Mã danh mục"),
        required=False,
        max_length=60,
        help_text=_("Để trống thì lấy từ tên: hinh-thuc-nuoi. Đặt rồi không đổi được."),
        error_messages={"invalid": _("Chỉ gồm chữ thường không dấu, số, nối bằng gạch ngang, ví dụ hinh-thuc-nuoi.")},
    )
    valid_from = DatePartsField(label=_("Dùng từ ngày"), initial=timezone.localdate)


class CodeListForm(forms.Form):
    """What a list is, the days of its edition, lines that are pasted."""

    use_required_attribute = False
    title = TextField(label=_("Tên danh mục"), max_length=200)
    description = TextField(
        label=_("Danh mục này để làm gì?"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    coding = forms.ChoiceField(
        label=_("Mã do ai đặt?"),
        choices=(("assigned", _("Cơ quan tự đặt")), ("published", _("Văn bản ban hành đặt"))),
        widget=forms.RadioSelect,
    )
    valid_from = DatePartsField(label=_("Dùng từ ngày"))
    legal_basis = Lines(label=_("Căn cứ pháp lý"), help_text=_("Mỗi văn bản một dòng."))
    source = TextField(label=_("Các mã lấy từ đâu?"), max_length=500, help_text=_("Văn bản, trang web, hoặc ai lập."))
    lines = forms.CharField(
        label=_("Các dòng thêm vào"),
        required=False,
        max_length=200_000,
        strip=False,
        widget=forms.Textarea({"rows": 5, "spellcheck": "false"}),
        help_text=_(
            "Mỗi dòng một mục: mã; tên; mã cấp trên; từ ngày; không dùng nữa từ ngày. Chỉ ghi tên thì mã lấy từ tên. Dán thẳng"
            " các ô của bảng tính cũng được."
        ),
    )
    next_from = DatePartsField(label=_("Ấn bản mới dùng từ ngày"), required=False)

    def __init__(self, *args: Any, is_held: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_held:  # the day that is in force stays
            del self.fields["valid_from"]
        else:
            del self.fields["next_from"]


class CodeForm(CodeRowForm):
    """One row, with the days of its own that it has."""

    called: ClassVar = {
        "code": _("Mã, dòng %(number)d"),
        "name": _("Tên, dòng %(number)d"),
        "parent": _("Mã cấp trên, dòng %(number)d"),
        "valid_from": _("Từ ngày, dòng %(number)d"),
        "valid_to": _("Không dùng nữa từ ngày, dòng %(number)d"),
    }
    valid_from = day_box()
    valid_to = day_box()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].widget.attrs["list"] = "ma-cap-tren"

    def clean(self) -> dict[str, Any]:
        """A row that says anything says its name."""
        given: dict[str, Any] = self.cleaned_data
        if (
            any(given.get(part) for part in ("code", "parent", "valid_from", "valid_to"))
            and not given.get("name")
            and "name" not in self.errors
        ):
            self.add_error("name", str(gettext("Ghi tên của mã này.")))
        begins, ends = given.get("valid_from"), given.get("valid_to")
        if begins and ends and ends <= begins:
            self.add_error("valid_to", gettext("Phải sau ngày bắt đầu."))
        return given


if TYPE_CHECKING:
    _Rows = forms.BaseFormSet[CodeForm]
else:
    _Rows = forms.BaseFormSet


class CodeRows(_Rows):
    """The rows of a page of the table, and a few blank ones."""

    @property
    def said(self) -> Sequence[Mapping[str, Any]]:
        """What each row says; `was` marks those that were there."""
        blank = {"code": "", "name": "", "parent": ""}
        first = self.initial_form_count()
        return [
            {**blank, **each.cleaned_data, **({"was": "1"} if number < first else {})}
            for number, each in enumerate(self)
        ]


_made = forms.formset_factory(CodeForm, formset=CodeRows, extra=MORE, max_num=1000)


def code_rows(data: Any, entries: Sequence[Mapping[str, Any]]) -> CodeRows:
    """The boxes of these rows."""
    initial = [
        {**{name: str(entry.get(name, "")) for name in ("code", "name", "parent")}, **_days(entry)} for entry in entries
    ]
    return cast("CodeRows", _made(data, prefix="ma", initial=initial))


def _days(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {part: entry[part] for part in ("valid_from", "valid_to") if part in entry}
