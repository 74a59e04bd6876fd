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
    """What is wrong with a table, in words; empty when nothing is: then evaluating it raises nothing but :class:`BadTable`."""
    hit = [] if table.get("hit", "first") in HITS else [f"hit phải là một trong {', '.join(HITS)}"]
    faults: list[str] = []
    for part in ("inputs", "formulas"):
        if not _are_names(table.get(part, [])):
            faults.append(f"{part} phải là danh sách tên")
    if not isinstance(table.get("default", {}), Mapping):
        faults.append("default phải là một đối tượng")
    rows = table.get("rows")
    if not isinstance(rows, list):
        return [*hit, *faults, "rows phải là một danh sách"]
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping) or not isinstance(row.get("then"), Mapping) or not row["then"]:
            faults.append(f"dòng {number} không có kết quả (then)")
    if not faults:
        told = ((f"{where}: “{expression[:60]}”", _fault(expression)) for where, expression in expressions_of(table))
        faults = [f"{where}: {fault}" for where, fault in told if fault]
    return [*hit, *faults]


def expressions_of(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every expression of a sound table, and where it stands in words."""
    formulas = table.get("formulas", ("amount",))
    found: list[tuple[str, str]] = []
    for number, row in enumerate(table["rows"], start=1):
        found.append((f"dòng {number}", str(row.get("when", "true"))))
        found += [(f"dòng {number}", v) for k, v in row["then"].items() if k in formulas and isinstance(v, str)]
    return [
        *found,
        *(("default", v) for k, v in table.get("default", {}).items() if k in formulas and isinstance(v, str)),
    ]


def _are_names(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)


def _fault(expression: str) -> str:
    try:
        expressions.compiled(expression)
    except expressions.BadExpression as error:
        return str(error)
    return ""
