"""Gaps and overlaps of a decision table, each with an example: an input that no row decides, or that two rows do.

Exact where conditions only compare (:mod:`.conditions`) and the inputs are not too many: a few values of each input stand
for all of them, and every combination is asked of the table itself. Otherwise what is found is true, but what is not found
may still be there, and the report says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice, product
from typing import Any

from .conditions import Comparison, comparisons
from .tables import BadTable, holds

#: Most combinations that are asked, and most when the answer is not certain anyway.
MOST, MOST_UNCERTAIN = 20_000, 2_000
#: Most conditions that are asked in all: each takes some ten microseconds, and somebody waits for the page.
MOST_ASKED = 400_000
OTHER = "(giá trị khác)"


@dataclass(frozen=True)
class Input:
    """What an input may be, as JSON Schema says it. `optional`: it may be left unanswered (null)."""

    type: str = ""  # integer, number, boolean, string, date; empty: as the conditions use it
    enum: tuple[Any, ...] = ()
    minimum: float | int | None = None
    maximum: float | int | None = None
    optional: bool = False


@dataclass
class Report:
    """What was found. `certain`: nothing else is there; else `why` says why that is not known."""

    gap: dict[str, Any] | None = None
    overlaps: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    unreachable: list[int] = field(default_factory=list)  # rows that no input reaches; only when certain
    certain: bool = True
    why: str = ""


def look(table: Mapping[str, Any], inputs: Mapping[str, Input]) -> Report:
    """Ask the table about every combination that makes a difference.

    A gap is an input that no row matches, in a table without default. Overlaps are of tables in which at most one row may
    match. Raises BadTable for a condition that is not CEL.
    """
    conditions = [str(row.get("when", "true")) for row in table.get("rows", ()) if isinstance(row, Mapping)]
    read = [comparisons(condition) for condition in conditions]
    report = Report()
    unread = [number for number, found in enumerate(read) if found is None]
    if unread:
        report.certain, report.why = False, f"điều kiện dòng {unread[0] + 1} không chỉ so sánh từng đầu vào với giá trị"
    all_read = [one for found in read for one in found or ()]
    compared = {one.name for one in all_read}
    text = "\n".join(conditions[number] for number in unread)
    # What no condition names makes no difference.
    names = [name for name in inputs if name in compared or re.search(rf"\b{re.escape(name)}\b", text)]
    names += sorted(compared - set(inputs))
    values: dict[str, list[Any]] = {}
    for name in names:
        found, exact = _representatives(inputs.get(name, Input()), [one for one in all_read if one.name == name])
        values[name] = found
        if not exact and report.certain:
            report.certain, report.why = False, f"không rõ đầu vào “{name}” có thể nhận những giá trị nào"
    total = 1
    for found in values.values():
        total *= len(found)
    if total * max(1, len(conditions)) > min(MOST * max(1, len(conditions)), MOST_ASKED) and report.certain:
        report.certain, report.why = False, f"quá nhiều tổ hợp đầu vào ({total})"
    _ask(table, conditions, values, report)
    return report


def _ask(table: Mapping[str, Any], conditions: Sequence[str], values: Mapping[str, list[Any]], report: Report) -> None:
    hit = table.get("hit", "first")
    decides_all = hit == "collect" or bool(table.get("default"))
    pairs: set[tuple[int, int]] = set()
    reached: set[int] = set()
    most = MOST if report.certain else min(MOST_UNCERTAIN, MOST_ASKED // max(1, len(conditions)))
    for combination in islice(product(*values.values()), most):
        facts = dict(zip(values, combination, strict=True))
        matched = [number for number, condition in enumerate(conditions) if holds(condition, facts)]
        reached.update(matched[:1] if hit == "first" else matched)
        if not matched and not decides_all and report.gap is None:
            report.gap = facts
        if hit == "unique" and len(matched) > 1 and (matched[0], matched[1]) not in pairs:
            pairs.add((matched[0], matched[1]))
            report.overlaps.append((matched[0], matched[1], facts))
    if report.certain:
        report.unreachable = [number for number in range(len(conditions)) if number not in reached]


def _representatives(declared: Input, compared: Sequence[Comparison]) -> tuple[list[Any], bool]:
    """Values of an input that stand for all of them, and whether they do."""
    found, exact = _values(declared, compared)
    said = any(None in one.literals for one in compared)
    return ([*found, None] if declared.optional or said else found), exact


def _values(declared: Input, compared: Sequence[Comparison]) -> tuple[list[Any], bool]:
    literals = [one for comparison in compared for one in comparison.literals if one is not None]
    if declared.enum:
        return list(declared.enum), True
    kind = declared.type or _kind(literals)
    if kind == "boolean":
        return [True, False], True
    if kind in ("integer", "number"):
        numbers = {one for one in literals if isinstance(one, int | float) and not isinstance(one, bool)}
        return _numbers(declared, numbers, whole=kind == "integer"), bool(declared.type or not compared)
    ordered = any(one.ordered for one in compared)
    texts = sorted({str(one) for one in literals})
    if kind == "date" or (ordered and all(map(_day, texts))):
        return _days(texts), True
    return [*texts, _other(texts)], not ordered


def _kind(literals: Sequence[Any]) -> str:
    if literals and all(isinstance(one, bool) for one in literals):
        return "boolean"
    if literals and all(isinstance(one, int) and not isinstance(one, bool) for one in literals):
        return "integer"
    if any(isinstance(one, float) for one in literals):
        return "number"
    return "string"


def _numbers(declared: Input, literals: set[int | float], *, whole: bool) -> list[Any]:
    """Each literal and bound, something between two of them, something beyond."""
    low, high = declared.minimum, declared.maximum
    points = sorted({*literals, *(bound for bound in (low, high) if bound is not None)}) or [0]
    found: list[int | float] = [points[0] - 1]
    for point, following in zip(points, [*points[1:], None], strict=True):
        found.append(point)
        if following is None:
            found.append(point + 1)
        elif whole:
            between = int(point // 1) + 1
            found += [between] if between < following else []
        else:
            found.append((point + following) / 2)
    return [
        int(one) if one == int(one) else one
        for one in dict.fromkeys(found)
        if (low is None or one >= low) and (high is None or one <= high) and not (whole and one != int(one))
    ]


def _days(texts: Sequence[str]) -> list[Any]:
    days = [day for text in texts if (day := _day(text))] or [date(2026, 1, 1)]
    around = {day + timedelta(step) for day in days for step in (-1, 0, 1)}
    return [day.isoformat() for day in sorted(around)]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _other(texts: Sequence[str]) -> str:
    return next(name for number in range(len(texts) + 1) if (name := OTHER + "*" * number) not in texts)


def in_words(facts: Mapping[str, Any]) -> str:
    """An example as people read it: ``pages = 3, channel = "online"``."""
    said = [f"{name} = {_literal(value)}" for name, value in facts.items()]
    return ", ".join(said) or "bất kỳ đầu vào nào"


def _literal(value: object) -> str:
    if value is None:
        return "(không trả lời)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"“{value}”" if isinstance(value, str) else str(value)


def doubt(table: Mapping[str, Any], inputs: Mapping[str, Input]) -> str:
    """Why it is not certain that there are no other gaps and overlaps; empty when it is."""
    try:
        return look(table, inputs).why
    except BadTable:
        return ""


def said(table: Mapping[str, Any], inputs: Mapping[str, Input]) -> list[tuple[tuple[str | int, ...], str]]:
    """Gaps, overlaps and rows that are never used, each with its place in the table; empty for a table that is not CEL."""
    try:
        report = look(table, inputs)
    except BadTable:
        return []  # told where conditions are checked
    found: list[tuple[tuple[str | int, ...], str]] = []
    if report.gap is not None:
        found.append((("rows",), f"không dòng nào khớp và không có default, ví dụ {in_words(report.gap)}"))
    for first, second, facts in report.overlaps:
        found.append(
            (("rows", second), f"dòng {first + 1} và dòng {second + 1} cùng khớp (unique), ví dụ {in_words(facts)}")
        )
    for number in report.unreachable:
        found.append((("rows", number), f"dòng {number + 1} không bao giờ được dùng"))
    return found
