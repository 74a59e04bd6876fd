"""CEL over the data of a form: when a page, a field or a paper is asked for, and rules between fields.

Every field of the schema is a variable; one that has no answer is ``null``. Dates are ISO texts, so they
compare as they are (``ngay_ket_hon > ngay_sinh``). Besides the language itself:

- ``today``: the date in Vietnam, ISO text;
- ``age(date)``: full years from an ISO date to today, -1 when it is no date;
- ``days_between(a, b)``: calendar days from ISO date `a` to `b`, 0 when either is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils import timezone

MAX_LENGTH = 2000
#: Loops over lists that one expression may have, and those of them that make a list: each multiplies what the ones before it
#: cost, and nothing stops an expression that runs. Counted as words, wherever they stand.
MAX_LOOPS, MAX_LISTS_MADE = 2, 1
_LOOPS = re.compile(r"\b(all|exists|exists_one|filter|map)\b")
_MAKE_LISTS = ("filter", "map")
#: The name that a loop gives to each item: ``rows.all(row, row.amount > 0)``.
_EACH = re.compile(r"\.\s*(?:all|exists|exists_one|filter|map)\s*\(\s*([A-Za-z_]\w*)\s*,")
#: What an expression that cannot be computed from these data raises.
UNCOMPUTABLE = (TypeError, ValueError, RuntimeError, LookupError, ArithmeticError)
FUNCTIONS = frozenset(("age", "days_between"))
_KNOWN_FUNCTIONS = FUNCTIONS | frozenset(
    "size has all exists exists_one map filter int uint double string bytes timestamp duration contains startsWith "
    "endsWith matches type dyn".split()
)


class BadExpression(ValueError):
    """The text is not CEL, or names what is not there."""


@lru_cache(maxsize=2048)
def compiled(expression: str) -> Any:
    """The compiled program; raises :class:`BadExpression`."""
    import cel  # loads a command line of its own, so only who compiles pays for it

    if len(expression) > MAX_LENGTH:
        raise BadExpression("biểu thức quá dài")
    loops = _LOOPS.findall(expression)
    if len(loops) > MAX_LOOPS or sum(loop in _MAKE_LISTS for loop in loops) > MAX_LISTS_MADE:
        raise BadExpression(
            "quá nhiều phép lặp: đến hai trong all, exists, exists_one, filter, map; đến một filter hoặc map"
        )
    try:
        return cel.compile(expression)
    except (ValueError, RuntimeError) as error:
        raise BadExpression(_misread(expression, str(error))) from error


#: How much of a text is told from where it stops being CEL.
MOST_TOLD = 40
#: Where the parser stopped: its words are English and speak of tokens.
_STOPPED = re.compile(r"<input>:(\d+):(\d+):")


def _misread(expression: str, said: str) -> str:
    """Where a text stops being CEL, in words."""
    found = _STOPPED.search(said)
    if found is None:
        return said.splitlines()[0]
    line = expression.splitlines()[int(found[1]) - 1] if expression.strip() else ""
    at = int(found[2]) - 1
    while 0 < at < len(line) and (line[at - 1].isalnum() or line[at - 1] == "_"):
        at -= 1  # a word is told whole, though the parser stopped within it
    rest = line[at:].strip()
    if not rest:
        return "viết chưa hết: thiếu phần cuối"
    return f"viết chưa đúng ở chỗ “{rest if len(rest) <= MOST_TOLD else rest[:MOST_TOLD] + '…'}”"


def check(expression: str, names: Iterable[str]) -> str:
    """What is wrong with an expression over these fields; empty when nothing is."""
    try:
        program = compiled(expression)
    except BadExpression as error:
        return str(error)
    unknown = set(program.variables()) - set(names) - {"today"} - set(_EACH.findall(expression))
    if unknown:
        return f"không có trường {', '.join(sorted(unknown))}"
    strange = {name for name in program.functions() if name.isidentifier() and not name.startswith("_")}
    strange -= _KNOWN_FUNCTIONS
    return f"không có hàm {', '.join(sorted(strange))}" if strange else ""


def each_of(expression: str) -> frozenset[str]:
    """The names that the loops of an expression give to each item."""
    return frozenset(_EACH.findall(expression))


def variables(expression: str) -> frozenset[str]:
    """The names an expression reads; none for one that is not CEL."""
    try:
        program, fields, timed = _read(expression)
    except BadExpression:
        return frozenset()
    return frozenset(fields) | ({"today"} if timed and "today" in program.variables() else set())


@lru_cache(maxsize=2048)
def _read(expression: str) -> tuple[Any, tuple[str, ...], bool]:
    """The program, the fields that it reads, and whether it asks for the day."""
    program = compiled(expression)
    variables = frozenset(program.variables())
    timed = "today" in variables or bool(FUNCTIONS & set(program.functions()))
    return program, tuple(variables - {"today"}), timed


def evaluate(expression: str, data: Mapping[str, Any]) -> Any:
    """The value of an expression; None when it cannot be computed from these data, or is not CEL.

    A field without answer is ``null``.
    """
    try:
        return run(expression, {name: data.get(name) for name in _read(expression)[1]})
    except UNCOMPUTABLE:
        return None


def run(expression: str, values: Mapping[str, Any], today: date | None = None) -> Any:
    """The value of an expression over exactly these values, on a day (today when None). Raises one of :data:`UNCOMPUTABLE`
    (:class:`BadExpression` is among them), also for a name that has no value."""
    program, _fields, timed = _read(expression)
    if not timed:
        return program.execute(dict(values))
    return program.execute(_timed_context(values, today or timezone.localdate()))


def _timed_context(values: Mapping[str, Any], today: date) -> Any:
    """What a program that asks for the day, or for an age, runs in."""
    import cel

    context = cel.Context(variables={**values, "today": today.isoformat()})
    context.add_function("age", lambda born: _age(born, today))
    context.add_function("days_between", _days_between)
    return context


def holds(expression: str, data: Mapping[str, Any]) -> bool:
    """Whether a condition is true; an empty condition always is, one that cannot be computed is not."""
    return not expression.strip() or evaluate(expression, data) is True


def _age(born: object, today: date) -> int:
    day = _date(born)
    if day is None:
        return -1
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _days_between(first: object, second: object) -> int:
    start, end = _date(first), _date(second)
    return (end - start).days if start and end else 0


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
