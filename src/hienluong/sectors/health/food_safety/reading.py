"""Reading the registers of food safety for the pages: with the rights of whoever looks, and each look written down."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.models import Register
from hienluong.capabilities.registers.queries import Scope, as_of
from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.services.records import reading

PREMISES, OUTBREAKS, CASES, SHIPMENTS = "food.premises", "food.outbreaks", "food.cases", "food.shipments"
INSPECTIONS, CERTIFICATES, SAMPLES = "food.inspections", "food.certificates", "food.samples"
#: A page shows no more records than this; a province has fewer premises of one agency.
MOST = 5000


def may_enter(actor: Actor) -> bool:
    """Whether the pages are offered: to those who may read registers. What each page shows is decided by its register."""
    return bool(actor.paths_with("registers.read"))


def rows(actor: Actor, code: str, fields: Collection[str], where: Q | None = None) -> list[dict[str, Any]]:
    """The records of a register that `actor` may read these fields of, with ``key`` and ``record``; at most :data:`MOST`.

    Raises NotFound when the register is not theirs to list, NotAllowed when a field is not theirs to read.
    """
    opened = reading.register_for(actor, code)
    scope = widest(opened, fields)
    found = as_of(opened.register).filter(scope.rows, where or Q()).order_by("key")[:MOST]
    shown = [
        {"key": key, "record": record, **{name: data.get(name) for name in fields}}
        for key, record, data in found.values_list("key", "record_id", "data")
    ]
    reading.write_down(actor, opened.spec, shown, fields, _("Điều tra ngộ độc, truy xuất thực phẩm"))
    return shown


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
