"""What a computed field holds: numbers are numbers there, whole or not.

CEL refuses ``2.5 * 3000`` and divides ``7 / 2`` into 3; whoever writes “lưu lượng × giá × 365” means neither, and cannot know
whether a person will type 2 or 2,5. So where whole numbers and fractions meet all are counted as fractions, a field of fractions
is divided into fractions, and what belongs into a field of whole numbers is rounded, halves up. The browser does the same
(``frontend/js/judge/cel.js``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from . import expressions
from .cleaning import MAX_NUMBER
from .properties import Property, type_of

#: Texts, places in a list, and last the whole numbers that are meant to be counted with.
_WHOLE = re.compile(
    r"""
    "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'
    | (?<=[\w\])}]) \s* \[ \s* \d+ \s* \]
    | (?<![\w.]) (\d+) (?![\w.])
    """,
    re.VERBOSE,
)


def computed(expression: str, data: Mapping[str, Any], prop: Property) -> Any:
    """The value of a computed field over these answers; None when it cannot be computed from them."""
    kind = type_of(prop)
    in_fractions = kind == "number" and "/" in expression
    value = None if in_fractions else expressions.evaluate(expression, data)
    if value is None:
        read = {name: data.get(name) for name in expressions.variables(expression) - {"today"}}
        value = expressions.evaluate(_with_fractions(expression), _fractions(read))
    if kind == "integer" and isinstance(value, float) and abs(value) <= MAX_NUMBER:
        return math.floor(value + 0.5)
    return value


@lru_cache(maxsize=2048)
def _with_fractions(expression: str) -> str:
    return _WHOLE.sub(lambda found: f"{found[1]}.0" if found[1] else found[0], expression)


def _fractions(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) < 2**53 else value
    if isinstance(value, Mapping):
        return {name: _fractions(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_fractions(part) for part in value]
    return value
