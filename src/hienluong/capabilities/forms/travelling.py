"""What of a page's demands can be judged in the browser: conditions, rules and demands between answers that read nothing
but answers of this page and earlier ones that may travel. The rest is the server's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hienluong.foundation.schemas import expressions
from hienluong.foundation.schemas.cleaning import clean, coerce
from hienluong.foundation.schemas.computing import computed
from hienluong.foundation.schemas.masks import MASKED
from hienluong.foundation.schemas.properties import Property, properties, widget_of

from .definition import Form, Page
from .engine import Walk, computed_by, sound_of, walk

#: Keywords of a whole schema that say nothing about the answers together, or what the engine sees to itself.
_OF_FIELDS = frozenset("$schema $id $comment title description type properties required additionalProperties".split())
Sheet = dict[str, Any]


@dataclass
class Around:
    """A page of a form, and the answers it is shown over."""

    form: Form
    page: Page
    data: Mapping[str, Any]

    @cached_property
    def props(self) -> Mapping[str, Property]:
        """All fields of the form."""
        return properties(self.form.data_schema)

    @cached_property
    def _walk(self) -> Walk:
        return walk(self.form, clean(self.form.data_schema, self.data))

    @property
    def answers(self) -> dict[str, Any]:
        """All answers that count."""
        return self._walk.answers

    @cached_property
    def asked(self) -> list[str]:
        """The questions of this page that are asked."""
        return next((names for page, names in self._walk.pages if page.id == self.page.id), [])

    @cached_property
    def _order(self) -> list[str]:
        return [page.id for page in self.form.pages]

    @cached_property
    def earlier(self) -> dict[str, Any]:
        """The answers of the pages before this one that count."""
        before = self._order[: self._order.index(self.page.id)]
        asked = [name for page, names in self._walk.pages if page.id in before for name in names]
        return {name: self.answers[name] for name in asked if name in self.answers}

    @cached_property
    def later(self) -> set[str]:
        """The fields of later pages that are answered."""
        after = self._order[self._order.index(self.page.id) + 1 :]
        return {name for page, names in self._walk.pages if page.id in after for name in names} & set(self.answers)

    @cached_property
    def sound(self) -> dict[str, Any]:
        """The earlier answers with which nothing is wrong, nor with anything they are computed from."""
        return sound_of(self.form, self.earlier)

    def may_travel(self, name: str) -> bool:
        """Whether an earlier answer may stand in the page: nothing personal, and one value or a list of texts."""
        prop, value = self.props[name], self.earlier[name]
        if {widget_of(prop), prop.get("x-kind")} & MASKED or "x-prefill" in prop:
            return False
        if computed_by(prop) and not isinstance(value, int | float):  # made of whatever it was made of
            return False
        return isinstance(value, str | bool | int | float) or (
            isinstance(value, list) and all(isinstance(item, str) for item in value)
        )

    def may_all_travel(self, names: frozenset[str]) -> bool:
        """Whether every earlier answer among these fields may."""
        return all(self.may_travel(name) for name in names if name in self.earlier)


def conditions(around: Around) -> dict[str, Sheet]:
    """For each question of the page what brings it, and what computes it.

    ``fixed``, or ``when`` with what it ``reads``, or neither: the server's. Of a computed one also ``value``, or
    ``computed`` with what it is ``computed_from``, or neither.
    """
    here = {name for name in around.page.fields if name in around.props}
    found: dict[str, Sheet] = {}
    for name in (name for name in around.page.fields if name in here):
        prop, known = around.props[name], Sheet()
        when, formula = str(prop.get("x-when", "")), computed_by(prop)
        reads = _reads(when)
        if not reads & here:
            known["fixed"] = expressions.holds(when, around.earlier)
        elif around.may_all_travel(reads - here):
            known |= {"when": when, "reads": sorted(reads)}
        reads = _reads(formula)
        if formula and not reads & here:
            known["value"] = coerce(computed(formula, around.earlier, prop), prop)
        elif formula and around.may_all_travel(reads - here) and reads & set(around.earlier) <= set(around.sound):
            known |= {"computed": formula, "computed_from": sorted(reads)}
        found[name] = known
    return found


def _reads(expression: str) -> frozenset[str]:
    return expressions.variables(expression) - {"today"} if expression.strip() else frozenset()


def rules(around: Around, here: set[str]) -> tuple[list[Sheet], set[str]]:
    """The rules about these questions, and the fields about which the server has rules that the browser cannot judge."""
    told: list[Sheet] = []
    left: set[str] = set()
    for rule in around.form.rules:
        reads = (expressions.variables(rule.get("when", "")) - {"today"}) & set(around.props)
        others = reads - here
        field = rule.get("field", "")
        if field not in here:
            continue
        if others & around.later or any(name in around.sound and not around.may_travel(name) for name in others):
            left.add(field)
        elif others <= set(around.sound):  # else it is silent: something it reads is not answered
            told.append({"when": rule["when"], "reads": sorted(reads), "field": field, "message": rule["message"]})
    return told, left


def demands(around: Around, here: set[str]) -> tuple[list[Sheet], set[str]]:
    """Demands on the answers together (“if this is so, that must be answered”), and the fields left to the server."""
    told: list[Sheet] = []
    schema = around.form.data_schema
    left = set(here) if set(schema) - _OF_FIELDS - {"allOf", "if", "then", "else"} else set()
    for part in _parts(schema):
        asks = {name for word in ("then", "else") for name in part.get(word, {}).get("required", ())}
        reads = set(part["if"].get("properties", {})) | set(part["if"].get("required", ()))
        if not _is_plain(part):
            left |= here
        elif not asks & here:
            continue
        elif any(not _is_settled(around, name) for name in (reads | asks) - here):
            left |= asks & here
        else:
            told.append({"schema": part, "reads": sorted(reads), "asks": sorted(asks & here)})
    return told, left


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "if" in schema:
        yield {word: schema[word] for word in ("if", "then", "else") if word in schema}
    for part in schema.get("allOf", ()):
        yield part if isinstance(part, Mapping) and isinstance(part.get("if"), Mapping) else {"if": {}, "not": part}


def _is_plain(part: Mapping[str, Any]) -> bool:
    """Whether a demand only looks at fields and only asks for fields."""
    return (
        set(part) <= {"if", "then", "else"}
        and set(part["if"]) <= {"properties", "required"}
        and all(set(part.get(word, {})) <= {"required"} for word in ("then", "else"))
    )


def _is_settled(around: Around, name: str) -> bool:
    """Whether a field of another page is not answered, or is soundly and its answer may travel."""
    if name in around.earlier:
        return name in around.sound and around.may_travel(name)
    return name not in around.later
