"""The values that a field may have, where there are few enough to choose from; and one value as a formula writes it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.kinds import expanded
from hienluong.foundation.schemas.properties import Property, type_of
from hienluong.services.procedures.conditions import quoted, unquoted
from hienluong.ui.widgets import MoneyField, TextField, WholeField

from .field_properties import kind_of
from .numbers import TypedDecimalField

_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,10})?")


def values_of(prop: Property) -> list[tuple[str, str]]:
    """Each value with what it is called: yes and no, the options of a choice, the codes of a short list; none for others."""
    if type_of(expanded(prop)) == "boolean":
        return [("true", _("có")), ("false", _("không"))]
    options = prop.get("enum")
    if isinstance(options, list) and options:
        labels = prop.get("x-enum-labels") or {}
        return [(str(option), str(labels.get(str(option), option))) for option in options]
    return lists.choices(prop) if prop.get("x-list") else []


def value_box(prop: Property, **options: Any) -> forms.Field | None:
    """A box for one value of a field; None for a kind that has no single value."""
    if values := values_of(prop):
        return forms.ChoiceField(choices=[("", _("Chọn…")), *values], **options)
    kind, whole = kind_of(prop), type_of(expanded(prop))
    if kind == "date":
        formats = ["%d/%m/%Y", "%Y-%m-%d"]
        return forms.DateField(input_formats=formats, widget=forms.DateInput(format=formats[0]), **options)
    if kind == "money":
        return MoneyField(**options)
    if whole == "integer":
        return WholeField(**options)
    if whole == "number":
        return TypedDecimalField(**options)
    return TextField(max_length=500, **options) if whole == "string" else None


def literal(value: Any, prop: Property) -> str:
    """A value that a box gave, as a formula writes it."""
    whole = type_of(expanded(prop))
    if whole == "boolean" or whole == "integer":
        return str(value)
    if whole == "number":
        text = f"{value:f}"
        return text if "." in text else f"{text}.0"
    return quoted(value.isoformat() if isinstance(value, date) else str(value))


def from_literal(text: str, prop: Property) -> str | None:
    """What a box shows of a value in a formula; None when it is not one value of this field."""
    whole = type_of(expanded(prop))
    if whole == "boolean":
        return text if text in ("true", "false") else None
    if whole in ("integer", "number"):
        return text.replace(".", ",") if _NUMBER.fullmatch(text) else None
    if whole != "string" or not _TEXT.fullmatch(text):
        return None
    said = unquoted(text)
    if kind_of(prop) == "date" and (day := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", said)):
        return f"{day[3]}/{day[2]}/{day[1]}"
    return said
