"""Which records that are there a version to come would refuse, once they are carried over to it. Reads only.

What they refer to is not asked for; and of many records only those that were written last are looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from . import checking, migrating, temporal
from .actions import spec_of
from .definition import RegisterSpec
from .models import Definition, Version

#: Most stretches of records that are looked at, and most records that are named for one fault.
MOST, MOST_NAMED = 2000, 5


@dataclass
class Unfit:
    """What records are no longer right in: a rule, else a field; how many they are, and the first of them."""

    message: str
    is_rule: bool
    records: set[int] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many records."""
        return len(self.records)

    @property
    def examples(self) -> list[int]:
        """Some of them."""
        return sorted(self.records)[:MOST_NAMED]


@dataclass(frozen=True)
class Fitting:
    """What was found; `is_part`: there are more records than the `looked` ones."""

    code: str
    faults: list[Unfit]
    looked: int
    is_part: bool


def fitting(spec: RegisterSpec, beside: Collection[RegisterSpec] = ()) -> Fitting:
    """Hold the records that are there against a version that is not installed. `beside`: further versions that come with it."""
    installed = {one.pk: spec_of(one) for one in Definition.objects.filter(register__code=spec.code).defer("spec")}
    ways = {one.version: one for one in (*beside, *installed.values(), spec) if one.code == spec.code}
    begins = temporal.moment(spec.effective_from)
    known = Version.objects.filter(register__code=spec.code, known__upper_inf=True)
    ahead = known.filter(Q(valid__upper_inf=True) | Q(valid__endswith__gt=begins)).order_by("-pk")
    rows = list(ahead.values_list("record_id", "definition_id", "data")[: MOST + 1])
    looked, found = rows[:MOST], dict[tuple[str, str], Unfit]()
    for record, definition, data in looked:
        before = installed[definition]
        if before.version >= spec.version:
            continue
        old = _told(before, data)
        for fault, is_rule in _told(spec, _carried(before, spec, ways, data)).items():
            if fault not in old:
                found.setdefault(fault, Unfit(fault[1], is_rule)).records.add(record)
    faults = sorted(found.values(), key=lambda one: (-one.count, one.message))
    return Fitting(spec.code, faults, len({record for record, *_rest in looked}), len(rows) > MOST)


def _carried(
    before: RegisterSpec, spec: RegisterSpec, ways: Mapping[int, RegisterSpec], data: Mapping[str, Any]
) -> dict[str, Any]:
    """The data of one version as a later one has them, through all between."""
    found = dict(data)
    for number in sorted(number for number in ways if before.version < number <= spec.version):
        found = {name: value for name, value in migrating.carried(ways[number], found).items() if value is not None}
    return found


def _told(spec: RegisterSpec, data: Mapping[str, Any]) -> dict[tuple[str, str], bool]:
    """What is wrong with data: the field and the message, and whether a rule says it."""
    (half,) = checking.half_checked(spec, [data], [spec.effective_from])
    own = {(name, message) for name, messages in half.errors.items() for message in messages}
    half.tell_rules()
    return {
        (name, message): (name, message) not in own for name, messages in half.errors.items() for message in messages
    }
