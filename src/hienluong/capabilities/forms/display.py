"""Answers as a person reads them: on the check-your-answers page, in the dossier, on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from .cleaning import clean
from .definition import Form, Property, label_of, properties, widget_of
from .engine import asked_pages


@dataclass(frozen=True)
class Answer:
    """One question with its answer in words; `page` is where it can be changed."""

    page: str
    page_title: str
    field: str
    label: str
    text: str


def answers(form: Form, data: Mapping[str, Any]) -> list[Answer]:
    """Every question that is asked for, in order, with its answer; unanswered ones have an empty text."""
    props = properties(form.data_schema)
    cleaned = clean(form.data_schema, data)
    return [
        Answer(page.id, page.title, name, label_of(name, props[name]), show(cleaned.get(name), props[name]))
        for page, names in asked_pages(form, cleaned)
        for name in names
    ]


def show(value: object, prop: Property) -> str:
    """One value in words: the label of a choice, dd/mm/yyyy, grouped đồng."""
    labels = prop.get("x-enum-labels")
    if isinstance(labels, Mapping) and str(value) in labels:
        return str(labels[str(value)])
    if value is None:
        return ""
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
