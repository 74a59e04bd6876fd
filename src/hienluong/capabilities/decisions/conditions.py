"""What a condition compares, when it only compares: single inputs with literals, joined by ``&&``, ``||``, ``!`` and brackets.

Such a condition says the same for all inputs between two literals, so that a few examples stand for all. Others (sums,
functions, two inputs side by side) are not read here: about them nothing is claimed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Literal_ = str | int | float | bool | None

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'[^'\\]*'|"[^"\\]*")|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"""
    r"""|(?P<sign>==|!=|<=|>=|<|>|&&|\|\||!|\(|\)|\[|\]|,))"""
)
_ORDERED = ("<", "<=", ">", ">=")
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_WORDS: dict[str, Literal_] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Comparison:
    """One input against literals; `ordered` when it asks which of the two is larger."""

    name: str
    literals: tuple[Literal_, ...]
    ordered: bool


class _Unread(ValueError):
    """Not a condition of this kind."""


def comparisons(expression: str) -> list[Comparison] | None:
    """Every comparison of a condition; None when it is not made of such alone."""
    try:
        reader = _Reader(_tokens(expression))
        reader.either()
        if reader.rest:
            raise _Unread
    except _Unread:
        return None
    return reader.found


def _tokens(expression: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    at = 0
    text = expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _Unread
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, Any]]) -> None:
        self.rest = tokens
        self.found: list[Comparison] = []

    def _next_is(self, *signs: str) -> str:
        if self.rest and self.rest[0][0] in ("sign", "name") and self.rest[0][1] in signs:
            return str(self.rest.pop(0)[1])
        return ""

    def _expect(self, sign: str) -> None:
        if not self._next_is(sign):
            raise _Unread

    def either(self) -> None:
        self._both()
        while self._next_is("||"):
            self._both()

    def _both(self) -> None:
        self._single()
        while self._next_is("&&"):
            self._single()

    def _single(self) -> None:
        if self._next_is("!"):
            self._single()
        elif self._next_is("("):
            self.either()
            self._expect(")")
        else:
            self._comparison()

    def _comparison(self) -> None:
        left = self._operand()
        if self._next_is("in"):
            self.found.append(Comparison(_name(left), self._list(), ordered=False))
            return
        sign = self._next_is(*_TURNED)
        if not sign:
            if isinstance(left, _Name):
                self.found.append(Comparison(left.text, (True, False), ordered=False))
            elif not isinstance(left, bool):
                raise _Unread
            return
        right = self._operand()
        if not isinstance(left, _Name):
            left, right, sign = right, left, _TURNED[sign]
        if isinstance(right, _Name):
            raise _Unread
        self.found.append(Comparison(_name(left), (right,), ordered=sign in _ORDERED))

    def _operand(self) -> _Name | Literal_:
        if not self.rest:
            raise _Unread
        kind, text = self.rest.pop(0)
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "text":
            return str(text[1:-1])
        if kind == "name" and text != "in":
            return _WORDS[text] if text in _WORDS else _Name(text)
        raise _Unread

    def _list(self) -> tuple[Literal_, ...]:
        self._expect("[")
        found: list[Literal_] = []
        while not self._next_is("]"):
            if found:
                self._expect(",")
            value = self._operand()
            if isinstance(value, _Name):
                raise _Unread
            found.append(value)
        return tuple(found)


@dataclass(frozen=True)
class _Name:
    text: str


def _name(operand: _Name | Literal_) -> str:
    if not isinstance(operand, _Name):
        raise _Unread
    return operand.text
