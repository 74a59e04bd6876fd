"""What a dossier costs: the procedure's decision tables, evaluated when it is filed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from hienluong.capabilities.decisions import BadTable, evaluate
from hienluong.capabilities.payments.actions import create_charge
from hienluong.capabilities.payments.closing import advise_refund, cancel_charge, reinstate_charge
from hienluong.capabilities.payments.models import Charge
from hienluong.capabilities.payments.queries import charges_of
from hienluong.foundation.actions import Act, Actor, InvalidInput
from hienluong.services.procedures.spec import ChargeRule

from . import access
from .models import Dossier, PaymentState, State

#: More is no charge but a slip of whoever answered or wrote the table (đồng).
MOST = 10**12


class NotComputable(InvalidInput):
    """What a dossier costs cannot be computed from its answers."""

    code = "dossiers.charge_not_computable"

    def __init__(self, rule: ChargeRule) -> None:
        words = {"name": rule.name}
        super().__init__(_("Chưa tính được %(name)s từ các câu trả lời. Hãy xem lại các câu trả lời.") % words)


def subject_ref(dossier: Dossier) -> str:
    """How payments name this dossier."""
    return f"dossier:{dossier.code}"


def lines_for(rules: list[ChargeRule], due: str, data: dict[str, Any], channel: str) -> list[dict[str, Any]]:
    """The charge lines of `rules` due at that moment, with exact amounts in đồng and the reason of an exemption.

    Raises :class:`NotComputable` for answers that a rule can make nothing of.
    """
    lines = []
    for rule in rules:
        if rule.due != due:
            continue
        try:
            values = evaluate(rule.table, {**data, "channel": channel}).values
        except BadTable as error:
            raise NotComputable(rule) from error
        lines.append(
            {
                "code": rule.code,
                "name": rule.name,
                "kind": rule.kind,
                "amount": _whole(rule, values.get("amount", 0)),
                "legal_basis": rule.legal_basis,
                "exempt_reason": str(values.get("exempt", "") or ""),
            }
        )
    return lines


def _whole(rule: ChargeRule, amount: Any) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= MOST:
        raise NotComputable(rule)
    return int(amount)


def charge_on_filing(act: Act, dossier: Dossier) -> Charge | None:
    """Create the charge due on filing, if there is one. Raises :class:`NotComputable`, also for what is due on the result:
    then nobody could answer otherwise any more."""
    lines_for(dossier.procedure_version.spec.charges, "on_result", dossier.data, dossier.channel)
    return _charge(act, dossier, "on_filing")


def charge_on_result(act: Act, dossier: Dossier) -> Charge | None:
    """Create the charge due with the result, if there is one."""
    return _charge(act, dossier, "on_result")


def _charge(act: Act, dossier: Dossier, due: str) -> Charge | None:
    spec = dossier.procedure_version.spec
    lines = lines_for(spec.charges, due, dossier.data, dossier.channel)
    if not sum(line["amount"] for line in lines):
        return None
    charge = create_charge(
        act,
        subject_ref=subject_ref(dossier),
        payer_id=dossier.filer_id,
        organization=dossier.received_at_org,
        lines=lines,
        kind="fee" if any(line["kind"] == "fee" for line in lines) else "levy",
    )
    dossier.payment_state = PaymentState.DUE
    Dossier.objects.filter(pk=dossier.pk).update(payment_state=PaymentState.DUE)
    return charge


def may_pay(actor: Actor, charge: Charge) -> bool:
    """Whether a charge is for a dossier that the actor may pay for: own, or within an appointment by an enterprise."""
    code = charge.subject_ref.partition(":")[2]
    dossier = Dossier.objects.select_related("subject", "procedure_version").filter(code=code).first()
    if dossier is None:
        return actor.may_for(charge.payer_id, "pay", amount=charge.amount)
    return access.may_do(actor, dossier, "pay", amount=charge.amount)


def outstanding(dossier: Dossier) -> int:
    """What is still to be paid, in đồng."""
    return sum(charge.amount for charge in charges_of(subject_ref(dossier)) if charge.state == Charge.State.DUE)


#: Closed like this, nothing will be done for the money.
IN_VAIN = (State.WITHDRAWN, State.REFUSED, State.STOPPED)


def drop(who: Actor, dossier: Dossier) -> None:
    """The dossier ended without a result: what is due is due no more; what was paid somebody looks at."""
    if dossier.state not in IN_VAIN:
        return  # reopened meanwhile
    reason = f"{dossier.code}: {dossier.get_state_display()}"
    for charge in charges_of(subject_ref(dossier)):
        if charge.state == Charge.State.DUE:
            cancel_charge(who, charge=charge, reason=reason)
        elif charge.state == Charge.State.PAID and charge.refund is None:
            advise_refund(who, charge=charge, reason=reason)


def take_up_again(who: Actor, dossier: Dossier) -> None:
    """The dossier was reopened: what was dropped is due again."""
    if dossier.state in IN_VAIN:
        return
    for charge in charges_of(subject_ref(dossier)):
        if charge.state == Charge.State.CANCELLED or charge.refund_advice:
            reinstate_charge(who, charge=charge, reason=dossier.code)
