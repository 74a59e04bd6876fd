"""A condition in a form: rows of menus, and CEL for those who write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas import expressions, formulas
from hienluong.foundation.schemas.cleaning import spelled_out
from hienluong.foundation.schemas.display import unit
from hienluong.foundation.schemas.properties import Property, label_of, type_of
from hienluong.foundation.search.text import fold
from hienluong.services.procedures import conditions
from hienluong.services.procedures.conditions import COMPARISONS, Condition
from hienluong.ui.widgets import TextField

from .values import values_of

ROWS = 3
JOINS = (("and", _("mọi điều đều đúng")), ("or", _("một điều đúng là đủ")))


class ConditionForm(forms.Form):
    """Boxes ``f0 c0 v0`` … with how they are joined, and ``cel``, which wins when something is written in it.

    `known`: the fields that may be read. After ``is_valid()`` the condition is ``cleaned_data["when"]``, as CEL.
    """

    use_required_attribute = False
    #: Whether nothing may be said.
    may_be_empty = True

    def __init__(self, *args: Any, known: Mapping[str, Property], when: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        read = conditions.read(when, known)
        if read is not None and len(read.clauses) > ROWS:
            read = None
        choices = [("", _("Chọn trường…")), *((name, _called(name, prop)) for name, prop in known.items())]
        for row in range(ROWS):
            clause = read.clauses[row] if read and row < len(read.clauses) else None
            label = {"n": row + 1}
            self.fields[f"f{row}"] = forms.ChoiceField(
                label=_("Trường thứ %(n)d") % label,
                required=False,
                choices=choices,
                initial=clause.field if clause else "",
            )
            self.fields[f"c{row}"] = forms.ChoiceField(
                label=_("So sánh thứ %(n)d") % label,
                required=False,
                choices=[("", "…"), *COMPARISONS.items()],
                initial=clause.comparison if clause else "",
            )
            now = said(clause.value, known.get(clause.field, {})) if clause else ""
            self.fields[f"v{row}"] = TextField(
                label=_("Giá trị thứ %(n)d") % label,
                required=False,
                max_length=200,
                initial=now,
                **self._offered(row, clause.field if clause else "", now),
            )
            if isinstance(widget := self.fields[f"v{row}"].widget, forms.Select):
                del widget.attrs["maxlength"]
        self.fields["join"] = forms.ChoiceField(
            label=_("Khi có nhiều dòng"), required=False, choices=JOINS, initial=read.join if read else "and"
        )
        self.fields["cel"] = TextField(
            label=_("Hoặc viết bằng CEL"),
            required=False,
            max_length=expressions.MAX_LENGTH,
            widget=forms.Textarea({"rows": 2, "spellcheck": "false", "class": "hl-source"}),
            help_text=_(
                "Viết tên như trên màn hình, ví dụ: Số quầy > 10 && Hạng == '1'. Có chữ ở đây thì các ô chọn phía trên không tính."
            ),
            initial="" if read is not None else when,
        )

    def _offered(self, row: int, field: str, now: str) -> dict[str, Any]:
        """A menu in the place of the box, when the field that the row is about has a few values; what stands there now stays."""
        if self.is_bound:
            field, now = (str(self.data.get(self.add_prefix(f"{box}{row}"), "")) for box in "fv")
        offered = offered_of(self.known.get(field, {}))
        if not offered:
            return {}
        kept = [] if not now or now in dict(offered) else [(now, now)]
        return {"widget": forms.Select(choices=[("", gettext("Chọn…")), *offered, *kept])}

    @property
    def menus(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The fields that have a few values, with these: the page makes a menu of them as soon as one is chosen."""
        found = [(name, offered_of(prop)) for name, prop in self.known.items()]
        return [(name, offered) for name, offered in found if offered]

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The boxes of each row."""
        return [(self[f"f{row}"], self[f"c{row}"], self[f"v{row}"]) for row in range(ROWS)]

    @property
    def plain(self) -> list[Any]:
        """The other boxes, which are about something else."""
        menus = {f"{letter}{row}" for letter in "fcv" for row in range(ROWS)} | {"join", "cel"}
        return [self[name] for name in self.fields if name not in menus]

    def clean(self) -> dict[str, Any]:
        """The condition as CEL; what does not fit is said at its box."""
        given = self.cleaned_data
        text = formulas.in_names(str(given.get("cel") or ""), self.known)
        if text:
            if wrong := formulas.fault(text, self.known) or formulas.quantity_fault(text, self.known):
                self.add_error("cel", str(_("Biểu thức chưa đúng: %(fault)s") % {"fault": wrong}))
        else:
            text = self._from_menus()
        if not text and not self.may_be_empty and not self.errors:
            self.add_error("f0", str(_("Nói điều phải đúng.")))
        given["when"] = text
        return given

    def _from_menus(self) -> str:
        texts = []
        for row in range(ROWS):
            name = str(self.cleaned_data.get(f"f{row}") or "")
            if not name:
                continue
            value = meant(str(self.cleaned_data.get(f"v{row}") or ""), self.known.get(name, {}), self.known)
            clause = conditions.Clause(name, str(self.cleaned_data.get(f"c{row}") or "eq"), value)
            try:
                texts.append(conditions.written(Condition((clause,)), self.known))
            except InvalidInput as refused:
                boxes = {"field": f"f{row}", "comparison": f"c{row}", "value": f"v{row}"}
                self.add_error(boxes.get(str(refused.field), f"v{row}"), str(refused.message))
        return (" || " if self.cleaned_data.get("join") == "or" else " && ").join(texts)


def offered_of(prop: Property) -> list[tuple[str, str]]:
    """The values of a field as they are typed, with what the menu calls them; none when there are not a few."""
    values = [(said(value, prop), label) for value, label in values_of(prop)]
    return values if len({value for value, _label in values}) == len(values) else []


def _called(name: str, prop: Property) -> str:
    """A field as the menu names it: a number with its unit says what it is counted in."""
    units = conditions.units_of(prop)
    return f"{label_of(name, prop)} ({', '.join(map(unit, units))})" if units else label_of(name, prop)


def meant(typed: str, prop: Property, known: Mapping[str, Property]) -> str:
    """What was typed as a condition takes it: the label of a choice, a day as people write it, “có”, a field's label."""
    text = typed.strip()
    wanted = fold(text)
    if type_of(prop) == "boolean":
        return {"co": "true", "khong": "false", "true": "true", "false": "false"}.get(wanted, text)
    if day := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", text):
        return f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
    for value, label in (prop.get("x-enum-labels") or {}).items():
        if wanted and wanted == fold(str(label)):
            return str(value)
    if only := conditions.unit_of(prop):
        text = text.removesuffix(only).removesuffix(unit(only)).strip() or text
    counts = formulas.is_quantity(prop) or type_of(prop) in ("integer", "number")
    if counts and (digits := spelled_out(text)):
        return digits
    if wanted == "hom nay":
        return "=today"
    if text.startswith("="):
        named = next((name for name, other in known.items() if fold(label_of(name, other)) == fold(text[1:])), "")
        return f"={named or text[1:].strip()}"
    return text


def said(value: str, prop: Property) -> str:
    """A value of a condition as people write it."""
    if type_of(prop) == "boolean":
        return {"true": str(_("có")), "false": str(_("không"))}.get(value, value)
    if value == "=today":
        return str(_("hôm nay"))
    if day := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", value):
        return f"{day[3]}/{day[2]}/{day[1]}"
    if not value or value.startswith("="):
        return value
    amount = " ".join(filter(None, (conditions.with_comma(value, prop), unit(conditions.unit_of(prop)))))
    return str((prop.get("x-enum-labels") or {}).get(value, amount))
