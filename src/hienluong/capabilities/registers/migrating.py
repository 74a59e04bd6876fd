"""Carrying records over to a new definition, from the day on which it begins: part by part, each in one transaction.

What a record says before that day stays as it was, under the definition of then. A record that the new definition
refuses even so stays under the old one, and is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, NotAllowed, action
from hienluong.foundation.schemas import expressions

from . import checking, temporal
from .actions import definition_on, spec_of
from .definition import RegisterSpec, break_of
from .models import Change, Definition, Record, Register, Version
from .temporal import Provenance, State

#: Versions carried over in one transaction.
PART = 500
#: Most stretches of a record's time to come that are looked at.
AHEAD = 50
#: Refused records that an audit entry names; further ones are counted.
MOST_NAMED = 100


@dataclass(frozen=True)
class Carried:
    """What one part did; `last` is where the next one goes on, None at the end."""

    last: int | None
    written: int = 0
    refused: list[str] = field(default_factory=list)


@action("registers.migrate_part")
def migrate_part(act: Act, *, definition: Definition, after: int = 0) -> Carried:
    """Carry over the next versions behind the version `after`. Doing it again finds nothing left to do."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình hệ thống chuyển dữ liệu sang phiên bản mới."))
    begins = temporal.moment(definition.valid.lower)
    left = _left(definition, begins).filter(pk__gt=after).order_by("pk")
    page = list(left.select_related("record__register")[:PART])
    written, refused = 0, []
    for version in page:
        temporal.lock(version.record)
        if not _left(definition, begins).filter(pk=version.pk).exists():
            continue  # somebody wrote to it meanwhile, under the new definition
        if _carry(act, version, definition, begins):
            written += 1
        else:
            refused.append(version.key)
    act.record(
        definition.register,
        after={
            "version": definition.version,
            "written": written,
            "refused": len(refused),
            **({"keys": refused[:MOST_NAMED]} if refused else {}),
        },
    )
    return Carried(page[-1].pk if len(page) == PART else None, written, refused)


def _left(definition: Definition, begins: datetime) -> Any:
    """What is known now of times from that day on, and obeys an older definition."""
    found = Version.objects.filter(register=definition.register_id, known__upper_inf=True)
    return found.filter(Q(valid__upper_inf=True) | Q(valid__endswith__gt=begins)).exclude(definition=definition)


def _carry(
    act: Act, version: Version, definition: Definition, begins: datetime, provenance: Provenance | None = None
) -> bool:
    spec = spec_of(definition)
    checked = checking.check(spec, carried(spec, version.data))
    if checked.errors or (spec.key.field and str(checked.data.get(spec.key.field)) != version.key):
        return False
    words, box = checking.words(spec, version.key, checked.data), checking.box(spec, checked.data)
    temporal.write(
        act.actor,
        Record(pk=version.record_id, register_id=version.register_id, key=version.key),
        Change.Kind.CHANGE,
        since=max(begins, version.valid.lower) if version.valid.lower else begins,
        until=version.valid.upper,
        state=State(checked.data, definition.pk, version.organization_id, words, box),
        provenance=provenance
        or Provenance(
            source=Change.Source.MIGRATION, ref=f"v{definition.version}", reason=_("Sang phiên bản mới của định nghĩa")
        ),
    )
    return True


def carried(spec: RegisterSpec, before: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a record in the new definition: what it has still, and what ``migrate`` makes of the rest."""
    data = {name: value for name, value in before.items() if name in spec.fields and name not in spec.computed}
    for name, expression in spec.migrate.items():
        if name not in spec.fields or name in spec.computed:
            continue
        value = expressions.evaluate(expression, before)
        if value is None:
            data.pop(name, None)
        else:
            data[name] = value
    return data


def brought_up(
    register: Register, data: Mapping[str, Any], *, meant_for: date, day: date, is_new: bool
) -> dict[str, Any]:
    """Data that were meant for the definition of the day `meant_for`, as that of a later `day` takes them.

    What stands in both stays as it is given; the rest is what ``migrate`` makes of it, as of records that were there when
    the definition began. Of a record that is there already (not `is_new`) nothing is filled in that was not given.
    """
    old, wanted = definition_on(register, meant_for), definition_on(register, day)
    found = dict(data)
    between = Definition.objects.filter(register=register, version__gt=old.version, version__lte=wanted.version)
    before = spec_of(old)
    for one in between.defer("spec").order_by("version"):
        found = (_whole if is_new else _part)(before, spec_of(one), found)
        before = spec_of(one)
    return found


def _whole(old: RegisterSpec, new: RegisterSpec, data: Mapping[str, Any]) -> dict[str, Any]:
    filled = {**dict.fromkeys(old.fields), **checking.check(old, data).data}
    made = {name: value for name, value in carried(new, filled).items() if value is not None}
    return {**made, **{name: value for name, value in data.items() if _stays(old, new, name)}}


def _part(old: RegisterSpec, new: RegisterSpec, data: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in data.items():
        way = new.migrate.get(name, "")
        if _stays(old, new, name) or (name in new.fields and not way):
            found[name] = value
        elif name in new.fields and expressions.variables(way) <= data.keys():
            found[name] = expressions.evaluate(way, data)
    return found


def _stays(old: RegisterSpec, new: RegisterSpec, name: str) -> bool:
    """Whether what is given for a field may be given for it in the new definition, too; what neither knows is left to be
    refused."""
    if name not in old.fields:
        return True
    return name in new.fields and not break_of(old.fields[name], new.fields[name])


def carry_over(act: Act, record: Record, definition: Definition, provenance: Provenance) -> None:
    """Carry what was just written of a (locked) record under a definition that has ended over to those after it, as was
    done with the records that were there when they began: it comes from where the writing came from. What one of them
    refuses stays as it is."""
    before = spec_of(definition)
    later = Definition.objects.filter(register=record.register_id, version__gt=definition.version).defer("spec")
    for one in later.order_by("version"):
        if _differs(before, spec_of(one)):
            begins = temporal.moment(one.valid.lower)
            for version in _left(one, begins).filter(record=record):
                _carry(act, version, one, begins, provenance)
        before = spec_of(one)


def turns(record: Record, after: datetime | None = None) -> dict[datetime, tuple[Definition, datetime | None]]:
    """The moments after `after` (now when None) from which on a record says what it said before, only as another definition
    has it; with that definition, and until when it does. Nobody decided anything there: what is written of the time before
    goes on through them, and is carried over anew."""
    since = after or timezone.now()
    known = Version.objects.filter(register=record.register_id, record=record, known__upper_inf=True)
    ahead = known.filter(Q(valid__upper_inf=True) | Q(valid__endswith__gt=since))
    found = ahead.select_related("definition").defer("definition__spec", "definition__legal_basis").order_by("valid")
    return {
        one.valid.lower: (one.definition, one.valid.upper)
        for before, one in pairwise(found)
        if before.valid.upper == one.valid.lower == _beginning(one.definition)
        and one.valid.lower > since
        and is_carried(before, one)
    }


def ends(version: Version) -> datetime | None:
    """Until when a record says what it says in a version, whatever definition has it by then; None for no end."""
    until: datetime | None = version.valid.upper
    passed = turns(version.record)
    while until is not None and until in passed:
        until = passed[until][1]
    return until


def is_carried(before: Version, after: Version) -> bool:
    """Whether `after` says no more than what carrying `before` over to a later definition gives."""
    is_later = after.definition.version > before.definition.version
    if not is_later or before.organization_id != after.organization_id:
        return False
    spec = spec_of(after.definition)
    checked = checking.check(spec, carried(spec, before.data))
    return not checked.errors and checked.data == after.data


def last_before_turns(record: Record) -> Version | None:
    """What is known now of the end of the record's time, but for what only carries it over some day to come."""
    versions = Version.objects.filter(register=record.register_id, record=record, known__upper_inf=True)
    ordered = list(versions.select_related("organization").order_by("-valid")[:AHEAD])
    if not ordered or not ordered[0].valid.lower or ordered[0].valid.lower <= timezone.now():
        return ordered[0] if ordered else None
    passed = turns(record)
    return next((one for one in ordered if one.valid.lower not in passed), None)


def _beginning(definition: Definition) -> datetime:
    return temporal.moment(definition.valid.lower)


def _differs(before: RegisterSpec, after: RegisterSpec) -> bool:
    """Whether records are carried from a definition to the one after it."""
    return bool(after.migrate) or _found(before) != _found(after)


def _found(spec: RegisterSpec) -> tuple[object, ...]:
    """By what a record is found."""
    return spec.name, list(spec.search), spec.key.field, spec.map


def is_due(definition: Definition) -> bool:
    """Whether there are records to carry over to this definition: by ``migrate``, or because they are found by other words
    or another place than under the one before."""
    older = Definition.objects.filter(register=definition.register_id, version__lt=definition.version)
    before = older.order_by("-version").first()
    if before is None or not _differs(spec_of(before), spec_of(definition)):
        return False
    return bool(_left(definition, temporal.moment(definition.valid.lower or timezone.localdate())).exists())
