"""What is written to a register becomes data: cleaned, checked against the definition, the computed fields filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby, repeat
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.schemas import checking, expressions, lists
from hienluong.foundation.schemas.computing import computed
from hienluong.foundation.schemas.kinds import box_of
from hienluong.foundation.search.text import fold

from .definition import RegisterSpec
from .models import Record

#: Longest key of a record, in characters.
MAX_KEY = 120


@dataclass(frozen=True)
class Checked:
    """The data as they will be kept, and what is wrong: field → messages."""

    data: dict[str, Any]
    errors: dict[str, list[str]] = field(default_factory=dict)


def check(spec: RegisterSpec, data: Mapping[str, Any]) -> Checked:
    """Clean and check what was given; computed fields are computed, whatever was given for them."""
    (found,) = check_many(spec, [data])
    return found


def check_many(
    spec: RegisterSpec, rows: Sequence[Mapping[str, Any]], days: Sequence[date] | None = None
) -> list[Checked]:
    """Check many by one definition: what the database is asked for it, it is asked once for all of them.

    `days`: from when each will be valid; its codes are held against the lists of that day.
    """
    return with_references(spec, half_checked(spec, rows, days))


def half_checked(
    spec: RegisterSpec, rows: Sequence[Mapping[str, Any]], days: Sequence[date] | None = None
) -> list[Half]:
    """What can be said of rows without asking the database, but for code lists; :func:`with_references` says the rest."""
    found: list[Half] = []
    for day, together in groupby(zip(days or repeat(lists.today()), rows, strict=False), key=itemgetter(0)):
        with lists.as_of(day):
            found += [_check(spec, row) for _day, row in together]
    return found


def with_references(spec: RegisterSpec, found: Sequence[Half]) -> list[Checked]:
    """Rows half checked, checked to the end: what they refer to is asked of the database once for all of them."""
    _check_references(spec, found)
    for one in found:
        if one.broken:
            one.tell_rules()
    return [Checked(one.data, one.errors) for one in found]


@dataclass
class Half:
    """One row while it is checked: its data, the part of them that is sound, and what is wrong with fields by themselves.

    `broken` are the rules that do not hold, with all that they read: they are told last, and only those that read
    nothing wrong.
    """

    data: dict[str, Any]
    sound: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    broken: list[tuple[frozenset[str], Mapping[str, str]]] = field(default_factory=list)

    def add(self, name: str, message: str) -> None:
        if message not in self.errors.setdefault(name, []):
            self.errors[name].append(message)

    def tell_rules(self) -> None:
        """What the rules say, once every field was looked at."""
        wrong = set(self.errors)
        for reads, rule in self.broken:
            if not reads & wrong:
                self.add(rule["field"], rule["message"])


def _check(spec: RegisterSpec, data: Mapping[str, Any]) -> Half:
    """What can be said of a row without asking the database."""
    given = {name: value for name, value in data.items() if name not in spec.computed} if spec.computed else data
    row = Half(spec.cleaner.clean(given))
    fields = spec.fields
    if not data.keys() <= fields.keys():
        for name in data:
            if name not in fields:
                row.add(str(name), _("Không có trường “%(name)s”.") % {"name": str(name)[:80]})
    row.sound = checking.report(spec.schema_, row.data, spec.asked, row.add, spec.compiled)
    for name, expression in spec.computed.items():
        value = computed(expression, row.sound, fields.get(name, {}))
        if value is not None:
            row.sound[name] = row.data[name] = value
    key = row.sound.get(spec.key.field) if spec.key.field else None
    if key is not None and len(str(key)) > MAX_KEY:
        row.add(spec.key.field, _("Khóa của bản ghi không dài quá %(limit)d ký tự.") % {"limit": MAX_KEY})
    row.broken = broken_rules(spec.rules, spec.computed, row.sound)
    return row


def broken_rules(
    rules: Iterable[Mapping[str, str]], formulas: Mapping[str, str], sound: Mapping[str, Any]
) -> list[tuple[frozenset[str], Mapping[str, str]]]:
    """The rules that do not hold of what is sound, with all that they read; `formulas` are those of the computed fields.

    A field without answer is ``null`` to a rule, so that a rule can ask for an answer.
    """
    broken = (rule for rule in rules if expressions.evaluate(rule["when"], sound) is False)
    return [(_rests_on(formulas, rule["when"]), rule) for rule in broken]


def _rests_on(formulas: Mapping[str, str], expression: str) -> frozenset[str]:
    """All fields that an expression reads, and those that the computed ones among them come from in the end."""
    found, left = set[str](), [expression]
    while left:
        new = expressions.variables(left.pop()) - {"today"} - found
        found |= new
        left += [formulas[name] for name in new if name in formulas]
    return frozenset(found)


def _check_references(spec: RegisterSpec, rows: Sequence[Half]) -> None:
    """Each reference must name a record that is there, or was merged into one; it may end later, and the link says so."""
    for name, prop in spec.fields.items():
        if prop.get("x-kind") != "reference":
            continue
        asked = {row.sound[name] for row in rows if name in row.sound}
        found = Record.objects.filter(register__code=prop["x-register"], key__in=asked)
        there = set(found.values_list("key", flat=True)) if asked else set()
        for row in rows:
            if name in row.sound and (key := row.sound[name]) not in there:
                row.add(name, _("%(label)s: không có bản ghi “%(key)s”.") % {"label": prop["title"], "key": key})


def words(spec: RegisterSpec, key: str, data: Mapping[str, Any]) -> str:
    """The text by which a record is found: its key and the fields that the definition names, folded."""
    parts = [key]
    for name in dict.fromkeys((spec.name, *spec.search)):
        value = data.get(name)
        parts += [str(part) for part in value.values()] if isinstance(value, dict) else [str(value or "")]
    return fold(" ".join(part for part in parts if part))


def box(spec: RegisterSpec, data: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """The box around the record's geometry, when it has one."""
    shape = data.get(spec.map) if spec.map else None
    return box_of(shape) if shape else None
