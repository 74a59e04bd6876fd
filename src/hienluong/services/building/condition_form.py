"""A condition in a form: rows of menus, and CEL for those who write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
from hienluong.services.procedures.conditions import COMPARISONS, Clause, Condition, Join
from hienluong.ui.widgets import TextField

from .values import values_of

ROWS = 3
JOINS = (("and", _("mọi điều đều đúng")), ("or", _("một điều đúng là đủ")))
#: The boxes of a row: field, comparison, value, another field (or today) in the place of the value.
BOXES = ("f", "c", "v", "o")


@dataclass(frozen=True)
class Clauses:
    """The comparison that each row shows, and how they are joined."""

    at: Mapping[int, Clause] = field(default_factory=dict)
    join: Join = "and"


class ConditionForm(forms.Form):
    """Boxes ``f0 c0 v0 o0`` … with how they are joined, and ``cel``, which wins when something is written in it.

    `known`: the fields that may be read. After ``is_valid()`` the condition is ``cleaned_data["when"]``, as CEL.
    """

    use_required_attribute = False
    #: Whether nothing may be said.
    may_be_empty = True
    #: How many rows of menus there are.
    rows_in_all = ROWS

    def __init__(self, *args: Any, known: Mapping[str, Property], when: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        read = self._understood(when)
        for row in range(self.rows_in_all):
            self._add_row(row, read.at.get(row) if read else None)
        self.fields["join"] = forms.ChoiceField(
            label=_("Khi có nhiều dòng"), required=False, choices=JOINS, initial=read.join if read else "and"
        )
        self.fields["cel"] = TextField(
            label=_("Hoặc viết công thức"),
            required=False,
            max_length=expressions.MAX_LENGTH,
            widget=forms.Textarea({"rows": 2, "spellcheck": "false", "class": "hl-source"}),
            help_text=_(
                "Viết tên như trên màn hình, ví dụ: Số quầy > 10 && Hạng == '1'. Có chữ ở đây thì các ô chọn phía trên không tính. Công thức theo ngôn ngữ CEL."
            ),
            initial="" if read is not None else when,
        )

    def _understood(self, when: str) -> Clauses | None:
        """What the rows show of a condition that is there; None when they cannot say it."""
        read = conditions.read(when, self.known)
        return Clauses(dict(enumerate(read.clauses)), read.join) if read and len(read.clauses) <= ROWS else None

    def _add_row(self, row: int, clause: Clause | None) -> None:
        label = {"n": row + 1}
        self.fields[f"f{row}"] = forms.ChoiceField(
            label=_("Trường thứ %(n)d") % label,
            required=False,
            choices=[("", _("Chọn trường…")), *((name, _called(name, prop)) for name, prop in self.known.items())],
            initial=clause.field if clause else "",
        )
        self.fields[f"c{row}"] = forms.ChoiceField(
            label=_("So sánh thứ %(n)d") % label,
            required=False,
            choices=[("", "…"), *COMPARISONS.items()],
            initial=clause.comparison if clause else "",
        )
        others = _others(self.known)
        named = clause.value[1:] if clause and clause.value.startswith("=") else ""
        other = named if named in dict(others) else ""
        now = said(clause.value, self.known.get(clause.field, {})) if clause and not other else ""
        self.fields[f"v{row}"] = TextField(
            label=_("Giá trị thứ %(n)d") % label,
            required=False,
            max_length=200,
            initial=now,
            **self._offered(row, clause.field if clause else "", now),
        )
        if isinstance(widget := self.fields[f"v{row}"].widget, forms.Select):
            del widget.attrs["maxlength"]
        if others:
            self.fields[f"o{row}"] = forms.ChoiceField(
                label=_("Hoặc trường khác (%(n)d)") % label,
                required=False,
                choices=[("", _("Không")), *others],
                initial=other,
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
    def alone(self) -> str:
        """The comparisons that need no value, for the page, which then hides its boxes."""
        return " ".join(sorted(conditions.WITHOUT_VALUE))

    @property
    def menus(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The fields that have a few values, with these: the page makes a menu of them as soon as one is chosen."""
        found = [(name, offered_of(prop)) for name, prop in self.known.items()]
        return [(name, offered) for name, offered in found if offered]

    @property
    def rows(self) -> list[list[Any]]:
        """The boxes of each row of what must hold."""
        return [self.boxes_of(row) for row in range(ROWS)]

    @property
    def shown_rows(self) -> list[list[Any]]:
        """The rows that say something or are wrong, and all before them; the first in any case."""
        return self.rows[: self._said_in]

    @property
    def folded_rows(self) -> list[list[Any]]:
        """The rows in which nothing is said yet; unfolded when more than one condition stands, as they are joined then."""
        return self.rows[self._said_in :] if self._said_in == 1 else []

    @property
    def _said_in(self) -> int:
        told = [number for number, row in enumerate(self.rows, 1) if any(box.value() or box.errors for box in row)]
        return ROWS if max(told, default=1) > 1 else 1

    def boxes_of(self, row: int) -> list[Any]:
        """The boxes of a row."""
        return [self[f"{box}{row}"] for box in BOXES if f"{box}{row}" in self.fields]

    @property
    def plain(self) -> list[Any]:
        """The other boxes, which are about something else."""
        menus = {f"{box}{row}" for box in BOXES for row in range(self.rows_in_all)} | {"join", "cel"}
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
        clauses = self._clauses()
        return "" if self.errors else conditions.written(Condition(clauses, self._join), self.known)

    @property
    def _join(self) -> Join:
        return "or" if self.cleaned_data.get("join") == "or" else "and"

    def _clauses(self) -> tuple[Clause, ...]:
        found = [self._clause(row) for row in range(ROWS)]
        return tuple(clause for clause in found if clause is not None)

    def _clause(self, row: int) -> Clause | None:
        """The comparison of a row; None for a row in which no field is chosen. What does not fit is said at its box."""
        name, value, other = (str(self.cleaned_data.get(f"{box}{row}") or "") for box in ("f", "v", "o"))
        if not name:
            return None
        if str(self.cleaned_data.get(f"c{row}")) in conditions.WITHOUT_VALUE:
            value = other = ""
        if value and other:
            self.add_error(f"o{row}", gettext("Ghi giá trị, hoặc chọn trường để so; không cả hai."))
        wanted = f"={other}" if other else meant(value, self.known.get(name, {}), self.known)
        clause = Clause(name, str(self.cleaned_data.get(f"c{row}") or "eq"), wanted)
        try:
            conditions.written(Condition((clause,)), self.known)
        except InvalidInput as refused:
            box = {"field": "f", "comparison": "c"}.get(str(refused.field), "o" if other else "v")
            self.add_error(f"{box}{row}", str(refused.message))
        return clause


def _others(known: Mapping[str, Property]) -> list[tuple[str, Any]]:
    """What the value of a field can be compared with beside a value: another field, and today where there are days."""
    compared = {name: set(conditions.comparisons(prop)) for name, prop in known.items()}
    named = [(name, _called(name, known[name])) for name, how in compared.items() if {"eq", "ne"} <= how]
    today = [("today", _("hôm nay"))] if any("older" in how for how in compared.values()) else []
    return [*today, *named] if len(named) > 1 or today else []


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
