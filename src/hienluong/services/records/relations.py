"""What a record is bound to: the records it names, and those that name it; a bond notices when the other end ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import naming, queries
from hienluong.capabilities.registers.access import rights
from hienluong.capabilities.registers.actions import all_on
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Record, Register
from hienluong.capabilities.registers.queries import Wish
from hienluong.foundation.actions import Actor
from hienluong.foundation.schemas.properties import label_of

from . import presentation, reading

#: Most records that are named for each way in which others refer to one.
MOST = 10


@dataclass(frozen=True)
class Bond:
    """One record at the other end. `record` is None when there is none (any more), or none that may be read.

    `field`: where this record names it; `key`: what it is found by, empty where that may not be read.
    """

    label: str
    name: str
    code: str
    record: int | None
    ended: bool = False
    field: str = ""
    key: str = ""


@dataclass(frozen=True)
class Incoming:
    """The records of another register that name this one."""

    title: str
    label: str
    bonds: list[Bond]
    more: bool


def outgoing(actor: Actor, spec: RegisterSpec, data: Mapping[str, Any], readable: Collection[str]) -> list[Bond]:
    """The records that this one names in its readable fields."""
    bonds = []
    for name, prop in spec.fields.items():
        if prop.get("x-kind") != "reference" or name not in readable or not data.get(name):
            continue
        bond = _bond(actor, label_of(name, prop), str(prop["x-register"]), str(data[name]))
        bonds.append(replace(bond, field=name, key=str(data[name])))
    return bonds


def write_down(actor: Actor, spec: RegisterSpec, outgoing: Iterable[Bond], incoming: Iterable[Incoming]) -> None:
    """Write down that these records were shown by their names on the page of a record of the register `spec`."""
    shown: dict[str, set[int]] = {}
    for bond in (*outgoing, *(bond for one in incoming for bond in one.bonds)):
        if bond.record is not None:
            shown.setdefault(bond.code, set()).add(bond.record)
    if shown:
        purpose = _("Bản ghi liên quan của: %(title)s") % {"title": spec.title[:150]}
        naming.told(actor, shown, purpose)


def _bond(actor: Actor, label: str, code: str, key: str) -> Bond:
    register = Register.objects.select_related("owner").filter(code=code).first()
    record = (
        Record.objects.select_related("merged_into", "register__owner").filter(register=register, key=key).first()
        if register
        else None
    )
    if register is None or record is None:
        return Bond(label, key, code, None)
    record = record.merged_into or record
    now = queries.as_of(register).filter(record=record).values_list("data", flat=True).first()
    opened = reading.open_register(actor, register)
    allowed = rights(actor, opened.spec, queries.place_of(record)).read
    visible = {name: value for name, value in (now or {}).items() if name in allowed}
    named = presentation.name_of(opened.spec, visible, key)
    return Bond(label, named, code, record.pk if allowed else None, ended=now is None)


def incoming(actor: Actor, record: Record) -> list[Incoming]:
    """The records that name this one today, or one that was merged into it, in the registers that this official may
    list."""
    register, found = record.register, []
    keys = [record.key, *record.duplicates.order_by("pk").values_list("key", flat=True)[:MOST]]
    for other, spec in all_on(timezone.localdate()):
        names = [name for name, prop in spec.fields.items() if prop.get("x-register") == register.code]
        if not names:
            continue
        for scope in reading.open_register(actor, other).scopes.values():
            for name in names if scope.fields else []:
                if name not in scope.fields:
                    continue
                pages = [queries.find(other, spec, scope, Wish(filters={name: key}, size=MOST)) for key in keys]
                has_key = not spec.key.field or spec.key.field in scope.fields
                bonds = [
                    Bond(
                        "",
                        presentation.name_of(spec, row.data, row.key),
                        other.code,
                        row.record,
                        key=row.key if has_key else "",
                    )
                    for page in pages
                    for row in page.rows
                ]
                if bonds:
                    label = label_of(name, spec.fields[name])
                    more = any(page.after for page in pages) or len(bonds) > MOST
                    found.append(Incoming(presentation.title_of(spec), label, bonds[:MOST], more))
            break
    return found
