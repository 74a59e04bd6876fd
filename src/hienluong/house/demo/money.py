"""The money of one dossier of the demo: charged, paid with notice and receipt, given back."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from hienluong.capabilities.payments.models import Charge, Notice, Payment, Receipt, Refund
from hienluong.services.dossiers import charging
from hienluong.services.dossiers.models import PaymentState

from .rows import Life, Money


def charge(life: Life, due: str, chance: random.Random) -> None:
    """What the procedure charges at this moment (``on_filing``, ``on_result``), if anything."""
    dossier = life.dossier
    lines = charging.lines_for(dossier.procedure_version.spec.charges, due, dossier.data, dossier.channel)
    total = sum(line["amount"] for line in lines)
    if not total:
        return
    asked = Charge(
        reference="HL" + "".join(chance.choices("23456789ABCDEFGHJKMNPQRSTVWXYZ", k=10)),
        payer_id=dossier.filer_id,
        organization=dossier.received_at_org,
        kind="fee" if any(line["kind"] == "fee" for line in lines) else "levy",
        lines=lines,
        amount=total,
        created_at=life.handovers[-1].at,
    )
    dossier.payment_state = PaymentState.DUE
    life.money.append(Money(asked))


def pay_all(life: Life, by: datetime, chance: random.Random) -> None:
    """Everything that is due is paid, at the latest at `by`."""
    for money in life.money:
        if money.payment is None:
            _pay(life, money, by, chance)


def _pay(life: Life, money: Money, by: datetime, chance: random.Random) -> None:
    charge = money.charge
    online = life.dossier.channel in ("online", "national_portal")
    provider = "bank" if online else "cash"
    start = charge.created_at
    paid = min(start + timedelta(minutes=chance.uniform(1, 40)), by) if online else by
    ref = f"FT{paid:%y%j}{chance.randint(10**7, 10**8 - 1)}" if online else f"TM-{charge.reference}"
    charge.state, charge.paid_at = Charge.State.PAID, paid
    money.payment = Payment(charge=charge, provider=provider, provider_ref=ref, amount=charge.amount, paid_at=paid)
    money.receipt = Receipt(
        payment=money.payment,
        agency=charge.organization.name,
        payer=life.dossier.filer.name,
        issued_at=paid,
    )
    if online:
        money.notice = notice_of(money.payment, charge.reference, Notice.Verdict.APPLIED)
    life.dossier.payment_state = PaymentState.PAID


def give_back(life: Life, at: datetime, reason: str) -> None:
    """Refused or withdrawn before work began: what was paid goes back (whole)."""
    for money in life.money:
        if money.payment is None:
            money.charge.state = Charge.State.CANCELLED
            continue
        money.charge.state = Charge.State.REFUNDED
        money.payment.refunded_at = at
        money.refund = Refund(
            payment=money.payment,
            amount=money.payment.amount,
            reason=reason,
            decided_by="Kế toán phí, lệ phí",
            at=at,
            state=Refund.State.PAID,
            provider_ref=f"HT-{money.charge.reference}",
            settled_at=at,
        )
        life.dossier.payment_state = PaymentState.REFUNDED
    if life.money and life.dossier.payment_state == PaymentState.DUE:
        life.dossier.payment_state = PaymentState.NONE


def notice_of(payment: Payment, reference: str, verdict: str, why: str = "") -> Notice:
    """The message with which the bank told of a payment."""
    return Notice(
        provider=payment.provider,
        raw=f'{{"transaction": "{payment.provider_ref}", "content": "{reference}", "amount": {payment.amount}}}',
        provider_ref=payment.provider_ref,
        reference=reference,
        amount=payment.amount,
        verdict=verdict,
        why=why,
        at=payment.paid_at,
    )
