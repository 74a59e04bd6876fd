"""Many writes of one register in one request: made in their order, whole or one by one, an outcome for each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, NotFound, action

from . import actions, bulk
from .actions import definition_on, spec_of
from .bulk import NothingWritten, Outcome
from .models import Record, Register
from .row import Row
from .sight import Sight, Unconditional, look_many, sight
from .temporal import Provenance


@dataclass(frozen=True)
class Operation:
    """One write. `change` leaves alone what it does not name; `replace` empties it. The record is named by id or by key."""

    op: Literal["create", "change", "replace", "end"]
    record: int | None = None
    key: str = ""
    seen: Collection[str] | None = None  # tags of what the writer saw; a new record has none
    data: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None  # of an end: from when on
    until: datetime | None = None
    correction: bool = False
    void: bool = False


@action("registers.batch")
def run(
    act: Act, register: Register, operations: Sequence[Operation], provenance: Provenance, *, whole: bool
) -> list[Outcome]:
    """Make `operations` in their order; those that follow one another and are new records are written in bulk.

    With `whole`, one that is refused means that nothing is written: raises :class:`.bulk.NothingWritten`. Otherwise each
    stands for itself.
    """
    seen_by = sight(act.actor, register, spec_of(definition_on(register, timezone.localdate())))
    outcomes: list[Outcome] = []
    start = 0
    for is_new, group in groupby(operations, key=lambda one: one.op == "create"):
        together = list(group)
        if is_new:
            rows = [Row(one.data, one.since, timezone.localdate()) for one in together]
            found = bulk.create_many(act, register, rows, provenance)
            outcomes += [replace(outcome, position=start + outcome.position) for outcome in found]
        else:
            outcomes += list(_one_by_one(act, register, seen_by, together, start, provenance))
        start += len(together)
    refused = [outcome for outcome in outcomes if outcome.refused]
    if whole and refused:
        raise NothingWritten(refused)
    act.record(
        register, after={"operations": len(operations), "refused": len(refused)}, organization_id=register.owner_id
    )
    return outcomes


def _one_by_one(
    act: Act, register: Register, seen_by: Sight, operations: Sequence[Operation], start: int, provenance: Provenance
) -> Iterator[Outcome]:
    records = _Records(register, seen_by, operations)
    for position, one in enumerate(operations, start):
        try:
            record = records.named(one)
            if one.seen is None:
                raise Unconditional
            with transaction.atomic():
                change = _write(act, record, one, provenance)
        except DomainError as error:
            yield Outcome(position, one.record, one.key, refused=error)
        else:
            yield Outcome(position, record.pk, record.key, change)


class _Records:
    """The records that a batch names, looked up at once; one that is not seen is not there."""

    def __init__(self, register: Register, seen_by: Sight, operations: Sequence[Operation]) -> None:
        ids = {one.record for one in operations if one.record is not None}
        keys = {one.key for one in operations if one.record is None and "\x00" not in one.key}  # nothing is named so
        found = Record.objects.filter(Q(pk__in=ids) | Q(key__in=keys), register=register)
        self._by_id = {record.pk: record for record in found}
        for record in self._by_id.values():
            record.register = register  # read once, with its owner
        seen = look_many(register, seen_by, list(self._by_id))
        self._by_id = {number: record for number, record in self._by_id.items() if number in seen}
        self._by_key = {one.key: self._by_id[number] for number, one in seen.items() if one.key}

    def named(self, one: Operation) -> Record:
        """The record of an operation. Raises NotFound."""
        found = self._by_key.get(one.key) if one.record is None else self._by_id.get(one.record)
        if found is None:
            raise NotFound(_("Không có bản ghi này."), field="key" if one.record is None else "record")
        return found


def _write(act: Act, record: Record, one: Operation, provenance: Provenance) -> int:
    if one.op == "end":
        ended = actions.end(act, record=record, at=one.since, void=one.void, seen=one.seen, provenance=provenance)
        return ended.change
    written = actions.change(
        act,
        record=record,
        data=one.data,
        since=one.since,
        until=one.until,
        correction=one.correction,
        whole=one.op == "replace",
        seen=one.seen,
        meant_for=timezone.localdate(),
        provenance=provenance,
    )
    return written.change
