"""What a question of a form is, as boxes to fill in; and back into the words of its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.forms.definition import PREFILL_SOURCES
from hienluong.foundation.schemas import expressions, formulas
from hienluong.foundation.schemas.properties import Property
from hienluong.services.procedures.kind_words import PREFILLS
from hienluong.ui.widgets import TextField, WholeField

from .condition_form import ConditionForm
from .field_properties import menu, options_from
from .forms import ChoiceLines, UnitLines
from .numbers import TypedNumberField
from .schema_operations import CHOICE


def kind_of(prop: Property) -> str:
    """What the palette calls a field; empty for one that was written by hand."""
    return CHOICE if "enum" in prop else str(prop.get("x-kind", ""))


class FieldForm(ConditionForm):
    """A question. Which boxes there are depends on its kind."""

    def __init__(
        self,
        *args: Any,
        name: str,
        prop: Mapping[str, Any],
        required: bool,
        known: Mapping[str, Property],
        lists: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, known=known, when=str(prop.get("x-when", "")), **kwargs)
        self.prop = prop
        mine: dict[str, forms.Field] = {
            "title": TextField(label=_("Câu hỏi"), max_length=300, initial=prop.get("title", "")),
            "hint": TextField(
                label=_("Gợi ý dưới câu hỏi"), required=False, max_length=300, initial=prop.get("x-hint", "")
            ),
            "required": forms.BooleanField(label=_("Bắt buộc trả lời"), required=False, initial=required),
            **_of_kind(prop, lists),
            "prefill": forms.ChoiceField(
                label=_("Điền sẵn từ"),
                required=False,
                choices=_prefills(str(prop.get("x-prefill", ""))),
                initial=prop.get("x-prefill", ""),
                help_text=_("Điều Nhà nước đã biết thì không hỏi lại."),
            ),
            "missing": TextField(
                label=_("Lời báo khi bỏ trống"),
                required=False,
                max_length=300,
                initial=(prop.get("x-errors") or {}).get("required", ""),
            ),
            "computed": TextField(
                label=_("Công thức"),
                required=False,
                max_length=expressions.MAX_LENGTH,
                initial=prop.get("x-computed", ""),
                help_text=_("Để trống nếu người dân tự khai. Viết tên câu hỏi như trên màn hình, ví dụ Số bàn * 5000"),
            ),
            "name": TextField(
                label=_("Tên trong dữ liệu"),
                max_length=40,
                initial=name,
                help_text=_("Đổi ở đây thì mọi điều kiện, quy tắc, mẫu giấy đổi theo."),
            ),
        }
        self.fields = {**mine, **self.fields}

    def as_property(self) -> dict[str, Any]:
        """The words of the field, what was not asked for kept as it is."""
        given = self.cleaned_data
        prop: dict[str, Any] = {**self.prop, "title": given["title"], "x-hint": given["hint"]}
        prop |= {"x-when": given["when"], "x-prefill": given["prefill"]}
        prop["x-computed"] = formulas.in_names(given["computed"], self.known)
        errors = {word: said for word, said in (prop.get("x-errors") or {}).items() if word != "required"}
        prop["x-errors"] = {"required": given["missing"], **errors} if given["missing"] else errors
        for word in ("minLength", "maxLength", "minimum", "maximum", "x-list", "x-units"):
            if word in given:
                prop[word] = given[word]
        if "x-unit-only" in given:
            prop["x-unit-only"] = given["x-unit-only"] or None
        if "options" in given:
            labels = dict(options_from(given["options"]))
            prop |= {"enum": list(labels), "x-enum-labels": labels}
        return prop


class PageForm(ConditionForm):
    """A page of a form."""

    def __init__(self, *args: Any, page: Mapping[str, Any], known: Mapping[str, Property], **kwargs: Any) -> None:
        super().__init__(*args, known=known, when=str(page.get("when", "")), **kwargs)
        mine: dict[str, forms.Field] = {
            "title": TextField(label=_("Tên trang"), max_length=200, initial=page.get("title", "")),
            "help": TextField(
                label=_("Lời dẫn dưới tên trang"),
                required=False,
                max_length=1000,
                widget=forms.Textarea({"rows": 2}),
                initial=page.get("help", ""),
            ),
        }
        self.fields = {**mine, **self.fields}


def _of_kind(prop: Property, lists: Sequence[tuple[str, str]]) -> dict[str, forms.Field]:
    kind = kind_of(prop)
    boxes: dict[str, forms.Field] = {}
    if kind == CHOICE:
        labels = prop.get("x-enum-labels") or {}
        boxes["options"] = ChoiceLines(
            initial=[f"{value}: {labels.get(str(value), value)}" for value in prop.get("enum", ())]
        )
    if kind in ("text", "rich"):
        boxes["maxLength"] = WholeField(
            label=_("Dài nhất (ký tự)"), required=False, min_value=1, max_value=20_000, initial=prop.get("maxLength")
        )
    if kind in ("integer", "money"):
        for word, label in (("minimum", _("Nhỏ nhất")), ("maximum", _("Lớn nhất"))):
            boxes[word] = WholeField(
                label=label, required=False, min_value=-(10**15), max_value=10**15, initial=prop.get(word)
            )
    if kind == "number":
        for word, label in (("minimum", _("Nhỏ nhất")), ("maximum", _("Lớn nhất"))):
            boxes[word] = TypedNumberField(label=label, required=False, initial=prop.get(word))
    if kind == "quantity":
        boxes["x-units"] = UnitLines(label=_("Đơn vị"), required=True, initial=prop.get("x-units", ()))
    if kind == "address":
        boxes["x-unit-only"] = forms.BooleanField(
            label=_("Chỉ hỏi tới xã, phường"), required=False, initial=bool(prop.get("x-unit-only"))
        )
    if kind == "code":
        now = str(prop.get("x-list", ""))
        boxes["x-list"] = forms.ChoiceField(
            label=_("Mã lấy từ danh mục nào?"),
            choices=menu(lists, now),
            initial=now,
            error_messages={"required": _("Chọn danh mục mà mã lấy từ đó.")},
        )
    return boxes


def _prefills(now: str) -> list[tuple[str, Any]]:
    known = [
        ("", _("Không điền sẵn")),
        *((source, PREFILLS[source]) for source in PREFILLS if source in PREFILL_SOURCES),
    ]
    return known if not now or now in dict(known) else [*known, (now, now)]
