"""Who may see and pay a charge as its own: the payer, unless what is paid for says otherwise."""

from __future__ import annotations

from collections.abc import Callable

from hienluong.foundation.actions import Actor

from .models import Charge

#: Takes the actor and a charge for a thing of this kind.
MayPay = Callable[[Actor, Charge], bool]
_by_kind: dict[str, MayPay] = {}


def register(kind: str, may: MayPay) -> None:
    """Let this decide about charges whose ``subject_ref`` begins with `kind` (called from ``ready()``)."""
    _by_kind[kind] = may


def may_pay(actor: Actor, charge: Charge) -> bool:
    """Whether the charge is the actor's own to pay, or that of somebody whom they represent."""
    may = _by_kind.get(charge.subject_ref.partition(":")[0])
    if may is not None:
        return may(actor, charge)
    return actor.may_for(charge.payer_id, "pay", amount=charge.amount)
