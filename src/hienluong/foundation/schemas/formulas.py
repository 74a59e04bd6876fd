"""Formulas as people write them: fields by the words on the screen, ``×`` and ``÷``; and what a number with its unit may do."""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import expressions
from .properties import Property, label_of

#: The signs of a schoolbook.
_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-"})
_TEXTS = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def in_names(formula: str, fields: Mapping[str, Property]) -> str:
    """The formula with each label of a field written as its name (of a number with a unit, its number), as CEL wants it:
    ``Số lồng × Thể tích`` is ``so_long * the_tich.value``. What is CEL over these fields already stays as it is, and so
    does what is none either way: the fault is told of what was typed."""
    text = formula.strip()
    if not text or not expressions.check(text, fields):
        return text
    pieces = _TEXTS.split(text)
    named = "".join(piece if place % 2 else _named(piece, fields) for place, piece in enumerate(pieces))
    return text if expressions.check(named, fields) else named


def _named(text: str, fields: Mapping[str, Property]) -> str:
    names = {label_of(name, prop).casefold(): name for name, prop in fields.items()}
    longest = sorted(filter(None, names), key=len, reverse=True)
    if not longest:
        return text
    words = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)

    def name(found: re.Match[str]) -> str:
        known = names[found[0].casefold()]
        return f"{known}.value" if is_quantity(fields[known]) else known

    return words.sub(name, text).translate(_SIGNS)


def is_quantity(prop: Property) -> bool:
    """Whether a field holds a number with its unit."""
    return prop.get("x-kind") == "quantity"


def quantity_fault(formula: str, fields: Mapping[str, Property]) -> str:
    """Why a formula that counts with a number and its unit as if it were a number never gives anything; empty when it
    does not."""
    plain = _TEXTS.sub("''", formula)
    for name in sorted(expressions.variables(formula) & set(fields)):
        if is_quantity(fields[name]) and re.search(rf"[-+*/%]\s*{name}\b(?!\s*\.)|\b{name}\s*[-+*/%]", plain):
            return f"“{label_of(name, fields[name])}” là số có đơn vị: để tính với số của nó thì viết {name}.value"
    return ""
