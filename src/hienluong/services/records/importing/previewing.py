"""What a file would do, before it does anything: the first rows as they would be kept, and what is wrong by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from hienluong.capabilities.registers import bulk
from hienluong.capabilities.registers.row import Row
from hienluong.foundation.actions import Actor
from hienluong.foundation.schemas.cleaning import clean
from hienluong.foundation.schemas.properties import label_of

from .. import presentation, reading
from ..models import Import
from . import files, mapping

#: Rows that are shown, and faults.
ROWS, FAULTS = 8, 50


@dataclass(frozen=True)
class Column:
    """A column of the file: its heading, what stands in its first rows, where it goes."""

    number: int
    heading: str
    sample: str
    path: str


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one cell."""

    row: int
    column: str
    value: str
    message: str


@dataclass(frozen=True)
class Shown:
    """One value as it would be kept."""

    text: str
    faulty: bool


@dataclass(frozen=True)
class Looked:
    """The look at the first part of a file."""

    checked: int
    faulty: int
    labels: list[str]
    rows: list[dict[str, Any]]
    faults: list[Fault]


def columns(batch: Import, chosen: Mapping[str, str]) -> list[Column]:
    """The columns with what stands in them."""
    part = batch.parts.order_by("number").first()
    first = part.rows[:5] if part else []
    found = []
    for number, heading in enumerate(batch.columns):
        values = [str(row[number]) for row in first if number < len(row) and row[number] not in ("", None)]
        found.append(Column(number, heading, ", ".join(values)[:80], chosen.get(str(number), "")))
    return found


def look(actor: Actor, opened: reading.Opened, batch: Import, chosen: Mapping[str, str]) -> Looked:
    """Check the first part of a file as it would be written."""
    part = batch.parts.order_by("number").first()
    raw = part.rows if part else []
    spec = opened.spec
    read = mapping.reader(chosen, spec)
    rows = [Row(read(row), batch.since, timezone.localdate()) for row in raw]
    outcomes = bulk.preview(actor, opened.register, rows)
    faulty = [outcome for outcome in outcomes if outcome.refused is not None]
    faults = []
    for outcome in faulty[:FAULTS]:
        for field, messages in outcome.errors.items():
            number, heading = mapping.column_of(field, chosen, batch.columns)
            value = str(raw[outcome.position][number])[:80] if number is not None else ""
            line = files.line_of(raw[outcome.position], batch.columns, outcome.position + 2)
            faults.append(Fault(line, heading, value, messages[0]))
    names = list(dict.fromkeys(path.split(".")[0] for path in chosen.values()))
    names = [name for name in spec.fields if name in names][:8]
    shown = []
    for outcome in outcomes[:ROWS]:
        data = clean(spec.schema_, rows[outcome.position].data)
        places = presentation.named_places(spec, [data])
        cells = [Shown(presentation.words(spec, n, data.get(n), places), n in outcome.errors) for n in names]
        line = files.line_of(raw[outcome.position], batch.columns, outcome.position + 2)
        shown.append({"number": line, "cells": cells})
    return Looked(len(rows), len(faulty), [label_of(name, spec.fields[name]) for name in names], shown, faults[:FAULTS])
