"""The register and the record an official asks for, with what may be read of them; every look is written down."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import looks, queries
from hienluong.capabilities.registers.access import Place, Rights, rights
from hienluong.capabilities.registers.actions import all_on, definition_on, spec_of
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Record, Register
from hienluong.capabilities.registers.queries import Scope
from hienluong.capabilities.registers.sight import widest
from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.identity.officials import actor_of

OWN, WHOLE = "co-quan", "toan-tinh"
#: What stands before the code of an agreement where a scope is named.
SHARED = "thoa-thuan:"


@dataclass(frozen=True)
class Opened:
    """A register as an official opened it: what it is today, and the scopes in which they may list it."""

    register: Register
    spec: RegisterSpec
    scopes: Mapping[str, Scope]
    shared: Mapping[str, Scope] = field(default_factory=dict)  # by code; read with sharing.read only
    #: Whether the official reads for the owner of a register whose records are others' to keep.
    oversees: bool = False

    @property
    def first(self) -> str:
        """The scope in which a list begins: the owner of a register that others keep begins with all of it."""
        return WHOLE if self.oversees and WHOLE in self.scopes else next(iter(self.scopes), "")


def register_for(actor: Actor, code: str) -> Opened:
    """The register with this code if this official may list it; otherwise it does not exist for them."""
    register = Register.objects.select_related("owner").filter(code=code.replace("\x00", "")).first()
    opened = open_register(actor, register) if register else None
    if opened is None or not (opened.scopes or opened.shared):
        raise NotFound(_("Không có cơ sở dữ liệu này."))
    return opened


def register_and_spec(code: str) -> tuple[Register, RegisterSpec]:
    """A register and what it is today, for what is refused further down; NotFound when there is none."""
    register = Register.objects.select_related("owner").filter(code=code.replace("\x00", "")).first()
    if register is None:
        raise NotFound(_("Không có cơ sở dữ liệu này."))
    return register, spec_of(definition_on(register, timezone.localdate()))


def open_register(actor: Actor, register: Register) -> Opened:
    """A register with the scopes in which an official may list it; none when they may read nothing."""
    spec = spec_of(definition_on(register, timezone.localdate()))
    scopes: dict[str, Scope] = {}
    if actor.paths_with("registers.read"):
        scopes[OWN] = queries.own(actor, spec)
        if "/" not in actor.paths_with("registers.read") and (whole := queries.whole(actor, register, spec)).fields:
            scopes[WHOLE] = whole
    found = {name: scope for name, scope in scopes.items() if scope.fields}
    oversees = bool(spec.responsible) and actor.can("registers.read", register.owner.path)
    return Opened(register, spec, found, queries.shared(actor, register, spec), oversees)


def listable(actor: Actor) -> list[tuple[Register, RegisterSpec]]:
    """The registers in which an official may list something, by code; two queries, however many there are."""
    today = timezone.localdate()
    given = queries.shared_registers(actor, today)
    reads = bool(actor.paths_with("registers.read"))
    return [
        (register, spec)
        for register, spec in all_on(today)
        if register.pk in given or (reads and widest(actor, register, spec))
    ]


def record_for(actor: Actor, opened: Opened, number: int) -> tuple[Record, Rights]:
    """A record and the rights to it; one of which nothing may be read does not exist."""
    found = Record.objects.select_related("register__owner").filter(register=opened.register, pk=min(number, 2**63 - 1))
    record = found.first()
    if record is not None:
        allowed = rights(actor, opened.spec, queries.place_of(record))
        if allowed.read:
            return record, allowed
        looks.note_hidden(actor, opened.register, record.pk)
    raise NotFound(_("Không có bản ghi này."))


def record_to_write(actor: Actor, opened: Opened, number: int) -> tuple[Record, Rights]:
    """As :func:`record_for`, for whoever may write to it. Raises NotAllowed for others who may read it."""
    record, allowed = record_for(actor, opened, number)
    if not allowed.write:
        raise NotAllowed(_("Bạn không có quyền ghi vào bản ghi này."))
    return record, allowed


def fields_to_write(actor: Actor, opened: Opened) -> frozenset[str]:
    """The fields that this official may write of a record of their own post. Raises NotAllowed when there is none."""
    paths = actor.paths_with("registers.write")
    place = Place(paths[0] if paths else "", opened.register.owner.path)
    if found := rights(actor, opened.spec, place).write:
        return found
    raise NotAllowed(_("Bạn không có quyền ghi vào cơ sở dữ liệu này."))


def look(
    request: HttpRequest, opened: Opened, persons: Collection[str], fields: Collection[str], purpose: str = ""
) -> None:
    """Write down that these fields of the persons with these numbers were shown on a page (Luật 91/2025/QH15).

    `persons` are whom the records are about (``looks.persons``, ``looks.numbers_in``), whether or not their numbers may
    be read: who sees a name and an address sees personal data. A look at somebody whom the house does not know as a
    party is not written down.
    """
    why = purpose or _("Quản lý cơ sở dữ liệu: %(title)s") % {"title": opened.spec.title[:150]}
    looks.write_down(actor_of(request), opened.spec, persons, fields, why)
