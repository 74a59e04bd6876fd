"""The verbs of exports: make a file at once, order a long one, make what was ordered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import looks, nearness, queries, sharing
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Agreement, Register
from hienluong.capabilities.registers.queries import Row, Scope, Wish
from hienluong.foundation.actions import Act, Actor, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.files.storing import keep_made
from hienluong.foundation.notifications.actions import notify

from .. import reading, tasks
from ..models import Export
from .columns import exportable
from .formats import EXCEL, FORMATS, GEOJSON, MOST_IN_EXCEL, Sheet
from .permission import FILES, PERMISSION

#: Of more records than this the file is made in the background.
MOST_AT_ONCE = 5_000
_PART = 1_000
_NUMBER = re.compile(r"\d{9,}")
State = Export.State


@dataclass(frozen=True)
class Order:
    """What is to go out: in which scope, narrowed and sorted how, of which moment, which fields, in which format."""

    scope: str
    wish: Wish
    fields: Sequence[str]
    format: str

    @property
    def agreement(self) -> str:
        """The code of the sharing agreement that it is made under; empty when by one's own rights."""
        return self.scope.removeprefix(reading.SHARED) if self.scope.startswith(reading.SHARED) else ""

    def packed(self) -> dict[str, Any]:
        """As it is kept until a worker makes it."""
        return {
            "scope": self.scope,
            "text": self.wish.text,
            "filters": dict(self.wish.filters),
            "standing": self.wish.standing,
            "near": str(self.wish.near or ""),
            "sort": self.wish.sort,
            "valid": self.wish.valid.isoformat() if self.wish.valid else None,
            "fields": list(self.fields),
            "format": self.format,
        }

    @classmethod
    def unpacked(cls, kept: Mapping[str, Any]) -> Order:
        """The order that :meth:`packed` was made from."""
        valid = datetime.fromisoformat(kept["valid"]) if kept["valid"] else None
        wish = Wish(
            text=kept["text"],
            filters=kept["filters"],
            standing=kept.get("standing", ""),  # these two are not there in orders of before they were kept
            near=nearness.read(kept["near"]) if kept.get("near") else None,
            sort=kept["sort"],
            valid=valid,
        )
        return cls(kept["scope"], wish, kept["fields"], kept["format"])


def scopes(actor: Actor, opened: reading.Opened) -> dict[str, Scope]:
    """The scopes in which somebody may take records out: no more than they may list, where they may export."""
    if not actor.paths_with(PERMISSION):
        return {}
    found = {}
    for name, listed in opened.scopes.items():
        if name == reading.OWN:
            may = queries.own(actor, opened.spec, PERMISSION)
        else:
            may = queries.whole(actor, opened.register, opened.spec, PERMISSION)
        fields = listed.fields & may.fields
        if fields:
            found[name] = Scope(listed.rows & may.rows, fields)
    if opened.shared:
        under = queries.shared(actor, opened.register, opened.spec, verb=PERMISSION)
        found |= {f"{reading.SHARED}{code}": scope for code, scope in under.items() if code in opened.shared}
    return found


def agreement_for(actor: Actor, opened: reading.Opened, scope: str) -> Agreement:
    """The agreement of a scope that is one, in force today for an export. Raises as :func:`.sharing.opened`; NotAllowed."""
    with sharing.written_down(actor):
        return _agreement(actor, opened, scope.removeprefix(reading.SHARED))


def _agreement(actor: Actor, opened: reading.Opened, code: str) -> Agreement:
    agreement = sharing.require(actor, opened.register, code)
    if not queries.uses(actor, agreement.consumer.path, PERMISSION):
        raise sharing.Refused(agreement, NotAllowed(_("Bạn không có quyền xuất dữ liệu.")))
    return agreement


def formats(spec: RegisterSpec, scope: Scope) -> list[str]:
    """The formats that can be asked for: on a map only what has a place that may be read."""
    return [name for name in FORMATS if name != GEOJSON or (spec.map and spec.map in scope.fields)]


def size_of(actor: Actor, opened: reading.Opened, order: Order) -> int:
    """How many records would go out. Raises NotAllowed and InvalidInput as making the file would."""
    with sharing.written_down(actor):
        return _size(opened, _allowed(actor, opened, order), order)


def _size(opened: reading.Opened, scope: Scope, order: Order) -> int:
    return queries.narrow(opened.register, opened.spec, scope, order.wish).order_by().count()


def make(actor: Actor, *, register: Register, order: Order) -> tuple[IO[bytes], int]:
    """Write the records into a file (to be closed by the caller); the file and how many there are in it.

    The audit log says what left: register, conditions, fields, number. For every person whom the records are about, it
    is written down that their data were read. Raises NotAllowed for fields or a scope that one may not take out, and
    InvalidInput for what cannot be asked.

    Under a sharing agreement its fields, filter, purpose, period and volume hold as on a page, only that a file has all
    records or is refused; what is refused is written down when the transaction is undone.
    """
    with sharing.written_down(actor):
        return _make(actor, register=register, order=order)


@action("registers.export")
def _make(act: Act, *, register: Register, order: Order) -> tuple[IO[bytes], int]:
    opened = reading.open_register(act.actor, register)
    scope = _allowed(act.actor, opened, order)
    if order.format == EXCEL and _size(opened, scope, order) > MOST_IN_EXCEL:
        raise InvalidInput(_("Excel không chứa được nhiều dòng như vậy. Hãy chọn CSV."), field="format")
    counted = _Counted(act.actor, opened.spec, order.fields)
    if order.agreement:
        under = sharing.every(act.actor, register, opened.spec, order.agreement, order.wish, order.fields)
        rows = counted.only(under)
    else:
        wish = order.wish if order.wish.valid else replace(order.wish, valid=timezone.now())
        rows = counted.told(queries.every(register, opened.spec, scope, wish))
    out = TemporaryFile()  # noqa: SIM115 - the caller gives it out
    try:
        FORMATS[order.format].write(Sheet(opened.spec, order.fields, rows), out)
        out.seek(0)
    except BaseException:
        out.close()
        raise
    act.record(register, after={**_said(order, opened.spec), "count": counted.count})
    return out, counted.count


def order_file(actor: Actor, *, register: Register, order: Order) -> Export:
    """Have a file made in the background; its owner is told when it is ready. Raises as :func:`make` does."""
    with sharing.written_down(actor):
        return _order_file(actor, register=register, order=order)


@action("registers.order_export")
def _order_file(act: Act, *, register: Register, order: Order) -> Export:
    opened = reading.open_register(act.actor, register)
    scope = _allowed(act.actor, opened, order)
    if order.agreement:
        agreement = _agreement(act.actor, opened, order.agreement)
        sharing.require_left(agreement, _size(opened, scope, order))
    if act.actor.account_id is None:
        raise NotAllowed(_("Bạn không có quyền xuất dữ liệu."))
    asked = {**order.packed(), "at": sorted(act.actor.paths_with(PERMISSION))}
    made = Export.objects.create(register=register, account_id=act.actor.account_id, asked=asked)
    act.record(made, after={"register": register.code, **_said(order, opened.spec)})
    tasks.begin_export(made)
    return made


def make_ordered(actor: Actor, *, export: Export) -> Export:
    """Make the file that was ordered, keep it for its owner and tell them. One that is made already stays as it is.

    Raises as :func:`make` does: what could go out when it was ordered need not now.
    """
    with sharing.written_down(actor):
        return _make_ordered(actor, export=export)


@action("registers.make_export")
def _make_ordered(act: Act, *, export: Export) -> Export:
    locked = _own(act, export)
    if locked.state != State.WAITING:
        act.record(locked, after={"state": locked.state})
        return locked
    order = Order.unpacked(locked.asked)
    out, locked.count = _make(act, register=locked.register, order=order)
    with out:
        kind = FORMATS[order.format]
        locked.file = keep_made(
            out,
            name=f"{locked.register.code}-{timezone.localdate():%Y-%m-%d}.{kind.ending}",
            owner=locked.account_id,
            purpose=FILES,
            media_type=kind.media_type,
        )
    _finish(act, locked, State.DONE)
    return locked


@action("registers.refuse_export")
def refuse(act: Act, *, export: Export, why: str) -> Export:
    """Say that a file that was ordered cannot be made, and tell its owner why. One that is decided stays as it is."""
    locked = _own(act, export)
    if locked.state != State.WAITING:
        act.record(locked, after={"state": locked.state})
        return locked
    locked.fault = why[:300]
    _finish(act, locked, State.FAILED)
    return locked


def _own(act: Act, export: Export) -> Export:
    """The export, locked, for whoever ordered it; for others it does not exist."""
    locked = (
        Export.objects.select_for_update(of=("self",)).select_related("register__owner", "account").get(pk=export.pk)
    )
    if locked.account_id != act.actor.account_id:
        raise NotFound(_("Không có lần xuất này."))
    return locked


def _finish(act: Act, export: Export, state: str) -> None:
    export.state, export.finished_at = state, timezone.now()
    export.save(update_fields=("state", "finished_at", "count", "file", "fault"))
    act.record(export, after={"state": state, "count": export.count})
    title = _("Tệp xuất dữ liệu đã sẵn sàng") if state == State.DONE else _("Không xuất được dữ liệu")
    notify(
        act,
        account=export.account,
        key=f"registers.export:{export.pk}",
        kind="registers.export",
        title=title,
        body=export.fault,
        href=reverse("records:export", args=(export.register.code,)),
    )


def _allowed(actor: Actor, opened: reading.Opened, order: Order) -> Scope:
    """The scope of an order, if all of it may go out."""
    scope: Scope | None
    if order.agreement:
        scope = queries.scope_of(_agreement(actor, opened, order.agreement), opened.spec)
    else:
        scope = scopes(actor, opened).get(order.scope)
    if scope is None:
        raise NotAllowed(_("Bạn không có quyền xuất dữ liệu."))
    if order.format not in formats(opened.spec, scope):
        raise InvalidInput(_("Hãy chọn một định dạng."), field="format")
    if not order.fields:
        raise InvalidInput(_("Hãy chọn ít nhất một trường."), field="fields")
    if set(order.fields) - set(exportable(opened.spec, scope.fields)):
        raise NotAllowed(_("Có trường mà bạn không được xuất."))
    return scope


class _Counted:
    """Rows on their way out: counted, and written down for the persons they are about."""

    def __init__(self, actor: Actor, spec: RegisterSpec, fields: Sequence[str]) -> None:
        self.actor, self.spec, self.fields, self.count = actor, spec, fields, 0

    def told(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The same rows."""
        purpose = _("Xuất dữ liệu: %(title)s") % {"title": self.spec.title[:150]}
        while part := list(islice(rows, _PART)):
            self.count += len(part)
            looks.write_down(self.actor, self.spec, looks.persons(part), self.fields, purpose)
            yield from part

    def only(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The same rows, counted only: what is read under an agreement is written down where it is read."""
        for row in rows:
            self.count += 1
            yield row


def _said(order: Order, spec: RegisterSpec) -> dict[str, Any]:
    """An order as the audit log keeps it; numbers of persons do not get into it by way of a condition."""
    kept = order.packed()
    kept["text"] = _NUMBER.sub("…", order.wish.text)
    kept["filters"] = {name: _NUMBER.sub("…", value) for name, value in order.wish.filters.items()}
    return {**kept, "version": spec.version}
