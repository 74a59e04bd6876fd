"""The verbs of imports: take a file in, start, write a part, stop, go on, take back.

A file's rows are kept in parts. A part is written whole, with the figures of the import, in one transaction: whatever
dies on the way, what is counted is what is written, and the next part is the first that is not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import attached, bulk, checking, history
from hienluong.capabilities.registers.access import Place, rights
from hienluong.capabilities.registers.actions import definition_on, spec_of
from hienluong.capabilities.registers.ahead import Ahead
from hienluong.capabilities.registers.bulk import Outcome
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Change, Record, Register
from hienluong.capabilities.registers.row import Row
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.actions.bulk import copy
from hienluong.foundation.schemas.properties import label_of

from .. import reading, tasks
from ..models import Import, ImportFault, ImportPart
from . import files, mapping

#: Rows of one part: as many as are written in one transaction.
PART = 1_000
#: Faults of one import that are kept one by one; further ones are only counted.
MOST_FAULTS = 5_000
State = Import.State


def writable(actor: Actor, opened: reading.Opened) -> frozenset[str]:
    """The fields that somebody may bring values for, at the organisations where they may import."""
    paths = actor.paths_with("registers.import")
    place = Place(paths[0] if paths else "", opened.register.owner.path)
    return rights(actor, opened.spec, place).write


@action("registers.take_in_file")
def take_in(act: Act, *, register: Register, name: str, content: bytes) -> Import:
    """Keep the rows of a file, and guess which column is what. Nothing is written to the register yet.

    Raises InvalidInput for what is no table, and NotAllowed for whoever may not import.
    """
    if not act.actor.paths_with("registers.import") or act.actor.account_id is None:
        raise NotAllowed(_("Bạn không có quyền nhập dữ liệu từ tệp."))
    table = files.read(name, content)
    opened = reading.open_register(act.actor, register)
    places = mapping.targets(opened.spec, writable(act.actor, opened))
    batch = Import.objects.create(
        register=register,
        account_id=act.actor.account_id,
        name=name[-200:],
        digest=hashlib.sha256(content).hexdigest(),
        columns=table.columns,
        mapping=mapping.guess(table.columns, places, opened.spec.map),
        total=len(table.rows),
    )
    parts = (table.rows[begin : begin + PART] for begin in range(0, len(table.rows), PART))
    copy(ImportPart, (ImportPart(batch=batch, number=number, rows=rows) for number, rows in enumerate(parts)))
    act.record(batch, after={"register": register.code, "rows": batch.total, "digest": batch.digest})
    return batch


@action("registers.start_import")
def start(
    act: Act, *, batch: Import, mapping: Mapping[str, str], updates: bool = False, since: date | None = None
) -> Import:
    """Begin writing, in the background. Raises InvalidInput for a mapping that leaves out what must be there."""
    locked = _own(act, batch, State.DRAFT)
    opened = reading.open_register(act.actor, locked.register)
    _require_sound(mapping, opened, act.actor)
    locked.mapping, locked.updates, locked.since = dict(mapping), updates, since
    locked.state, locked.started_at = State.RUNNING, timezone.now()
    locked.save(update_fields=("mapping", "updates", "since", "state", "started_at"))
    act.record(locked, after={"register": locked.register.code, "columns": len(mapping), "updates": updates})
    tasks.begin(locked)
    return locked


def _require_sound(wanted: Mapping[str, str], opened: reading.Opened, actor: Actor) -> None:
    places = mapping.targets(opened.spec, writable(actor, opened))
    if named := [name for name in attached.fields_of(opened.spec) if name in wanted.values()]:
        label = label_of(named[0], opened.spec.fields[named[0]])
        raise InvalidInput(_("“%(label)s” là tệp: không nhập từ bảng được.") % {"label": label}, field="mapping")
    if set(wanted.values()) - {place.path for place in places}:
        raise NotAllowed(_("Có cột vào trường mà bạn không có quyền ghi."))
    if faults := mapping.faults(wanted, opened.spec, places):
        raise InvalidInput(faults[0], field="mapping")


@action("registers.write_part")
def write_part(act: Act, *, batch: Import, ahead: Ahead | None = None) -> bool:
    """Write the next part of a running import; whether there is more to do. Raises InvalidInput when it was stopped.

    With `ahead`, the rows of the part after it are looked at meanwhile.
    """
    locked = _own(act, batch, State.RUNNING)
    # The rows of a part are read when they are looked at, and then only if one of them is refused.
    part, after = [*locked.parts.order_by("number").defer("rows")[:2], None, None][:2]
    assert part is not None, "a running import has parts: the last one ends it"
    register = locked.register
    spec = spec_of(definition_on(register, timezone.localdate()))
    looked = ahead.take(part.pk) if ahead else None
    if ahead and after is not None:
        ahead.begin(after.pk, register, partial(_read, _text_of(after), locked, spec))
    rows = looked.rows if looked else _read(_text_of(part), locked, spec)
    come_from = Provenance(source=Change.Source.IMPORT, ref=locked.reference)
    outcomes = bulk.create_many(act.actor, register, rows, come_from, looked=looked)
    first = locked.read + 2  # the headings are row 1
    refused = [outcome for outcome in outcomes if outcome.refused is not None]
    locked.written += len(outcomes) - len(refused)
    for outcome in refused:
        what, found = _again(act, locked, spec, rows, outcome)
        setattr(locked, what, getattr(locked, what) + 1)
        if what == "faulty":
            row = part.rows[outcome.position]
            _keep_faults(locked, files.line_of(row, locked.columns, first + outcome.position), row, found)
    locked.read += len(rows)
    part.delete()
    if more := locked.parts.exists():
        locked.save()
    else:
        locked.state, locked.finished_at = State.DONE, timezone.now()
        locked.save()
    act.record(locked, after={"read": locked.read, "written": locked.written, "faulty": locked.faulty})
    return more


def _text_of(part: ImportPart) -> str:
    """The rows of a part as the database has them: JSON."""
    parts = ImportPart.objects.annotate(text=Cast("rows", TextField()))
    return str(parts.values_list("text", flat=True).get(pk=part.pk))


def _read(text: str, batch: Import, spec: RegisterSpec) -> list[Row]:
    """The rows of a part as data of the register."""
    read = mapping.reader(batch.mapping, spec)
    return [Row(read(row), batch.since, timezone.localdate()) for row in json.loads(text)]


def _again(act: Act, batch: Import, spec: RegisterSpec, rows: Sequence[Row], outcome: Outcome) -> tuple[str, Outcome]:
    """A row that was refused, written as a change of the record that has its key, when that is wanted."""
    key = outcome.key
    record = Record.objects.filter(register=batch.register, key=key, merged_into=None).first() if key else None
    if not batch.updates or record is None:
        return "faulty", outcome
    data = rows[outcome.position].data
    version = history.at(record, timezone.now())
    checked = checking.check(spec, {**(version.data if version else {}), **data})
    if version and checked.data == version.data:
        return "same", outcome
    try:
        registers.change(
            act.actor,
            record=record,
            data=data,
            since=batch.since,
            meant_for=timezone.localdate(),
            provenance=Provenance(source=Change.Source.IMPORT, ref=batch.reference),
        )
    except DomainError as error:
        return "faulty", Outcome(outcome.position, key=key, refused=error)
    return "changed", outcome


def _keep_faults(batch: Import, row: int, values: Sequence[Any], outcome: Outcome) -> None:
    if batch.faulty > MOST_FAULTS:
        return
    ImportFault.objects.bulk_create(
        ImportFault(
            batch=batch,
            row=row,
            column=heading,
            value=str(values[number])[:200] if number is not None else "",
            message=message[:400],
        )
        for field, messages in outcome.errors.items()
        for number, heading in [mapping.column_of(field, batch.mapping, batch.columns)]
        for message in messages[:3]
    )


@action("registers.stop_import")
def stop(act: Act, *, batch: Import) -> Import:
    """Stop after the part that is being written."""
    locked = _own(act, batch, State.RUNNING)
    locked.state = State.STOPPED
    locked.save(update_fields=("state",))
    act.record(locked, after={"read": locked.read})
    return locked


@action("registers.resume_import")
def resume(act: Act, *, batch: Import) -> Import:
    """Go on with a stopped import."""
    locked = _own(act, batch, State.STOPPED)
    locked.state = State.RUNNING
    locked.save(update_fields=("state",))
    act.record(locked, after={"read": locked.read})
    tasks.begin(locked)
    return locked


@action("registers.undo_import")
def undo(act: Act, *, batch: Import) -> Import:
    """Take back what an import wrote, in the background. What somebody has written to since is left as it is."""
    locked = _own(act, batch, State.STOPPED, State.DONE)
    locked.state = State.UNDOING
    locked.save(update_fields=("state",))
    ImportPart.objects.filter(batch=locked).delete()
    act.record(locked, after={"written": locked.written, "changed": locked.changed})
    tasks.begin(locked)
    return locked


@action("registers.take_back_part")
def take_back_part(act: Act, *, batch: Import) -> bool:
    """Take back the next changes that an import wrote, the newest first; whether there is more to do.

    A new record becomes void; a changed one says again what it said before, unless somebody else wrote to it since.
    """
    locked = _own(act, batch, State.UNDOING)
    ours = Change.objects.filter(
        register=locked.register, source=Change.Source.IMPORT, source_ref=locked.reference
    ).exclude(kind__in=(Change.Kind.VOID, Change.Kind.UNDO))
    if locked.undone_to:
        ours = ours.filter(pk__lt=locked.undone_to)
    page = list(ours.select_related("record__register__owner").order_by("-pk")[: PART // 4])
    for change in page:
        locked.undone_to = change.pk
        since = Change.objects.filter(record=change.record_id, pk__gt=change.pk)
        if since.exclude(source=Change.Source.IMPORT, source_ref=locked.reference).exists():
            locked.left += 1
            continue
        _take_back(act.actor, change, locked)
        locked.taken_back += 1
    if not page:
        locked.state, locked.finished_at = State.UNDONE, timezone.now()
    locked.save()
    act.record(locked, after={"taken_back": locked.taken_back, "left": locked.left})
    return bool(page)


def _take_back(actor: Actor, change: Change, batch: Import) -> None:
    come_from = Provenance(source=Change.Source.IMPORT, ref=batch.reference, reason=_("Hoàn tác lần nhập từ tệp"))
    if change.kind == Change.Kind.CREATE:
        registers.end(actor, record=change.record, void=True, provenance=come_from)
        return
    newest = history.last_change(change.record)
    registers.revert(actor, record=change.record, change=change, newest=newest, provenance=come_from)


def _own(act: Act, batch: Import, *states: str) -> Import:
    """One's own import, locked, in one of these states."""
    locked = Import.objects.select_for_update().select_related("register__owner").get(pk=batch.pk)
    if locked.account_id != act.actor.account_id:
        raise NotAllowed(_("Đây là lần nhập của người khác."))
    if locked.state not in states:
        raise InvalidInput(
            _("Lần nhập này đang ở trạng thái “%(state)s”.") % {"state": locked.get_state_display()}, field="state"
        )
    return locked
