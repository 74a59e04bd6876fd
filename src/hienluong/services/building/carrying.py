"""How records of the version before come into the next one: a value by the kind of the field, or a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.definition import RegisterSpec, breaks
from hienluong.foundation.schemas import formulas
from hienluong.foundation.schemas.properties import Property, label_of
from hienluong.foundation.search.text import fold
from hienluong.services.procedures.conditions import quoted
from hienluong.ui.widgets import TextField

from . import values

_LITERAL = r"('(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?|true|false)"
_DROPPED = "null"


@dataclass(frozen=True)
class Broken:
    """A field that records of the version before do not satisfy: why, and what it was and is."""

    field: str
    label: str
    why: str
    before: Property | None
    after: Property | None

    def formula(self, value: str) -> str:
        """The formula that gives this value to the records that need it, and leaves what others have."""
        if self.before is None:
            return value
        if gone := self._gone():
            return f"{self.field} in [{', '.join(map(quoted, gone))}] ? {value} : {self.field}"
        if "bắt buộc" in self.why:
            return f"{self.field} == null ? {value} : {self.field}"
        return value

    def value(self, how: str) -> str | None:
        """What the box of a value shows of a formula; None when the formula says something else."""
        if self.after is None:
            return how if how == _DROPPED else None
        for found in re.findall(_LITERAL, how):
            if self.formula(found) == how:
                return values.from_literal(found, self.after)
        return None

    @property
    def of_whom(self) -> str:
        """Which records get the value."""
        if self.after is None:
            return _("Trường đã bỏ trong phiên bản mới")
        if self._gone():
            return _("Bản ghi có lựa chọn đã bỏ thì nhận")
        if self.before is None or "bắt buộc" in self.why:
            return _("Bản ghi chưa có giá trị thì nhận")
        return _("Mọi bản ghi cũ nhận")

    def _gone(self) -> list[str]:
        before, after = (self.before or {}).get("enum"), (self.after or {}).get("enum")
        if not isinstance(before, list) or not isinstance(after, list):
            return []
        return [str(option) for option in before if option not in after]


def broken(before: RegisterSpec, after: RegisterSpec) -> list[Broken]:
    """What records of the one version would not satisfy in the other."""
    found = []
    for field, why in breaks(before, after):
        old, new = before.fields.get(field), after.fields.get(field)
        found.append(Broken(field, label_of(field, new or old or {}), why, old, new))
    return found


class CarryForm(forms.Form):
    """A box for a value and one for a formula for each field; what is written as a formula wins."""

    use_required_attribute = False

    def __init__(self, data: Any, *, found: Sequence[Broken], before: RegisterSpec, migrate: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.before = before
        self.found = [each for each in found if each.field]
        for each in self.found:
            how = str(migrate.get(each.field, ""))
            value = each.value(how) if how else ""
            if box := _value_box(each):
                box.initial = value
                self.fields[f"gia-tri-{each.field}"] = box
            self.fields[f"cach-{each.field}"] = TextField(
                label=_("Công thức cho “%(label)s”") % {"label": each.label},
                required=False,
                max_length=1000,
                initial=how if not value else "",
                widget=forms.TextInput({"spellcheck": "false"}),
                help_text=_("Tính từ các trường của phiên bản trước, gọi bằng nhãn, ví dụ Diện tích * 2."),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each field with its boxes."""
        return [
            {
                "broken": each,
                "value": self[f"gia-tri-{each.field}"] if f"gia-tri-{each.field}" in self.fields else None,
                "formula": self[f"cach-{each.field}"],
            }
            for each in self.found
        ]

    def clean(self) -> dict[str, Any]:
        """The formula of each field under its name; what is wrong is said at the box it was typed into."""
        given = self.cleaned_data
        migrate = {}
        for each in self.found:
            typed, value = given.get(f"cach-{each.field}", ""), given.get(f"gia-tri-{each.field}")
            meant = _meant(typed, each) if typed else None
            if meant is not None:
                migrate[each.field] = each.formula(values.literal(meant, each.after or {}))
            elif typed:
                how = formulas.in_names(typed, self.before.fields)
                if wrong := formulas.fault(how, self.before.fields):
                    self.add_error(f"cach-{each.field}", _("Công thức chưa đúng: %(fault)s") % {"fault": wrong})
                migrate[each.field] = how
            elif value not in (None, ""):
                migrate[each.field] = value if each.after is None else each.formula(values.literal(value, each.after))
            else:
                migrate[each.field] = ""
        return {**given, "migrate": migrate}


def _value_box(each: Broken) -> forms.Field | None:
    if each.after is None:
        choices = [("", _("Chọn…")), (_DROPPED, _("Không mang giá trị cũ sang"))]
        return forms.ChoiceField(label=each.of_whom, choices=choices, required=False)
    return values.value_box(each.after, label=each.of_whom, required=False)


def _meant(typed: str, each: Broken) -> str | None:
    """The value whose words were typed where a formula is asked for."""
    offered = values.values_of(each.after or {})
    return next((value for value, label in offered if fold(label) == fold(typed.strip("'\" "))), None)
