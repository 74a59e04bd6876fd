"""Reading the registers of food safety for the pages: with the rights of whoever looks, and each look written down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import looks
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Register
from hienluong.capabilities.registers.queries import Scope, as_of
from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.services.records import reading

PREMISES, OUTBREAKS, CASES, SHIPMENTS = "food.premises", "food.outbreaks", "food.cases", "food.shipments"
INSPECTIONS, CERTIFICATES, SAMPLES = "food.inspections", "food.certificates", "food.samples"
#: Records are fetched in parts of so many.
PART = 2000


def may_enter(actor: Actor) -> bool:
    """Whether the pages are offered: to those who may read registers. What each page shows is decided by its register."""
    return bool(actor.paths_with("registers.read"))


@dataclass(frozen=True)
class Found:
    """Records that were found and are not shown yet; `persons`: by record, the number of whom it is about."""

    spec: RegisterSpec
    fields: Collection[str]
    rows: list[dict[str, Any]]
    persons: Mapping[int, str]

    def show(self, actor: Actor, records: Iterable[int], purpose: str) -> None:
        """Write down that `actor` was shown these records, also where the number that says whose they are was not."""
        numbers = {self.persons[record] for record in records if record in self.persons}
        looks.write_down(actor, self.spec, numbers, self.fields, purpose)


def find(actor: Actor, code: str, fields: Collection[str], where: Q | None = None) -> Found:
    """All records of a register that `actor` may read these fields of, with ``key`` and ``record``; for figures and plans.

    Whoever shows some of them calls :meth:`Found.show`. Raises NotFound when the register is not theirs to list,
    NotAllowed when a field is not theirs to read.
    """
    opened = reading.register_for(actor, code)
    scope = widest(opened, fields)
    found = as_of(opened.register).filter(scope.rows, where or Q()).order_by("key")
    rows, persons, subject = [], {}, opened.spec.subject
    for key, record, data in found.values_list("key", "record_id", "data").iterator(chunk_size=PART):
        rows.append({"key": key, "record": record, **{name: data.get(name) for name in fields}})
        if subject and data.get(subject):
            persons[record] = str(data[subject])
    return Found(opened.spec, fields, rows, persons)


def rows(
    actor: Actor, code: str, fields: Collection[str], purpose: str, where: Q | None = None
) -> list[dict[str, Any]]:
    """As :func:`find`, all of it shown, for a `purpose` in words."""
    found = find(actor, code, fields, where)
    found.show(actor, found.persons, purpose)
    return found.rows


def widest(opened: reading.Opened, fields: Collection[str]) -> Scope:
    """The scope with the most records in which all these fields may be read. Raises NotAllowed when there is none."""
    for name in (reading.WHOLE, reading.OWN):
        scope = opened.scopes.get(name)
        if scope and set(fields) <= scope.fields:
            return scope
    raise NotAllowed(_("Bạn không có quyền xem dữ liệu này."))


def may_trace(actor: Actor, fields: Collection[str]) -> bool:
    """Whether :func:`whole` lets `actor` follow a batch: asked before a way there is offered."""
    try:
        whole(actor, SHIPMENTS, fields)
    except (NotAllowed, NotFound):
        return False
    return True


def whole(actor: Actor, code: str, fields: Collection[str]) -> Register:
    """A register of which `actor` may read these fields in all of the province: who traces a batch crosses communes."""
    opened = reading.register_for(actor, code)
    scope = opened.scopes.get(reading.WHOLE) or opened.scopes.get(reading.OWN)
    if scope is None or not set(fields) <= scope.fields or (scope.rows and reading.WHOLE not in opened.scopes):
        raise NotAllowed(_("Truy xuất lô hàng cần quyền xem trong toàn tỉnh."))
    return opened.register
