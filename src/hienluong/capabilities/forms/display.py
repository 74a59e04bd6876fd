"""Answers as a person reads them: on the check-your-answers page, in the dossier, on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hienluong.foundation.schemas import references
from hienluong.foundation.schemas.cleaning import clean
from hienluong.foundation.schemas.display import Table, show, table
from hienluong.foundation.schemas.properties import Property, label_of, properties

from . import file_answers
from .definition import Form
from .engine import walk
from .widgets import PointInput


@dataclass(frozen=True)
class Answer:
    """One question with its answer in words; `page` is where it can be changed."""

    page: str
    page_title: str
    field: str
    label: str
    text: str
    #: The number of the stored picture, of a signature.
    picture: str = ""
    #: Latitude and longitude, of a point: for a map.
    place: str = ""
    #: The rows of a repeating table.
    table: Table | None = None


def answers(form: Form, data: Mapping[str, Any]) -> list[Answer]:
    """Every question that is asked for, in order, with its answer; unanswered ones have an empty text."""
    props = properties(form.data_schema)
    pages, counted = walk(form, clean(form.data_schema, data))
    return [
        Answer(
            page.id,
            page.title,
            name,
            label_of(name, props[name]),
            text := said(counted.get(name), props[name]),
            str(counted[name]) if text and props[name].get("x-kind") == "signature" else "",
            PointInput.typed(counted.get(name)) if props[name].get("x-kind") == "point" else "",
            table(_by_name(counted.get(name), props[name]), props[name]),
        )
        for page, names in pages
        for name in names
    ]


def said(value: Any, prop: Property) -> str:
    """An answer in words; a record and a file by their names, in the rows of a table too."""
    return show(_by_name(value, prop), prop)


def _by_name(value: Any, prop: Property) -> Any:
    """An answer with names where it holds the number of a file or the key of a record."""
    if prop.get("x-kind") in file_answers.KINDS:
        kept = file_answers.stored(value)
        return kept.name if kept else ""
    if "x-register" in prop and isinstance(value, str):
        return references.label(prop, value)
    if isinstance(value, list) and isinstance(items := prop.get("items"), Mapping):
        return [_by_name(item, items) for item in value]
    if isinstance(value, Mapping) and (parts := properties(prop)):
        return {name: _by_name(part, parts.get(name, {})) for name, part in value.items()}
    return value
