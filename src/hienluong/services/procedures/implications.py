"""Rules assembled from menus: what must hold, always or only where a comparison holds, as CEL, and back.

“If the kind is A, the depth must be given” is ``kind != 'A' || depth != null``, as it is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from hienluong.foundation.schemas.properties import Property, type_of

from . import conditions
from .conditions import Clause, Condition

#: The comparison that says the contrary of another, where one of the two is how the menus begin.
_CONTRARY = {"ne": "eq", "empty": "given", "lacks": "has"}
_NOT_BOOLEAN = re.compile(r"(?P<field>[a-z_][a-zA-Z0-9_]*)\s*!=\s*(?P<value>true|false)")
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


@dataclass(frozen=True)
class Implication:
    """What must hold; `where`: only in cases in which this holds."""

    then: Condition
    where: Clause | None = None


def written(rule: Implication, fields: Mapping[str, Property]) -> str:
    """The rule as CEL. Raises :class:`InvalidInput` naming what does not fit."""
    then = conditions.written(rule.then, fields)
    if rule.where is None or not then:
        return then
    several = len(rule.then.clauses) > 1 and rule.then.join == "and"
    return f"{_contrary(rule.where, fields)} || {f'({then})' if several else then}"


def read(expression: str, fields: Mapping[str, Property]) -> Implication | None:
    """The menus that say the same as this CEL; None when none do."""
    first, *rest = _alternatives(expression.strip())
    where = _affirmed(first, fields) if rest else None
    if where is not None:
        then = conditions.read(_unwrapped(" || ".join(rest)), fields)
        if then is not None and then.clauses:
            return Implication(then, where)
    whole = conditions.read(expression, fields)
    return Implication(whole) if whole is not None else None


def in_words(expression: str, fields: Mapping[str, Property], called: Mapping[str, str] | None = None) -> str:
    """A rule as a sentence where the menus can say it, else the formula with fields called by their labels. `called` says
    what other names mean."""
    rule = read(expression, fields)
    if rule is None or rule.where is None:
        return conditions.expression_in_words(expression, fields, called)
    said = {"where": conditions.in_words(Condition((rule.where,)), fields)}
    return _("Nếu %(where)s thì %(then)s") % {**said, "then": conditions.in_words(rule.then, fields)}


def _contrary(clause: Clause, fields: Mapping[str, Property]) -> str:
    """CEL that holds where a comparison does not."""
    text = conditions.written(Condition((clause,)), fields)
    if clause.comparison == "eq":
        return text.replace(" == ", " != ", 1)
    if clause.comparison == "given":
        return text.replace(" != ", " == ", 1)
    return f"!{text}" if clause.comparison == "has" else f"!({text})"


def _affirmed(piece: str, fields: Mapping[str, Property]) -> Clause | None:
    """The comparison whose contrary a piece of CEL is; None for what is said of itself."""
    if piece.startswith("!") and (inner := _unwrapped(piece[1:])) != piece[1:].strip():
        return _single(inner, fields)
    if (found := _NOT_BOOLEAN.fullmatch(piece)) and type_of(fields.get(found["field"], {})) == "boolean":
        return Clause(found["field"], "eq", found["value"])
    clause = _single(piece, fields)
    if clause is None or clause.comparison not in _CONTRARY:
        return None
    return replace(clause, comparison=_CONTRARY[clause.comparison])


def _single(text: str, fields: Mapping[str, Property]) -> Clause | None:
    found = conditions.read(text, fields)
    return found.clauses[0] if found is not None and len(found.clauses) == 1 else None


def _alternatives(text: str) -> list[str]:
    """The pieces between ``||``, outside of texts and brackets."""
    pieces, depth, at = [""], 0, 0
    while at < len(text):
        quoted = _TEXT.match(text, at)
        step = quoted[0] if quoted else "||" if text.startswith("||", at) and not depth else text[at]
        depth += (step in "([") - (step in ")]") if len(step) == 1 else 0
        pieces = [*pieces, ""] if step == "||" else [*pieces[:-1], pieces[-1] + step]
        at += len(step)
    return [piece.strip() for piece in pieces]


def _unwrapped(text: str) -> str:
    """A text without the brackets around all of it."""
    text = text.strip()
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth, at = 0, 0
    while at < len(text):
        quoted = _TEXT.match(text, at)
        if quoted:
            at = quoted.end()
            continue
        depth += (text[at] == "(") - (text[at] == ")")
        at += 1
        if not depth:
            break
    return text[1:-1].strip() if at == len(text) and not depth else text
