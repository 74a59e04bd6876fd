"""The columns of a table of records, named as the import knows them, and what stands in their cells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.foundation.schemas import lists, masks
from hienluong.foundation.schemas.properties import Property, label_of, properties, type_of, widget_of

from ..importing import mapping

#: A text, a number, a day, or nothing.
Cell = str | int | float | date | None
#: Widgets of files: their content does not go into a table.
_FILES = ("file", "photo", "signature")


@dataclass(frozen=True)
class Column:
    """One column: its heading, and the field or the part of one it holds; a second one may hold the words of a code."""

    heading: str
    path: str
    in_words: bool = False

    @property
    def field(self) -> str:
        """The field it is of."""
        return self.path.partition(".")[0]


def exportable(spec: RegisterSpec, readable: frozenset[str]) -> list[str]:
    """The fields that may go into a file, in the order of the definition."""
    return [name for name, prop in spec.fields.items() if name in readable and widget_of(prop) not in _FILES]


def personal(spec: RegisterSpec, fields: Sequence[str]) -> list[str]:
    """The labels of the fields that hold numbers, phones and mail of persons: a page masks them, a file does not."""
    return [label_of(name, spec.fields[name]) for name in fields if widget_of(spec.fields[name]) in masks.MASKED]


def columns(spec: RegisterSpec, fields: Sequence[str]) -> list[Column]:
    """The columns of these fields: a point in two, a period, a quantity and their like a column for each part."""
    places = mapping.targets(spec, fields)
    found = []
    for name in fields:
        whole, *parts = [place for place in places if place.path.partition(".")[0] == name]
        if parts and not (type_of(spec.fields[name]) == "object" and _is_shape(spec.fields[name], points=False)):
            found += [Column(part.label, part.path) for part in parts]
            continue
        found.append(Column(whole.label, name))
        if "x-list" in spec.fields[name] or name == spec.responsible:
            found.append(Column(_("%(label)s (tên)") % {"label": whole.label}, name, in_words=True))
    return found


def _is_shape(prop: Property, *, points: bool = True) -> bool:
    return prop.get("x-kind") in (("point", "line", "area") if points else ("line", "area"))


def cells(
    spec: RegisterSpec, wanted: Sequence[Column], data: Mapping[str, Any], places: Mapping[str, str]
) -> Iterator[Cell]:
    """What stands in the columns for one record; `places` are the names of organisations by their codes."""
    for column in wanted:
        value, prop = data.get(column.field), spec.fields[column.field]
        if column.in_words and value is not None:
            yield places.get(str(value), "") if column.field == spec.responsible else _named(prop, str(value))
        elif value is None:
            yield None
        elif column.path == column.field:
            yield cell(value, prop)
        else:
            yield _part(value, prop, column.path.partition(".")[2])


def _named(prop: Property, value: str) -> str:
    return lists.label(str(prop["x-list"]), value)


def _part(value: Any, prop: Property, part: str) -> Cell:
    if not isinstance(value, Mapping):
        return None
    if _is_shape(prop):
        longitude, latitude = value["coordinates"][:2]
        return float(latitude if part == mapping.LATITUDE else longitude)
    return None if value.get(part) is None else cell(value[part], properties(prop).get(part, {}))


def cell(value: Any, prop: Property) -> Cell:
    """One value: numbers and days as such, a choice by its label, rows of a table a line each."""
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        labels = prop.get("x-enum-labels")
        if isinstance(labels, Mapping) and value in labels:
            return str(labels[value])
        return _day(value) if prop.get("format") == "date" or widget_of(prop) == "date" else value
    if isinstance(value, list) and isinstance(items := prop.get("items"), Mapping):
        if inner := properties(items):
            return "\n".join(" | ".join(_flat(row.get(name)) for name in inner) for row in value)
        return "\n".join(_flat(cell(item, items)) for item in value)
    return json.dumps(value, ensure_ascii=False)


def _day(value: str) -> date | str:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


def _flat(value: Any) -> str:
    """A value within a cell of several: on one line, without what parts them."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else plain(value)
    return " ".join(text.replace("|", "/").split())


def plain(value: Cell) -> str:
    """A cell as a text that the import reads as the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    if isinstance(value, float):
        digits = f"{value:.15f}".rstrip("0").rstrip(".") if "e" in repr(value) else repr(value)
        return (
            f"{digits}0" if re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", digits) else digits
        )  # its dot is none of thousands
    return value.isoformat() if isinstance(value, date) else str(value)
