"""One field of many records changed at once: each held to what a change of one is held to, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.models import Record, Register
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, action

#: Most records that are changed together.
MOST = 200


@dataclass(frozen=True)
class Wanted:
    """The change: the field, its new value (None: empty), from which day (None: now), why."""

    field: str
    value: Any
    since: date | None = None
    reason: str = ""


@action("registers.change_many")
def change_many(act: Act, *, register: Register, seen: Mapping[int, int], wanted: Wanted) -> dict[int, str]:
    """Write the change to each record of `seen` (record → the change that was seen last); why the others were refused.

    A record that somebody wrote to since, that the actor may not write to, or that would not be sound is left as it is.
    Raises InvalidInput for more than :data:`MOST` records, or none.
    """
    if not 0 < len(seen) <= MOST:
        raise InvalidInput(_("Chọn từ 1 đến %(most)d bản ghi.") % {"most": MOST}, field="record")
    refused: dict[int, str] = {}
    records = Record.objects.select_related("register__owner").filter(register=register, merged_into=None)
    for record in records.filter(pk__in=list(seen)).order_by(
        "pk"
    ):  # in one order: two of these do not lock each other out
        try:
            with transaction.atomic():
                registers.change(
                    act,
                    record=record,
                    data={wanted.field: wanted.value},
                    since=wanted.since,
                    meant_for=timezone.localdate(),
                    expected=seen[record.pk],
                    provenance=Provenance(reason=wanted.reason),
                )
        except DomainError as error:
            refused[record.pk] = str(error.message)
    act.record(register, after={"field": wanted.field, "records": len(seen) - len(refused), "refused": len(refused)})
    return refused


def preview(actor: Actor, register: Register, seen: Mapping[int, int], wanted: Wanted) -> dict[int, str]:
    """What :func:`change_many` would refuse now, by doing it and taking it all back."""
    with transaction.atomic():
        refused = change_many(actor, register=register, seen=seen, wanted=wanted)
        transaction.set_rollback(True)
    return refused
