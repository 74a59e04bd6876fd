"""Codes of one edition of a shared list turned into those of another on the way, as declared for an operation.

``transform["translate"]`` in the snapshot is a list of rules::

    {"in": "answer", "at": "items.owner.ward", "list": "administrative-units", "from": "2025-06", "to": "2025-07",
     "file": "schemas/….json", "several": "refuse", "missing": "keep"}

`in` is ``answer``, ``body``, ``query`` or ``path``; `at` the dotted name of the member, or the name of the parameter. The file
is written by the control plane, with what `foundation/codelists` says became of each code: ``{"codes": {"00007": ["00004"]},
"main": {}}``; an empty list for a code that became nothing, and in `main`, of codes that became several, the one that the
mapping names as the one to take. It is named by its content, so a file that was read once needs no second look.

`several`: what to do where a code became more than one (``keep`` it as it is, ``refuse`` the call, give a ``list``, take the
``main`` one, and refuse where the mapping names none); `missing`: where it became nothing, or the list has no such code
(``keep``, ``refuse``, ``null`` in bodies). Whatever was not one to one is told beside the answer (``Code-Translation``) and
counted, by names of fields, never by values.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

from .fields import parts_of

PLACES = ("answer", "body", "query", "path")
SEVERAL = ("keep", "refuse", "list", "main")
MISSING = ("keep", "refuse", "null")
#: The field of an answer that says what was not translated one to one.
NOTE = "code-translation"
#: Tables that are held at once, rules of one operation, places told in one note or refusal.
MOST_TABLES, MOST_RULES, MOST_TOLD = 16, 20, 20

_tables: OrderedDict[str, Table] = OrderedDict()
_lock = threading.Lock()  # large answers are read beside the loop


@dataclass(frozen=True)
class Table:
    """What became of each code, and of which of several the mapping says that it is the one to take."""

    codes: Mapping[str, Sequence[str]]
    main: Mapping[str, str]


class BadTable(Exception):
    """The file of a translation cannot be used: calls that need it are refused."""


class Untranslated(Exception):
    """Codes that may not pass as they are. `places`: where, and why (``several``, ``missing``); never the codes."""

    def __init__(self, places: list[tuple[str, str]]) -> None:
        super().__init__("untranslated")
        self.places = places


@dataclass
class Notes:
    """What was not translated one to one: field, what was done about it, how often."""

    kept: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, name: str, what: str) -> None:
        """One more."""
        self.kept[name, what] = self.kept.get((name, what), 0) + 1

    def refused(self) -> Notes:
        """What of it says that codes were refused: all there is to say of a call that was."""
        return Notes({key: count for key, count in self.kept.items() if key[1].endswith("-refused")})

    def value(self) -> str:
        """The field of the answer: a list (RFC 9651) of names with parameters; empty when there is nothing to say."""
        told = []
        for (name, what), count in list(self.kept.items())[:MOST_TOLD]:
            written = "".join(each if " " <= each <= "~" and each not in '"\\' else "?" for each in name)
            told.append(f'"{written}";how={what};n={count}')
        return ", ".join(told)


@dataclass
class _Work:
    """One rule at work on one message."""

    name: str
    table: Table
    several: str
    missing: str
    notes: Notes
    refused: list[tuple[str, str]]
    many: bool = True  # whether a list may be given

    def of(self, value: str, place: str) -> Any:
        """What a code becomes; the code itself when it may not pass, noted in `refused`."""
        found = self.table.codes.get(value)
        if not found:
            return self.lost(value, place)
        if len(found) == 1:
            return found[0]
        if self.several == "list" and self.many:
            self.notes.add(self.name, "several-list")
            return list(found)
        if self.several == "main" and value in self.table.main:
            self.notes.add(self.name, "several-main")
            return self.table.main[value]
        if self.several == "keep":
            self.notes.add(self.name, "several-kept")
            return value
        return self._refuse(value, place, "several")

    def lost(self, value: Any, place: str) -> Any:
        """What is done with what became nothing, or is no code of the list."""
        if self.missing == "refuse":
            return self._refuse(value, place, "missing")
        self.notes.add(self.name, "missing-null" if self.missing == "null" else "missing-kept")
        return None if self.missing == "null" else value

    def _refuse(self, value: Any, place: str, why: str) -> Any:
        self.notes.add(self.name, f"{why}-refused")
        self.refused.append((place, why))
        return value


def fault(rules: Any) -> str:
    """Where declared rules could not be carried out; empty for good ones. Files are looked at when they are used."""
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        return "translate"
    for number, rule in enumerate(rules):
        if not isinstance(rule, dict) or not all(isinstance(value, str) for value in rule.values()):
            return f"translate/{number}"
        if rule.get("in") not in PLACES or rule.get("several") not in SEVERAL or rule.get("missing") not in MISSING:
            return f"translate/{number}"
        if not parts_of(rule.get("at", "")) or not rule.get("list") or not rule.get("from") or not rule.get("to"):
            return f"translate/{number}"
        if rule["in"] in ("query", "path") and rule["missing"] == "null":
            return f"translate/{number}: missing"
        if rule["in"] == "path" and rule["several"] == "list":
            return f"translate/{number}: several"
    return ""


def rules_for(transform: Mapping[str, Any] | None, *places: str) -> list[Mapping[str, Any]]:
    """The rules of an operation for these places."""
    return [rule for rule in (transform or {}).get("translate", []) if rule["in"] in places]


def table(file: Path) -> Table:
    """The table in a file; raises :class:`BadTable`."""
    name = str(file)
    with _lock:
        if name in _tables:
            _tables.move_to_end(name)
            return _tables[name]
    try:
        told = json.loads(file.read_bytes())
        codes, main = told["codes"], told.get("main", {})
        if not all(isinstance(value, list) for value in codes.values()) or not isinstance(main, dict):
            raise ValueError("codes")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BadTable(f"{file.name}: {type(problem).__name__}") from None
    read = Table(codes, main)
    with _lock:
        _tables[name] = read
        while len(_tables) > MOST_TABLES:
            _tables.popitem(last=False)
    return read


def document(found: Any, rules: Sequence[Mapping[str, Any]], folder: Path, notes: Notes) -> Any:
    """The document with its codes translated; raises :class:`Untranslated`, :class:`BadTable`."""
    refused: list[tuple[str, str]] = []
    for rule in rules:
        work = _work(rule, folder, notes, refused)
        found = _at(found, parts_of(rule["at"]), work, "")
    if refused:
        raise Untranslated(refused[:MOST_TOLD])
    return found


def query(text: str, rules: Sequence[Mapping[str, Any]], folder: Path, notes: Notes) -> str:
    """A query with its codes translated, everything else as it was; a list repeats the parameter."""
    refused: list[tuple[str, str]] = []
    for rule in rules:
        work = _work(rule, folder, notes, refused)
        pieces: list[str] = []
        for piece in text.split("&") if text else []:
            name, equals, value = piece.partition("=")
            if unquote_plus(name) != rule["at"] or not equals:
                pieces.append(piece)
                continue
            became = work.of(unquote_plus(value), rule["at"])
            pieces += [f"{name}={quote(each, safe='')}" for each in (became if isinstance(became, list) else [became])]
        text = "&".join(pieces)
    if refused:
        raise Untranslated(refused[:MOST_TOLD])
    return text


def parameters(
    found: Mapping[str, str], rules: Sequence[Mapping[str, Any]], folder: Path, notes: Notes
) -> dict[str, str]:
    """The parameters of a path with their codes translated."""
    refused: list[tuple[str, str]] = []
    made = dict(found)
    for rule in rules:
        if rule["at"] in made:
            work = _work(rule, folder, notes, refused)
            work.many = False
            made[rule["at"]] = work.of(made[rule["at"]], rule["at"])
    if refused:
        raise Untranslated(refused[:MOST_TOLD])
    return made


def _work(rule: Mapping[str, Any], folder: Path, notes: Notes, refused: list[tuple[str, str]]) -> _Work:
    file = Path(rule["file"])
    found = table(file if file.is_absolute() else folder / file)
    return _Work(rule["at"], found, rule["several"], rule["missing"], notes, refused)


def _at(found: Any, parts: list[str], work: _Work, place: str) -> Any:
    if isinstance(found, list):
        made: list[Any] = []
        for number, each in enumerate(found):
            became = _at(each, parts, work, f"{place}/{number}")
            if not parts and isinstance(each, str) and isinstance(became, list):
                made += became  # a list of codes stays a list of codes
            else:
                made.append(became)
        return made
    if not parts:
        if isinstance(found, str) and found:
            return work.of(found, place)
        return found if found in ("", None) else work.lost(found, place)  # a number, an object: no code of a list
    if not isinstance(found, dict) or parts[0] not in found:
        return found
    name = parts[0].replace("~", "~0").replace("/", "~1")
    return {**found, parts[0]: _at(found[parts[0]], parts[1:], work, f"{place}/{name}")}
