"""Carrying records over to a new definition, from the day on which it begins: part by part, each in one transaction.

What a record says before that day stays as it was, under the definition of then. A record that the new definition
refuses even so stays under the old one, and is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, NotAllowed, action
from hienluong.foundation.schemas import expressions

from . import checking, temporal
from .actions import spec_of
from .definition import RegisterSpec
from .models import Change, Definition, Record, Version
from .temporal import Provenance, State

#: Versions carried over in one transaction.
PART = 500
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
