"""What is written to a register becomes data: cleaned, checked against the definition, the computed fields filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.schemas import checking, expressions
from hienluong.foundation.schemas.cleaning import clean
from hienluong.foundation.schemas.kinds import box_of
from hienluong.foundation.search.text import fold

from .definition import RegisterSpec
from .models import Record


@dataclass(frozen=True)
class Checked:
    """The data as they will be kept, and what is wrong: field → messages."""

    data: dict[str, Any]
    errors: dict[str, list[str]] = field(default_factory=dict)


def check(spec: RegisterSpec, data: Mapping[str, Any]) -> Checked:
    """Clean and check what was given; computed fields are computed, whatever was given for them."""
    given = clean(spec.schema_, {name: value for name, value in data.items() if name not in spec.computed})
    errors: dict[str, list[str]] = {}

    def add(name: str, message: str) -> None:
        if message not in errors.setdefault(name, []):
            errors[name].append(message)

    for name in data:
        if name not in spec.fields:
            add(str(name), _("Không có trường “%(name)s”.") % {"name": str(name)[:80]})
    asked = [name for name in spec.fields if name not in spec.computed]
    sound = checking.report(spec.schema_, given, asked, add)
    names = tuple(spec.fields)
    for name, expression in spec.computed.items():
        value = expressions.evaluate(expression, sound, names)
        if value is not None:
            sound[name] = given[name] = value
    for rule in spec.rules:
        read = expressions.variables(rule["when"]) - {"today"}
        if not read & set(errors) and expressions.evaluate(rule["when"], sound, names) is False:
            add(rule["field"], rule["message"])
    _check_references(spec, sound, add)
    return Checked(given, errors)


def _check_references(spec: RegisterSpec, data: Mapping[str, Any], add: checking.Add) -> None:
    """Each reference must name a record that is there; it may end later, and then the link says so."""
    for name, prop in spec.fields.items():
        if prop.get("x-kind") == "reference" and name in data:
            found = Record.objects.filter(register__code=prop["x-register"], key=data[name], merged_into=None)
            if not found.exists():
                add(name, _("%(label)s: không có bản ghi “%(key)s”.") % {"label": prop["title"], "key": data[name]})


def words(spec: RegisterSpec, key: str, data: Mapping[str, Any]) -> str:
    """The text by which a record is found: its key and the fields that the definition names, folded."""
    parts = [key]
    for name in dict.fromkeys((spec.name, *spec.search)):
        value = data.get(name)
        parts += [str(part) for part in value.values()] if isinstance(value, dict) else [str(value or "")]
    return fold(" ".join(part for part in parts if part))


def box(spec: RegisterSpec, data: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """The box around the record's geometry, when it has one."""
    shape = data.get(spec.map) if spec.map else None
    return box_of(shape) if shape else None
