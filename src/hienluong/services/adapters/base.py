"""What every adapter is: a code, a title, operations with their schemas. Nothing here imports the database.

A new adapter is a subclass of :class:`Adapter` in ``systems/`` that says what can be asked; it is handed over with
:func:`register` and must pass ``tests/services/adapters/contract.py``. How: docs/engineers/adapters.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

import jsonschema_rs
from django.utils.functional import Promise

from hienluong.foundation.schemas import cleaning

from .connections import Connection

Text = str | Promise
Schema = Mapping[str, Any]


def _validator(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked of a system.

    `question` and `answer` are JSON Schemas of our words; `names` gives the other side's word for each of our fields
    `answers` the place of each field in their answer (``data.name``), `items` the
    same within the members of a list. Fields that are not named pass under their own name; what the answer's schema
    does not know is dropped.

    `repeatable`: asking twice does no harm. What is not repeatable goes out again only when the first try cannot have
    arrived, or when `confirmed_by` (an operation that is asked with our `number`) says that it was not done.
    """

    name: str
    title: Text
    question: Schema
    answer: Schema
    path: str
    method: str = "POST"
    names: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # field → their value → ours
    repeatable: bool = True
    confirmed_by: str = ""
    tries: int = 2  # at once, while somebody waits
    timeout_s: float = 5.0  # for the whole answer
    keep_s: int = 0  # for so long an answer is taken from what was kept
    stale_s: int = 0  # for so long a kept answer serves when the system is away, named as old
    personal: tuple[str, ...] = ()  # fields of the answer that are data of a person
    sample: Mapping[str, Any] = field(default_factory=dict)  # a question that the simulator can answer

    @cached_property
    def asks(self) -> jsonschema_rs.Draft202012Validator:
        """What a question must be."""
        return _validator(self.question)

    @cached_property
    def answers_with(self) -> jsonschema_rs.Draft202012Validator:
        """What an answer must be."""
        return _validator(self.answer)

    def with_changes(self, changes: Mapping[str, Any]) -> Operation:
        """The same as a connection says it: path, method, names, times."""
        return replace(self, **changes) if changes else self


@dataclass(frozen=True)
class Answer:
    """What a system said: in our words, valid against the operation's schema."""

    data: Mapping[str, Any]
    at: datetime  # when the system said it
    kept: bool = False  # taken from what was kept
    old: bool = False  # the system is away; this is older than it should be


class Adapter:
    """One system of others. Subclasses set the class attributes, and override :meth:`spoken` and :meth:`heard` where
    naming fields is not enough."""

    code: ClassVar[str]
    title: ClassVar[Text]
    owner: ClassVar[Text]  # whose system it is
    known: ClassVar[Text]  # what of its interface is published, and what only those learn whom they connect
    operations: ClassVar[tuple[Operation, ...]]
    codes: ClassVar[Mapping[str, Any]] = {
        "at": "errorCode",
        "words_at": "message",
        "ok": ["0", "00"],
        "not_found": ["04"],
    }

    def operation(self, name: str, connection: Connection | None = None) -> Operation:
        """One operation, as the connection speaks it. KeyError for a name that is not there."""
        found = {each.name: each for each in self.operations}[name]
        return found.with_changes(connection.operations.get(name, {}) if connection else {})

    def codes_of(self, connection: Connection) -> Mapping[str, Any]:
        """Where codes of errors stand in an answer, and what they mean."""
        return {**self.codes, **connection.codes}

    def spoken(self, operation: Operation, question: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
        """A question in their words."""
        return {
            operation.names.get(name, name): _their_day(value, operation.question, name, connection.dates)
            for name, value in question.items()
        }

    def heard(self, operation: Operation, body: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
        """Their answer in our words; not checked yet. What is not there is left out."""
        found: dict[str, Any] = {}
        for name, prop in operation.answer.get("properties", {}).items():
            value = _at(body, operation.answers.get(name, name))
            if value is None:
                continue
            if name in operation.items and isinstance(value, list):
                found[name] = [self._member(operation, name, prop, one, connection) for one in value]
                continue
            found[name] = _ours(value, prop, operation.values.get(name, {}), connection.dates)
        return found

    def _member(self, operation: Operation, name: str, prop: Schema, one: Any, connection: Connection) -> Any:
        if not isinstance(one, Mapping):
            return _ours(one, prop.get("items", {}), operation.values.get(name, {}), connection.dates)
        places, found = operation.items[name], {}
        for inner, schema in prop.get("items", {}).get("properties", {}).items():
            value = _at(one, places.get(inner, inner))
            if value is not None:
                found[inner] = _ours(value, schema, operation.values.get(f"{name}.{inner}", {}), connection.dates)
        return found


def _at(body: Any, place: str) -> Any:
    """The value at a dotted place; None when there is none."""
    for step in place.split("."):
        if isinstance(body, Mapping):
            body = body.get(step)
        elif isinstance(body, list) and step.isdecimal() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body


def place_of(body: Any, place: str) -> Any:
    """The value at a dotted place of an answer; None when there is none."""
    return _at(body, place)


def _their_day(value: Any, schema: Schema, name: str, dates: str) -> Any:
    if not dates or schema.get("properties", {}).get(name, {}).get("format") != "date":
        return value
    return datetime.strptime(str(value), "%Y-%m-%d").strftime(dates)


def _ours(value: Any, prop: Schema, values: Mapping[str, Any], dates: str) -> Any:
    if values and isinstance(value, str | int | bool) and str(value) in values:
        return values[str(value)]
    if isinstance(value, str):
        value = cleaning.text(value, lines=True)  # composed letters, and nothing that the database cannot hold
    if dates and prop.get("format") == "date":
        try:
            return datetime.strptime(str(value), dates).date().isoformat()
        except ValueError:
            return value  # the schema will say that it is no day
    return value


_adapters: dict[str, Adapter] = {}


def register(adapter: Adapter) -> None:
    """Hand an adapter over (called from ``ready()``)."""
    _adapters[adapter.code] = adapter


def adapters() -> list[Adapter]:
    """All adapters, by title."""
    return sorted(_adapters.values(), key=lambda one: str(one.title))


def adapter(code: str) -> Adapter:
    """The adapter with this code. KeyError when there is none."""
    return _adapters[code]
