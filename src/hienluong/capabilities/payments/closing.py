"""What becomes of a charge when the thing it was for will not be done: dropped, or its refund looked at."""

from __future__ import annotations

from hienluong.foundation.actions import Act, InvalidInput, action

from .models import Charge, Refund


def _locked(act: Act, charge: Charge) -> Charge:
    charge = Charge.objects.select_for_update(of=("self",)).select_related("organization").get(pk=charge.pk)
    if act.actor.kind != "system":
        act.require("payments.collect", charge.organization.path)
    return charge


@action("payments.cancel_charge")
def cancel_charge(act: Act, *, charge: Charge, reason: str) -> Charge:
    """Cancel a charge that was not paid; of one that was, see :func:`advise_refund`. Done twice it changes nothing.

    Money that comes all the same waits for an official.
    """
    charge = _locked(act, charge)
    before = {"state": charge.state}
    if charge.state == Charge.State.DUE:
        charge.state = Charge.State.CANCELLED
        charge.save(update_fields=("state",))
        act.emit("charge.cancelled", charge, {"subject_ref": charge.subject_ref, "amount": charge.amount})
    act.record(charge, before=before, after={"state": charge.state, "reason": reason[:200]})
    return charge


@action("payments.reinstate_charge")
def reinstate_charge(act: Act, *, charge: Charge, reason: str) -> Charge:
    """Let a cancelled charge be due again: what it is for is done after all."""
    charge = _locked(act, charge)
    before = {"state": charge.state, "refund_advice": charge.refund_advice}
    if charge.state == Charge.State.CANCELLED:
        charge.state = Charge.State.DUE
        act.emit("charge.created", charge, {"subject_ref": charge.subject_ref, "amount": charge.amount})
    charge.refund_advice = ""
    charge.save(update_fields=("state", "refund_advice"))
    act.record(charge, before=before, after={"state": charge.state, "reason": reason[:200]})
    return charge


@action("payments.advise_refund")
def advise_refund(act: Act, *, charge: Charge, reason: str) -> Charge:
    """Ask whoever may refund to look at a paid charge. Whether the law gives the money back is for them to say.

    Raises InvalidInput without a reason.
    """
    charge = _locked(act, charge)
    if not reason.strip():
        raise InvalidInput("a reason is needed", field="reason")
    advised = charge.state == Charge.State.PAID and not Refund.objects.filter(payment__charge=charge).exists()
    if advised and not charge.refund_advice:
        charge.refund_advice = reason.strip()[:200]
        charge.save(update_fields=("refund_advice",))
        act.emit("charge.refund_advised", charge, {"subject_ref": charge.subject_ref, "amount": charge.amount})
    act.record(charge, after={"refund_advice": charge.refund_advice})
    return charge
