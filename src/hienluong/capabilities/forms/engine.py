"""Validating what a person answered: the schema, what is asked for under which condition, rules between fields.

Never raises on any input: what is wrong comes back as messages by field.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hienluong.foundation.schemas import checking, expressions, references
from hienluong.foundation.schemas.cleaning import clean, coerce
from hienluong.foundation.schemas.computing import computed
from hienluong.foundation.schemas.properties import Property, label_of, properties

from .definition import Form, Page


@dataclass(frozen=True)
class Outcome:
    """The answers as data, and what is wrong with them: field name → messages in the person's language."""

    data: dict[str, Any]
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors


class Walk(NamedTuple):
    """A form over given answers: the pages that are shown with their fields, and the answers that count."""

    pages: list[tuple[Page, list[str]]]
    answers: dict[str, Any]


def validate(form: Form, data: Mapping[str, Any]) -> Outcome:
    """Check all answers of a form. Answers to what is not asked for are dropped from the outcome."""
    pages, answers = walk(form, clean(form.data_schema, data))
    asked = [name for _page, names in pages for name in names]
    return _check(form, answers, asked, asked)


def validate_page(form: Form, page: Page, data: Mapping[str, Any]) -> Outcome:
    """Check the fields of one page, given everything answered so far; the outcome holds that page's fields only."""
    pages, answers = walk(form, clean(form.data_schema, data))
    asked = [name for _page, names in pages for name in names]
    here = [name for name in page.fields if name in asked]
    outcome = _check(form, answers, asked, here)
    return Outcome({name: outcome.data[name] for name in here if name in outcome.data}, outcome.errors)


def asked_fields(form: Form, data: Mapping[str, Any]) -> list[str]:
    """The fields that are asked for, given these (cleaned) answers, in the order of the pages."""
    return [name for _page, names in asked_pages(form, data) for name in names]


def asked_pages(form: Form, data: Mapping[str, Any]) -> list[tuple[Page, list[str]]]:
    """Each page that is shown, with its fields that are asked for, given these (cleaned) answers."""
    return walk(form, data).pages


def walk(form: Form, data: Mapping[str, Any]) -> Walk:
    """Go through a form, given these (cleaned) answers.

    An answer given before its question went away counts no more: conditions are looked at in page order, over
    the answers that are still asked for. A page with nothing to ask is not shown. A computed field (``x-computed``)
    reads what stands before it; whatever was given for it counts nothing.
    """
    props = properties(form.data_schema)
    shown: list[tuple[Page, list[str]]] = []
    so_far: dict[str, Any] = {}
    for page in form.pages:
        if not expressions.holds(page.when, so_far):
            continue
        asked: list[str] = []
        for name in page.fields:
            prop = props.get(name)
            if prop is None or not expressions.holds(str(prop.get("x-when", "")), so_far):
                continue
            asked.append(name)
            value = (
                coerce(computed(expression, so_far, prop), prop)
                if (expression := computed_by(prop))
                else data.get(name)
            )
            if value is not None:
                so_far[name] = value
        if asked:
            shown.append((page, asked))
    return Walk(shown, so_far)


def computed_by(prop: Property) -> str:
    """The expression that computes a field; empty when it is asked of the person."""
    return str(prop.get("x-computed", ""))


def demanded(form: Form) -> set[str]:
    """The fields that other answers can make necessary (“if this is so, that must be answered”)."""
    parts = [form.data_schema, *form.data_schema.get("allOf", ())]
    branches = [part.get(word) for part in parts if isinstance(part, Mapping) for word in ("then", "else")]
    return {str(name) for branch in branches if isinstance(branch, Mapping) for name in branch.get("required", ())}


def sound_of(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Of these answers, those with which nothing is wrong, nor with anything that they are computed from."""
    return _sound(form, dict(answers), list(answers), (), {}, lambda name, message: None)


def _check(form: Form, data: dict[str, Any], asked: Collection[str], report: Collection[str]) -> Outcome:
    errors: dict[str, list[str]] = {}

    def add(name: str, message: str) -> None:
        if name in report and message not in errors.setdefault(name, []):
            errors[name].append(message)

    props = properties(form.data_schema)
    typed = [name for name in asked if not computed_by(props[name])]  # what is computed is not missing
    sound = _sound(form, data, asked, typed, errors, add)
    for rule in form.rules:
        _apply_rule(rule, tuple(props), sound, add)
    return Outcome(data, {name: errors[name][:3] for name in report if errors.get(name)})


def _sound(
    form: Form,
    data: dict[str, Any],
    asked: Collection[str],
    needed: Collection[str],
    errors: dict[str, list[str]],
    add: checking.Add,
) -> dict[str, Any]:
    """Tell `add`, which keeps `errors`, what is wrong with answers by themselves and what they demand of one another."""
    props = properties(form.data_schema)

    def beside(sound: Mapping[str, Any], faulty: Collection[str]) -> set[str]:
        further = set()
        for name in asked:
            if name in sound and (message := references.fault(props[name], sound[name])):
                further.add(name)
                add(name, message % {"label": label_of(name, props[name])})
        wrong = further | (set(faulty) & set(data))
        for name in asked:  # in page order: what is computed may come from what was computed before it
            if (expression := computed_by(props[name])) and wrong & expressions.variables(expression):
                further.add(name)
                wrong.add(name)
                errors.pop(name, None)  # its own value says nothing while what it is computed from is wrong
        return further

    return checking.report(form.data_schema, data, needed, add, beside=beside)


def _apply_rule(rule: Mapping[str, str], names: Collection[str], sound: Mapping[str, Any], add: checking.Add) -> None:
    """A rule speaks only when everything it reads was answered and is sound by itself."""
    expression = rule.get("when", "")
    read = expressions.variables(expression) - {"today"}
    if any(name not in sound for name in read & set(names)):
        return
    if expressions.evaluate(expression, sound) is False:
        add(rule.get("field", ""), rule.get("message", ""))
