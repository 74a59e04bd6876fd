"""``decisions/<name>.yaml``: a decision table of its own, named by procedures for charges and deadlines.

A row says ``when`` in CEL, or a cell for each input: ``{pages: "<= 2", channel: "in ['online', 'post']", poor: true}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hienluong.foundation.schemas import expressions

from . import gaps
from .tables import check

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Scalar = str | int | float | bool | None
Place = tuple[str | int, ...]
MAX_ROWS = 500
#: A cell that begins so goes on from the input's name.
_GOES_ON = re.compile(r"^\s*(<=|>=|==|!=|<|>|in\s*\[)")


class Part(BaseModel):
    """A part of a table: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class InputSpec(Part):
    """What an input may be."""

    type: Literal["integer", "number", "boolean", "string", "date"]
    title: str = ""
    enum: list[Scalar] = []
    minimum: int | float | None = None
    maximum: int | float | None = None
    optional: bool = False


class Row(Part):
    """Conditions, and what follows from them."""

    when: str | dict[Name, Scalar] = "true"
    then: dict[Name, Scalar] = Field(min_length=1)
    note: str = ""
    legal_basis: str = ""


class DecisionSpec(Part):
    """One decision table."""

    title: str = Field(min_length=1, max_length=200)
    hit: Literal["first", "unique", "collect"] = "first"
    inputs: dict[Name, InputSpec] = Field(min_length=1, max_length=30)
    formulas: list[Name] = ["amount"]  # outcomes whose texts are CEL
    rows: list[Row] = Field(min_length=1, max_length=MAX_ROWS)
    default: dict[Name, Scalar] = {}
    legal_basis: list[str] = []

    def table(self, name: str) -> dict[str, Any]:
        """The table as the engine takes it: cells joined into one condition a row."""
        return {
            "name": name,
            "inputs": list(self.inputs),
            "hit": self.hit,
            "formulas": self.formulas,
            "rows": [
                {"when": condition(row.when), **row.model_dump(include={"then", "note", "legal_basis"})}
                for row in self.rows
            ],
            "default": dict(self.default),
        }

    def domains(self) -> dict[str, gaps.Input]:
        """What each input may be, for the search for gaps."""
        return {
            name: gaps.Input(one.type, tuple(one.enum), one.minimum, one.maximum, one.optional)
            for name, one in self.inputs.items()
        }


def condition(when: str | Mapping[str, Scalar]) -> str:
    """The condition of a row in CEL. An empty cell, or ``-``, asks for nothing."""
    if isinstance(when, str):
        return when
    cells = [_cell(name, value) for name, value in when.items() if value not in ("", "-")]
    return " && ".join(f"({cell})" for cell in cells) or "true"


def _cell(name: str, value: Scalar) -> str:
    if not isinstance(value, str):
        return f"{name} == {json.dumps(value)}"
    return f"{name} {value.strip()}" if _GOES_ON.match(value) else value


def problems(spec: DecisionSpec, name: str) -> Iterator[tuple[Place, str]]:
    """What is wrong with a table, each with its place: expressions, unknown inputs, gaps, overlaps, rows never used."""
    table = spec.table(name)
    sound = True
    for number, row in enumerate(table["rows"]):
        cells = spec.rows[number].when
        for unknown in set(cells) - set(spec.inputs) if isinstance(cells, dict) else ():
            yield ("rows", number, "when", unknown), f"không có đầu vào “{unknown}”"
        if fault := expressions.check(row["when"], spec.inputs):
            sound = False
            yield ("rows", number, "when"), f"điều kiện: {fault}"
        for outcome, value in row["then"].items():
            if outcome in spec.formulas and isinstance(value, str) and (fault := expressions.check(value, spec.inputs)):
                sound = False
                yield ("rows", number, "then", outcome), f"công thức: {fault}"
    for outcome, value in spec.default.items():
        if outcome in spec.formulas and isinstance(value, str) and (fault := expressions.check(value, spec.inputs)):
            yield ("default", outcome), f"công thức: {fault}"
    if sound and not check(table):
        yield from gaps.said(table, spec.domains())
