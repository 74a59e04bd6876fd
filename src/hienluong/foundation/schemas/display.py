"""One value as a person reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from . import lists
from .properties import Property, is_year, label_of, properties, type_of, widget_of


def show(value: object, prop: Property) -> str:
    """One value in words: the label of a choice, dd/mm/yyyy, grouped đồng."""
    labels = prop.get("x-enum-labels")
    if isinstance(labels, Mapping) and str(value) in labels:
        return str(labels[str(value)])
    if value is None:
        return ""
    if isinstance(value, str) and "x-list" in prop:
        return lists.label(str(prop["x-list"]), value)
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    if isinstance(value, int):
        return f"{_grouped(value)} đồng" if widget_of(prop) == "money" else number(value, prop)
    if isinstance(value, float):
        return number(value, prop)
    if isinstance(value, list):
        items = prop.get("items")
        each: Property = {**items, **_labels(prop)} if isinstance(items, Mapping) else {}
        separator = "\n" if any(isinstance(item, dict) for item in value) else ", "
        return separator.join(show(item, each) for item in value)
    if isinstance(value, dict):
        if (said := _KINDS.get(str(prop.get("x-kind", "")))) and (words := said(value)):
            return words
        parts = properties(prop)
        return "; ".join(
            f"{label_of(name, parts.get(name, {}))}: {show(value[name], parts.get(name, {}))}"
            for name in _declared(value, parts)
        )
    return _date(str(value)) if widget_of(prop) == "date" else str(value)


def number(value: float, prop: Property) -> str:
    """``1200`` as ``1.200``, ``1234567.5`` as ``1.234.567,5``; a year, and four digits of nobody knows what, stay whole."""
    counts = type_of(prop) in ("integer", "number") and not is_year(prop)
    if isinstance(value, int):
        return _grouped(value) if counts or abs(value) >= 10_000 else str(value)
    return _decimal(value, grouped=counts or abs(value) >= 10_000)


def _grouped(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _declared(value: Mapping[str, Any], parts: Mapping[str, Property]) -> list[str]:
    """The names in a value as the schema puts them, then those that it does not know: the database keeps the shortest
    name first."""
    return [*(name for name in parts if name in value), *(name for name in value if name not in parts)]


@dataclass(frozen=True)
class Table:
    """The rows of a repeating table in words, under the names of its columns."""

    headings: list[str]
    rows: list[list[str]]


def table(value: object, prop: Property) -> Table | None:
    """A repeating table with its columns in the order of the schema; those that no row fills are left out. None for any
    other value, and for a table without rows."""
    items = prop.get("items")
    columns = properties(items) if isinstance(items, Mapping) else {}
    if not columns or not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        return None
    filled = [name for name in columns if any(row.get(name) not in (None, "") for row in value)]
    rows = [[show(row.get(name), columns[name]) for name in filled] for row in value]
    return Table([label_of(name, columns[name]) for name in filled], rows) if filled else None


def _quantity(value: Mapping[str, Any]) -> str:
    if not {"value", "unit"} <= set(value):
        return ""
    amount = value["value"]
    counted = isinstance(amount, int | float) and not isinstance(amount, bool)
    return f"{number(amount, _AMOUNT) if counted else amount} {unit(str(value['unit']))}"


_AMOUNT: Property = {"type": "number"}


#: Squares and cubes of a length, as they are typed where there is no key for them.
_POWERS = re.compile(r"(?<!\w)(Nm|km|hm|dam|m|dm|cm|mm)([23])(?!\w)")


def unit(code: str) -> str:
    """A unit as it is printed: ``m3/ngày`` as ``m³/ngày``. What is kept stays as it was typed."""
    return _POWERS.sub(lambda found: found[1] + {"2": "²", "3": "³"}[found[2]], code)


def _period(value: Mapping[str, Any]) -> str:
    words = {name: _date(str(value.get(name, ""))) for name in ("from", "to")}
    if value.get("to"):
        return _("từ %(from)s đến %(to)s") % words
    return _("từ %(from)s") % words if value.get("from") else ""


def _place(value: Mapping[str, Any]) -> str:
    """Latitude first, as people write it."""
    coordinates = value.get("coordinates")
    if value.get("type") == "Point" and isinstance(coordinates, list) and len(coordinates) >= 2:
        words = {"latitude": _number(coordinates[1]), "longitude": _number(coordinates[0])}
        return _("%(latitude)s° vĩ Bắc, %(longitude)s° kinh Đông") % words
    if value.get("type") == "LineString" and isinstance(coordinates, list):
        return _("đường qua %(count)d điểm") % {"count": len(coordinates)}
    if value.get("type") == "Polygon" and isinstance(coordinates, list) and coordinates:
        return _("vùng %(count)d đỉnh") % {"count": max(0, len(coordinates[0]) - 1)}
    return ""


def _chainage(value: Mapping[str, Any]) -> str:
    if not {"route", "km"} <= set(value):
        return ""
    return f"{value['route']} Km {value['km']}" + (f"+{value['m']:03}" if value.get("m") else "")


def _address(value: Mapping[str, Any]) -> str:
    """Street, commune, province: the unit and what it stands below, by their names on the day that is looked at."""
    parts, code = [str(value.get("street") or "")], str(value.get("unit") or "")
    for _level in range(3):
        item = lists.item_on("administrative-units", code, lists.today()) if code else None
        parts.append(item.label if item else (lists.label("administrative-units", code) if code else ""))
        code = item.parent if item else ""
    return ", ".join(part for part in parts if part)


def _languages(value: Mapping[str, Any]) -> str:
    language = (get_language() or "vi")[:2]
    return str(value.get(language) or value.get("vi") or "")


def _number(value: object) -> str:
    return f"{value:.10g}".replace(".", ",") if isinstance(value, int | float) else str(value)


_KINDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "quantity": _quantity,
    "period": _period,
    "point": _place,
    "line": _place,
    "area": _place,
    "address": _address,
    "chainage": _chainage,
    "multilingual": _languages,
}


def _labels(prop: Property) -> dict[str, Any]:
    return {"x-enum-labels": prop["x-enum-labels"]} if "x-enum-labels" in prop else {}


def _decimal(value: float, *, grouped: bool) -> str:
    """Six places at most."""
    if value != value or abs(value) >= 1e15 or 0 < abs(value) < 1e-6:  # no number, or one that nobody writes out
        return f"{value:g}".replace(".", ",")
    text = f"{value:,.6f}" if grouped else f"{value:.6f}"
    return text.rstrip("0").rstrip(".").translate(str.maketrans(",.", ".,"))


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).strftime("%d/%m/%Y")
    except ValueError:
        return text
