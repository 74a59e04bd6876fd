"""Evaluating a decision table.

A table: ``{"name", "inputs": [names], "hit": "first" | "unique" | "collect", "rows": [{"when": CEL, "then": {name:
value or CEL}, "legal_basis", "note"}], "default": {…}}``. Numbers in ``then`` are taken as they stand; a text in a
field named in ``formulas`` (by default ``amount``) is a CEL expression. Money is whole đồng.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.schemas import expressions

HITS = ("first", "unique", "collect")


class BadTable(ValueError):
    """A table that cannot be evaluated; the message says which row and why."""


@dataclass(frozen=True)
class Outcome:
    """What a table decided: the values, the rows that matched (from 0), and why in words."""

    values: dict[str, Any]
    rows: tuple[int, ...] = ()
    why: tuple[str, ...] = field(default_factory=tuple)


def _run(expression: str, facts: dict[str, Any]) -> Any:
    """The value; the day is the one among the facts, else today."""
    day = facts.get("today")
    return expressions.run(expression, facts, date.fromisoformat(day) if isinstance(day, str) else None)


def _value(expression: str, facts: dict[str, Any]) -> Any:
    try:
        return _run(expression, facts)
    except expressions.UNCOMPUTABLE as error:
        raise BadTable(f"{expression!r}: {error}") from error


def evaluate(table: Mapping[str, Any], facts: Mapping[str, Any]) -> Outcome:
    """Decide. Inputs that the facts lack are null. Raises :class:`BadTable` when a row cannot be evaluated, or when
    two rows of a ``unique`` table match."""
    known = {**dict.fromkeys(table.get("inputs", ())), **facts}
    formulas = table.get("formulas", ("amount",))
    hit = table.get("hit", "first")
    matched: list[int] = []
    values: dict[str, Any] = {}
    why: list[str] = []
    for number, row in enumerate(table.get("rows", ())):
        if not holds(str(row.get("when", "true")), known):
            continue
        if matched and hit == "unique":
            raise BadTable(f"rows {matched[0]} and {number} both match")
        found = {k: _value(v, known) if isinstance(v, str) and k in formulas else v for k, v in row["then"].items()}
        for name, value in found.items():
            values[name] = values.get(name, 0) + value if hit == "collect" and _is_number(value) else value
        matched.append(number)
        why.append(str(row.get("note") or row.get("legal_basis") or _("Dòng %(n)s của bảng") % {"n": number + 1}))
        if hit == "first":
            break
    if not matched:
        default = dict(table.get("default", {}))
        values = {k: _value(v, known) if isinstance(v, str) and k in formulas else v for k, v in default.items()}
        why.append(_("Không dòng nào khớp: theo mức mặc định"))
    return Outcome(values, tuple(matched), tuple(why))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def holds(expression: str, facts: dict[str, Any]) -> bool:
    """A comparison with something that was not answered does not hold."""
    try:
        return _run(expression, facts) is True
    except expressions.UNCOMPUTABLE:
        return False


def check(table: Mapping[str, Any]) -> list[str]:
    """What is wrong with a table, in words; empty when nothing is."""
    faults: list[str] = []
    if table.get("hit", "first") not in HITS:
        faults.append(f"hit must be one of {', '.join(HITS)}")
    rows = table.get("rows")
    if not isinstance(rows, list):
        return [*faults, "rows must be a list"]
    formulas = table.get("formulas", ("amount",))
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("then"), dict):
            faults.append(f"row {number}: no outcome")
            continue
        cells = [str(row.get("when", "true"))]
        cells += [value for name, value in row["then"].items() if isinstance(value, str) and name in formulas]
        for expression in cells:
            try:
                expressions.compiled(expression)
            except expressions.BadExpression as error:
                faults.append(f"row {number}: {expression!r}: {error}")
    return faults
