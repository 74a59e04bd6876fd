"""What is wrong with data, by field and in words: sizes, kinds, the schema itself. Never raises on any input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs
from django.utils.translation import gettext as _

from . import demands, kinds, messages, shape
from .cleaning import MAX_ITEMS, MAX_NUMBER, MAX_TEXT
from .properties import Property, label_of, properties, type_of

#: Says that a field has a fault: its name and the message.
Add = Callable[[str, str], None]
#: Tells what else is wrong with fields by themselves, given the sound data and the names of those that are not; returns
#: the further names that nothing may be concluded from.
Beside = Callable[[Mapping[str, Any], Collection[str]], Collection[str]]

Validator = jsonschema_rs.Draft202012Validator
#: A phone number of ten digits and a personal number of twelve, when the schema of such a widget gives no pattern.
WIDGET_PATTERNS = {"phone": r"^0\d{9}$", "personal-id": r"^\d{12}$"}


@dataclass(frozen=True)
class Compiled:
    """A schema ready to check many by: its validator, and the fields whose faults are not seen by the schema alone."""

    validator: Validator
    deep: frozenset[str]
    fields: Mapping[str, Property]
    #: The patterns of fields whose widget has one that their schema does not say.
    patterns: Mapping[str, re.Pattern[str]]


def compiled(schema: Mapping[str, Any]) -> Compiled:
    """A schema made ready once. It must not change afterwards."""
    return _ready(schema)


def _ready(schema: Mapping[str, Any]) -> Compiled:
    fields = dict(properties(schema))
    deep = frozenset(name for name, prop in fields.items() if kinds.may_hide_faults(prop))
    patterns = {name: re.compile(text, re.ASCII) for name, prop in fields.items() if (text := _pattern_of(prop))}
    return Compiled(validator(schema), deep, fields, patterns)


def report(
    schema: Mapping[str, Any],
    data: dict[str, Any],
    asked: Collection[str],
    add: Add,
    compiled: Compiled | None = None,
    beside: Beside | None = None,
) -> dict[str, Any]:
    """Tell `add` every fault of (cleaned) data, where only `asked` fields may be missing; returns the sound part.

    What fields demand of one another is told last, and only where all that it rests on is sound by itself. Who checks
    many by one schema hands it over `compiled` once (:func:`compiled`).
    """
    ready = compiled or _ready(schema)
    props = ready.fields
    faulty: set[str] = set()

    def note(name: str, message: str) -> None:
        faulty.add(name)
        add(name, message)

    required = schema.get("required", ())
    for name in asked:
        if name not in data and name in required:
            note(name, messages.required(label_of(name, props[name]), props[name]))
    for name, value in data.items():
        if _is_small(value) and ((pattern := ready.patterns.get(name)) is None or _matches(pattern, value)):
            continue
        for message in _size_faults(label_of(name, props[name]), props[name], value):
            note(name, message)
    sound = {name: value for name, value in data.items() if name not in faulty} if faulty else dict(data)
    between: list[tuple[frozenset[str], jsonschema_rs.ValidationError]] = []
    if not ready.validator.is_valid(sound):  # which is known sooner than what is wrong
        for fault in ready.validator.iter_errors(sound):
            if read := demands.reads(schema, fault.schema_path, sound):
                between.append((read, fault))
            else:
                _report(fault, props, data, asked, note)
    for name, value in sound.items():
        if name not in ready.deep or name in faulty:
            continue
        for path, text in kinds.faults(props[name], value):
            _prop, label = _part(props[name], label_of(name, props[name]), list(path))
            note(name, text % {"label": label})
    if beside:
        rest = {name: value for name, value in sound.items() if name not in faulty} if faulty else sound
        faulty.update(beside(rest, faulty))
    unread = faulty & data.keys()
    for read, fault in between:
        if not read & unread:
            _report(fault, props, data, asked, note)
    return {name: value for name, value in sound.items() if name not in faulty} if faulty else sound


def _report(
    fault: jsonschema_rs.ValidationError,
    props: Mapping[str, Property],
    data: Mapping[str, Any],
    asked: Collection[str],
    add: Add,
) -> None:
    keyword = str(fault.kind.name)
    path = list(fault.instance_path)
    if not path and keyword == "required":
        name = str(getattr(fault.kind, "property", ""))
        # the top-level list was looked at already; this one comes from if/then or dependentRequired
        if name in asked and name not in data and name in props:
            add(name, messages.required(label_of(name, props[name]), props[name]))
        return
    if not path:  # the answers contradict one another as a whole (anyOf, oneOf, not)
        add(next(iter(asked), ""), _("Các câu trả lời chưa khớp với nhau. Hãy kiểm tra lại."))
        return
    name = str(path[0])
    if name not in props:
        return
    part, label = _part(props[name], label_of(name, props[name]), path[1:])
    if keyword == "required":
        inner = str(getattr(fault.kind, "property", ""))
        inner_prop = properties(part).get(inner, {})
        add(name, f"{label}: {messages.required(label_of(inner, inner_prop), inner_prop)}")
        return
    limits = [getattr(fault.kind, name, None) for name in ("limit", "format", "multiple_of")]
    limit = next((limit for limit in limits if limit is not None), "")
    add(name, messages.broken(label, part, keyword, limit))


def _part(prop: Property, label: str, path: list[str | int]) -> tuple[Property, str]:
    """The schema and the label of a nested value: “Con thứ 2, ngày sinh”."""
    for step in path:
        if isinstance(step, int):
            items = prop.get("items")
            prop = items if isinstance(items, Mapping) else {}
            label = _("%(label)s, mục %(number)d") % {"label": label, "number": step + 1}
        else:
            prop = properties(prop).get(step, {})
            label = f"{label}, {label_of(step, prop)}"
    return prop, label


def _is_small(value: object) -> bool:
    """Whether a value is so small that no size can be wrong with it, whatever its schema says."""
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    if isinstance(value, int | float):
        return abs(value) <= MAX_NUMBER
    return isinstance(value, dict)


def _pattern_of(prop: Property) -> str:
    """The pattern that the widget of a field brings; empty when there is none, or the schema says one itself."""
    text = WIDGET_PATTERNS.get(str(prop.get("x-widget", "")), "")
    return text if text and "pattern" not in prop and type_of(prop) == "string" else ""


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _size_faults(label: str, prop: Property, value: object) -> list[str]:
    if isinstance(value, str):
        if len(value) > MAX_TEXT and len(value) > int(prop.get("maxLength", 0) or 0):
            return [messages.broken(label, prop, "maxLength", prop.get("maxLength") or MAX_TEXT)]
    elif isinstance(value, list) and len(value) > MAX_ITEMS:
        return [messages.broken(label, prop, "maxItems", MAX_ITEMS)]
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > MAX_NUMBER:
        return [messages.broken(label, prop, "maximum" if value > 0 else "minimum", prop.get("maximum", MAX_NUMBER))]
    pattern = _pattern_of(prop)
    if not pattern or _matches(re.compile(pattern, re.ASCII), value):
        return []
    return [messages.broken(label, prop, "pattern", "")]


def _canonical(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True, ensure_ascii=False, default=str)


def validator(schema: Mapping[str, Any]) -> Validator:
    """The validator of a schema, without its top-level ``required``; formats are asserted."""
    return _validator(_canonical(schema))


@lru_cache(maxsize=256)
def _validator(schema_text: str) -> Validator:
    schema = json.loads(schema_text)
    schema.pop("required", None)
    return Validator(schema, validate_formats=True, retriever=_nothing_elsewhere)


def _nothing_elsewhere(address: str) -> Any:
    """A schema is whole in itself: whoever checks it reads no file and asks no other machine."""
    raise ValueError(address)


def schema_fault(schema: Mapping[str, Any]) -> str:
    """What is wrong with a schema itself; empty when nothing is."""
    if message := next((message for _place, message in shape.faults(schema)), ""):
        return message
    try:
        jsonschema_rs.meta.validate(dict(schema))
        validator(schema)
    except (jsonschema_rs.ValidationError, ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
        return str(error).splitlines()[0]
    return ""
