"""The columns of a repeating table as rows of boxes: for registers and for forms alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.schemas.kinds import FILES
from hienluong.foundation.schemas.properties import Property, properties
from hienluong.ui.widgets import TextField

from . import field_properties
from .forms import Lines, UnitLines
from .labels import GROUPS, kind_label

Choices = Sequence[tuple[Any, Any]]
#: What stands in no column: a table within a table, and files, which are fields of their own.
_NOT_INSIDE = frozenset(("table", *FILES))
#: The boxes that only some kinds have.
_OF_KINDS = ("options", "units", "list", "leaf", "register")
_BLANK = {"title": "", "kind": "", "required": False, "name": ""}


class ColumnForm(forms.Form):
    """One column of a table; one without a title is left out. Which boxes there are depends on its kind."""

    use_required_attribute = False
    title = TextField(label=_("Tên cột"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("Kiểu"), required=False, initial="text")
    options = Lines(label=_("Các lựa chọn"), help_text=_("Mỗi dòng một lựa chọn."))
    units = UnitLines()
    list = forms.ChoiceField(
        label=_("Mã lấy từ danh mục nào?"),
        required=False,
        error_messages={"required": _("Chọn danh mục mà mã lấy từ đó.")},
    )
    leaf = forms.BooleanField(label=_("Chỉ nhận mã ở cấp cuối cùng"), required=False)
    register = forms.ChoiceField(label=_("Cơ sở dữ liệu được chỉ tới"), required=False)
    required = forms.BooleanField(label=_("Bắt buộc"), required=False)
    name = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(
        self, *args: Any, lists: Choices = (), registers: Choices = (), without: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.was = str(self.initial.get("kind", ""))
        boxes = field_properties.boxes_of(self.was)
        for box in set(_OF_KINDS) - boxes:
            del self.fields[box]
        self._offer("kind", _kinds(self.was, without))
        for box, offered in (("list", lists), ("register", registers)):
            self._offer(box, field_properties.menu(offered, str(self.initial.get(box) or "")))

    def _offer(self, name: str, choices: Choices) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    @property
    def details(self) -> Sequence[Any]:
        """The boxes of its kind."""
        return [self[box] for box in _OF_KINDS if box in self.fields]

    def clean(self) -> dict[str, Any]:
        """What its kind asks for must be there, as long as it stays of this kind."""
        given = dict(self.cleaned_data)
        if not given.get("title") or given.get("kind") != self.was:  # left out, or begun anew as another kind
            return {word: value for word, value in given.items() if word not in _OF_KINDS}
        if "options" in given:
            given["options"], fault = field_properties.options_checked(given["options"])
            if fault:
                self.add_error("options", fault)
        for box in ("units", "list", "register"):
            if box in given and not given[box]:
                self.add_error(box, str(self.fields[box].error_messages["required"]))
        return given


if TYPE_CHECKING:
    _Rows = forms.BaseFormSet[ColumnForm]
else:
    _Rows = forms.BaseFormSet


class _Columns(_Rows):
    def clean(self) -> None:
        if not any(self.errors) and not any(column["title"] for column in self.said):
            raise forms.ValidationError(_("Bảng phải có ít nhất một cột."))

    @property
    def said(self) -> Sequence[Mapping[str, Any]]:
        """What the boxes of each column say; a column that is left out has no title."""
        return [{**_BLANK, **each.cleaned_data} for each in self]


_made = forms.formset_factory(ColumnForm, formset=_Columns, extra=2, max_num=30)


def columns_form(
    data: Mapping[str, Any] | None,
    prop: Property,
    *,
    lists: Choices,
    registers: Choices = (),
    without: Collection[str] = (),
) -> _Columns | None:
    """The boxes of a table's columns; None for a field of another kind. `without`: kinds that are not offered."""
    is_list = "x-kind" not in prop and not properties(prop.get("items") or {})  # of plain values, written by hand
    if field_properties.kind_of(prop) != "table" or is_list:
        return None
    kwargs = {"lists": lists, "registers": registers, "without": without}
    return cast("_Columns", _made(data, prefix="cot", initial=field_properties.columns_of(prop), form_kwargs=kwargs))


def _kinds(now: str, without: Collection[str]) -> Choices:
    """The kinds of a column in their groups, and the one it is now."""
    left_out = _NOT_INSIDE | set(without)
    inside = [
        (heading, [(kind, label) for kind, label in kinds.items() if kind not in left_out])
        for heading, kinds in GROUPS.items()
    ]
    groups: list[tuple[Any, Any]] = [(heading, kinds) for heading, kinds in inside if kinds]
    return [*groups, (_("Đang dùng"), [(now, kind_label(now))])] if now in left_out else groups
