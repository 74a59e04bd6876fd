"""Registers that are not kept up any more: readable as long as the law wants them, closed to new writes. Records of which
something was cleared when the time to keep it was over (:mod:`.disposing`): what they said is not said again."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action

from .models import Change, Disposal, Record, Register
from .temporal import Provenance

#: What still comes in afterwards: dossiers that were filed before, and records carried over to a new definition.
STILL = (Change.Source.DOSSIER, Change.Source.MIGRATION)


class Retired(DomainError):
    """Nothing new is written into the register any more."""

    code = "registers.retired"


@action("registers.retire")
def retire(act: Act, *, register: Register, on: date, reason: str = "") -> Register:
    """Take nothing new into a register from a day on. Nothing is deleted; it is read, shared and exported as before.

    Dossiers in hand still write what they were filed for.
    """
    return _set(act, register, on, reason)


@action("registers.reopen")
def reopen(act: Act, *, register: Register, reason: str = "") -> Register:
    """Take new records again."""
    return _set(act, register, None, reason)


def _set(act: Act, register: Register, on: date | None, reason: str) -> Register:
    act.require("registers.define", register.owner.path)
    locked = Register.objects.select_for_update().get(pk=register.pk)
    before = locked.retired_on
    locked.retired_on = on
    locked.save(update_fields=["retired_on"])
    act.record(
        locked,
        before={"retired_on": before.isoformat() if before else None},
        after={"retired_on": on.isoformat() if on else None},
        organization_id=locked.owner_id,
        note=reason,
    )
    act.emit("register.retired" if on else "register.reopened", locked, {"code": locked.code})
    return locked


def is_open(register: Register, day: date | None = None) -> bool:
    """Whether new records are taken in on a day (today when None)."""
    return register.retired_on is None or (day or timezone.localdate()) < register.retired_on


def require_open(register: Register, provenance: Provenance) -> None:
    """Raise :class:`Retired` for a write from outside into a register that is not kept up any more."""
    if provenance.source not in STILL and not is_open(register):
        said = _("Cơ sở dữ liệu “%(code)s” đã dừng ghi từ ngày %(day)s; chỉ còn tra cứu.")
        raise Retired(said % {"code": register.code, "day": f"{register.retired_on:%d/%m/%Y}"})


def require_whole(record: Record) -> None:
    """Raise InvalidInput when fields of a record were cleared: what it said before cannot be said again."""
    if Disposal.objects.filter(record=record).exists():
        said = _("Bản ghi “%(key)s” đã hết thời hạn lưu, dữ liệu đã xóa; không hoàn tác được.")
        raise InvalidInput(said % {"key": record.key}, field="change")
