"""Validating what a person answered: the schema, what is asked for under which condition, rules between fields.

Never raises on any input: what is wrong comes back as messages by field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jsonschema_rs
from django.utils.translation import gettext as _

from . import expressions, messages
from .cleaning import MAX_ITEMS, MAX_NUMBER, MAX_TEXT, clean
from .definition import Form, Page, Property, label_of, properties, type_of, widget_of

#: A phone number of ten digits and a personal number of twelve, when the schema of such a widget gives no pattern.
_WIDGET_PATTERNS = {"phone": r"^0\d{9}$", "personal-id": r"^\d{12}$"}


@dataclass(frozen=True)
class Outcome:
    """The answers as data, and what is wrong with them: field name → messages in the person's language."""

    data: dict[str, Any]
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors


def validate(form: Form, data: Mapping[str, Any]) -> Outcome:
    """Check all answers of a form. Answers to what is not asked for are dropped from the outcome."""
    cleaned = clean(form.data_schema, data)
    asked = asked_fields(form, cleaned)
    return _check(form, {name: cleaned[name] for name in asked if name in cleaned}, asked, asked)


def validate_page(form: Form, page: Page, data: Mapping[str, Any]) -> Outcome:
    """Check the fields of one page, given everything answered so far; the outcome holds that page's fields only."""
    cleaned = clean(form.data_schema, data)
    asked = asked_fields(form, cleaned)
    known = {name: cleaned[name] for name in asked if name in cleaned}
    here = [name for name in page.fields if name in asked]
    outcome = _check(form, known, asked, here)
    return Outcome({name: outcome.data[name] for name in here if name in outcome.data}, outcome.errors)


def asked_fields(form: Form, data: Mapping[str, Any]) -> list[str]:
    """The fields that are asked for, given these (cleaned) answers, in the order of the pages."""
    return [name for _page, names in asked_pages(form, data) for name in names]


def asked_pages(form: Form, data: Mapping[str, Any]) -> list[tuple[Page, list[str]]]:
    """Each page that is shown, with its fields that are asked for, given these (cleaned) answers.

    An answer given before its question went away counts no more: conditions are looked at in page order, over
    the answers that are still asked for. A page with nothing to ask is not shown.
    """
    props = properties(form.data_schema)
    names = tuple(props)
    shown: list[tuple[Page, list[str]]] = []
    so_far: dict[str, Any] = {}
    for page in form.pages:
        if not expressions.holds(page.when, so_far, names):
            continue
        asked: list[str] = []
        for name in page.fields:
            prop = props.get(name)
            if prop is None or not expressions.holds(str(prop.get("x-when", "")), so_far, names):
                continue
            asked.append(name)
            if name in data:
                so_far[name] = data[name]
        if asked:
            shown.append((page, asked))
    return shown


def _check(form: Form, data: dict[str, Any], asked: Collection[str], report: Collection[str]) -> Outcome:
    props = properties(form.data_schema)
    errors: dict[str, list[str]] = {}

    def add(name: str, message: str) -> None:
        if name in report and message not in errors.setdefault(name, []):
            errors[name].append(message)

    for name in _required(form.data_schema, asked):
        if name not in data:
            add(name, messages.required(label_of(name, props[name]), props[name]))
    for name in list(data):
        for message in _size_faults(label_of(name, props[name]), props[name], data[name]):
            add(name, message)
    sound = {name: value for name, value in data.items() if not errors.get(name)}
    for fault in _validator(_canonical(form.data_schema)).iter_errors(sound):
        _report(fault, props, sound, asked, add)
    for rule in form.rules:
        _apply_rule(rule, props, sound, errors, add)
    return Outcome(data, {name: errors[name][:3] for name in report if errors.get(name)})


def _report(
    fault: jsonschema_rs.ValidationError,
    props: Mapping[str, Property],
    data: Mapping[str, Any],
    asked: Collection[str],
    add: Any,
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


def _size_faults(label: str, prop: Property, value: object) -> list[str]:
    if isinstance(value, str) and len(value) > max(MAX_TEXT, int(prop.get("maxLength", 0) or 0)):
        return [messages.broken(label, prop, "maxLength", prop.get("maxLength") or MAX_TEXT)]
    if isinstance(value, list) and len(value) > MAX_ITEMS:
        return [messages.broken(label, prop, "maxItems", MAX_ITEMS)]
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > MAX_NUMBER:
        return [messages.broken(label, prop, "maximum" if value > 0 else "minimum", prop.get("maximum", MAX_NUMBER))]
    pattern_of_widget = _WIDGET_PATTERNS.get(widget_of(prop))
    if not pattern_of_widget or "pattern" in prop or type_of(prop) != "string":
        return []
    if isinstance(value, str) and re.fullmatch(pattern_of_widget, value, re.ASCII):
        return []
    return [messages.broken(label, prop, "pattern", "")]


def _apply_rule(
    rule: Mapping[str, str],
    props: Mapping[str, Property],
    data: Mapping[str, Any],
    errors: Mapping[str, list[str]],
    add: Any,
) -> None:
    """A rule speaks only when everything it reads was answered and is sound by itself."""
    expression = rule.get("when", "")
    read = expressions.variables(expression) - {"today"}
    if any(name not in data or errors.get(name) for name in read & set(props)):
        return
    if expressions.evaluate(expression, data, tuple(props)) is False:
        add(rule.get("field", ""), rule.get("message", ""))


def _required(schema: Mapping[str, Any], asked: Collection[str]) -> list[str]:
    needed = schema.get("required", ())
    return [name for name in asked if name in needed]


def _canonical(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True, ensure_ascii=False, default=str)


@lru_cache(maxsize=256)
def _validator(schema_text: str) -> jsonschema_rs.Draft202012Validator:
    schema = json.loads(schema_text)
    schema.pop("required", None)
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def schema_fault(schema: Mapping[str, Any]) -> str:
    """What is wrong with a schema itself; empty when nothing is."""
    try:
        jsonschema_rs.meta.validate(dict(schema))
        _validator(_canonical(schema))
    except (jsonschema_rs.ValidationError, ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
        return str(error).splitlines()[0]
    return ""
