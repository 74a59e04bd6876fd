"""One value as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from . import lists
from .properties import Property, label_of, properties, widget_of


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
        grouped = f"{value:,}".replace(",", ".")
        return f"{grouped} đồng" if widget_of(prop) == "money" else (str(value) if value < 10_000 else grouped)
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    if isinstance(value, list):
        items = prop.get("items")
        each: Property = {**items, **_labels(prop)} if isinstance(items, Mapping) else {}
        separator = "\n" if any(isinstance(item, dict) for item in value) else ", "
        return separator.join(show(item, each) for item in value)
    if isinstance(value, dict):
        parts = properties(prop)
        return "; ".join(
            f"{label_of(name, parts.get(name, {}))}: {show(v, parts.get(name, {}))}" for name, v in value.items()
        )
    return _date(str(value)) if widget_of(prop) == "date" else str(value)


def _labels(prop: Property) -> dict[str, Any]:
    return {"x-enum-labels": prop["x-enum-labels"]} if "x-enum-labels" in prop else {}


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).strftime("%d/%m/%Y")
    except ValueError:
        return text
