"""Formulas as people write them: fields by the words on the screen, ``×`` and ``÷``; and what a number with its unit may do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from difflib import SequenceMatcher

from . import expressions
from .properties import Property, label_of

#: The signs of a schoolbook.
_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-", "≥": ">=", "≤": "<=", "≠": "!="})
#: After the label of a number with its unit, what is about the whole and not about its number.
_OF_WHOLE = re.compile(r"\s*(?:[!=]=\s*null\b|\.)")
#: What stands in a formula and is no field: a part of one, a function.
_PART = re.compile(r"\.\s*[A-Za-z_]\w*")
_FUNCTION = re.compile(r"(?<!\w)(?<!\w )[a-z_][A-Za-z0-9_]*(?=\s*\()", re.ASCII)
_WORDS_OF_CEL = frozenset(("true", "false", "null", "in", "today"))
#: How many labels are offered for one that is not there, and how near they must be (0 to 1).
_OFFERED, _NEAR = 3, 0.5
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
        is_number = is_quantity(fields[known]) and not _OF_WHOLE.match(text, found.end())
        return f"{known}.value" if is_number else known

    return words.sub(name, text).translate(_SIGNS)


def fault(formula: str, fields: Mapping[str, Property], others: Collection[str] = ()) -> str:
    """What is wrong with a formula or a condition over these fields and `others` known by name only; empty when nothing is.
    A field that is not there is named as it was typed, with those that may have been meant."""
    known = (*fields, *others)
    said = expressions.check(formula, known)
    strange = _strange(formula, fields, known) if said else []
    if not strange:
        return said
    meant = list(dict.fromkeys(label for word in strange for label in _nearest(word, fields)))[:_OFFERED]
    told = f"không có trường {', '.join(f'“{word}”' for word in strange[:_OFFERED])}"
    return f"{told}. Có phải: {', '.join(f'“{label}”' for label in meant)}?" if meant else told


def _strange(formula: str, fields: Mapping[str, Property], known: Iterable[str]) -> list[str]:
    """The words of a formula that are neither a label nor a name; none when it is not they that are wrong with it."""
    names = {*known, *_WORDS_OF_CEL, *expressions.each_of(formula)}
    pieces = _TEXTS.split(formula)
    plain = "".join("''" if place % 2 else _named(piece, fields) for place, piece in enumerate(pieces))
    chunks = (chunk.strip() for chunk in re.split(r"[^\w\s]+", _FUNCTION.sub("", _PART.sub("", plain))))
    found = []
    for chunk in chunks:
        words = chunk.split()
        if any(word[0].isalpha() or word[0] == "_" for word in words) and not names & set(words):
            found.append(" ".join(words)[:60])
    return list(dict.fromkeys(found))


def _nearest(word: str, fields: Mapping[str, Property]) -> list[str]:
    """The labels nearest to what was typed, the nearest first."""
    typed = _folded(word)
    near = []
    for name, prop in fields.items():
        label = _folded(label_of(name, prop))
        shared = set(typed.split()) & set(label.split())
        score = SequenceMatcher(None, typed, label).ratio() + (0.3 if shared else 0)
        if score >= _NEAR:
            near.append((score, label_of(name, prop)))
    return [label for _score, label in sorted(near, key=lambda each: -each[0])[:_OFFERED]]


def _folded(text: str) -> str:
    """Without marks, in small letters, names of the data as words."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return plain.replace("đ", "d").replace("_", " ")


def is_quantity(prop: Property) -> bool:
    """Whether a field holds a number with its unit."""
    return prop.get("x-kind") == "quantity"


def quantity_fault(formula: str, fields: Mapping[str, Property]) -> str:
    """Why a formula that counts with, or compares, a number and its unit as if it were a number never gives anything; empty when it
    does not."""
    plain = _TEXTS.sub("''", formula)
    for name in sorted(expressions.variables(formula) & set(fields)):
        counted = rf"[-+*/%<>]=?\s*{name}\b(?!\s*\.)|\b{name}\s*(?:[-+*/%<>]|[!=]=\s*-?\d)"
        if is_quantity(fields[name]) and re.search(counted, plain):
            return f"“{label_of(name, fields[name])}” là số có đơn vị: để tính, so sánh với số của nó thì viết {name}.value"
    return ""
