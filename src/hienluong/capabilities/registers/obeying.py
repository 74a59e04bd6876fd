"""By which definition a writing is kept: that of its day; where that one cannot hold what is given, the one it was given for.

What is written of a day before a definition began, a licence of 2019 in a form of 2026, may say what the definition of that
day did not know. It is kept whole, from that day on, under the later definition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.actions import NotFound
from hienluong.foundation.schemas import lists

from . import checking, migrating
from .actions import definition_on, spec_of
from .models import Definition, Register
from .temporal import Standing


class Definitions:
    """The definitions of a register, read once."""

    def __init__(self, register: Register) -> None:
        self.all = list(Definition.objects.filter(register=register).order_by("version"))
        if not self.all:
            raise NotFound(_("Cơ sở dữ liệu này chưa có định nghĩa."))
        #: What tells whether they are still the same.
        self.mark = tuple((one.pk, one.digest, one.valid.lower, one.valid.upper) for one in self.all)
        self.specs = [spec_of(one) for one in self.all]

    def on(self, day: date) -> Definition:
        """The one in force on a day, as :func:`.actions.definition_on` gives it."""
        begun = [definition for definition in self.all if definition.valid.lower <= day]
        return max(begun, key=lambda definition: definition.valid.lower) if begun else self.all[0]

    def between(self, first: Definition, last: Definition) -> list[Definition]:
        """Those from one to another, in their order."""
        return [one for one in self.all if first.version <= one.version <= last.version]

    def taking(self, data: Mapping[str, Any], day: date, meant_for: date | None) -> Definition:
        """The one that a new record obeys which is true from `day`; see :func:`of_new`."""
        own = self.on(day)
        meant = self.on(meant_for) if meant_for else own
        if meant.version <= own.version:
            return own
        return own if _holds(self.between(own, meant), (data, data), data, day) else meant


def of_new(register: Register, data: Mapping[str, Any], *, day: date, meant_for: date | None) -> Definition:
    """The definition that a new record obeys which is true from `day`: that of the day, or a later one, that of the day
    `meant_for`, when only that one can hold what is given for it."""
    own = definition_on(register, day)
    if own.valid.upper is None or meant_for is None:
        return own
    return Definitions(register).taking(data, day, meant_for)


def of_change(
    register: Register, stands: Standing, data: Mapping[str, Any], *, day: date, meant_for: date | None
) -> tuple[Definition, Standing]:
    """The definition that a change of what `stands` obeys from `day` on, and what stands as that one has it.

    What is kept already under a later definition than that of its day stays under it. What is kept under an earlier one,
    because it was not carried over, is carried over with the change.
    """
    own = definition_on(register, day)
    if own.valid.upper is None and stands.definition in (None, own.pk):
        return own, stands  # no other comes after it
    known = Definitions(register)
    there = next((one for one in known.all if one.pk == stands.definition), own)
    if there.version > own.version:
        own = there
    then = replace(stands, data=_through(known.between(there, own), stands.data))
    meant = known.on(meant_for) if meant_for else own
    if meant.version <= own.version:
        return own, then
    ahead = replace(stands, data=_through(known.between(there, meant), stands.data))
    whole = {**then.data, **data}, {**ahead.data, **data}
    return (own, then) if _holds(known.between(own, meant), whole, data, day) else (meant, ahead)


def brought_to(register: Register, stands: Standing, definition: Definition) -> Standing:
    """What stands as a later definition than its own has it."""
    if stands.definition is None or stands.definition == definition.pk:
        return stands
    known = Definitions(register)
    there = next(one for one in known.all if one.pk == stands.definition)
    return replace(stands, data=_through(known.between(there, definition), stands.data))


def _holds(
    chain: Sequence[Definition],
    whole: tuple[Mapping[str, Any], Mapping[str, Any]],
    given: Mapping[str, Any],
    day: date,
) -> bool:
    """Whether the first definition keeps what was given for the last: it takes it, and it comes through to the last one as
    that one takes it. `whole`: what the record would say by the first and by the last one."""
    meant = spec_of(chain[-1])
    with lists.as_of(day):
        then, now = checking.check(spec_of(chain[0]), whole[0]), checking.check(meant, whole[1])
    if then.errors or now.errors:
        return not then.errors
    came = _through(chain, then.data)
    return all(came.get(name) == now.data.get(name) for name in given if name in meant.fields)


def _through(chain: Sequence[Definition], data: Mapping[str, Any]) -> dict[str, Any]:
    """Data of the first definition as the last one has them."""
    found = dict(data)
    for before, after in pairwise(chain):
        filled = {**dict.fromkeys(spec_of(before).fields), **found}
        made = migrating.carried(spec_of(after), filled)
        found = {name: value for name, value in made.items() if value is not None}
    return found
