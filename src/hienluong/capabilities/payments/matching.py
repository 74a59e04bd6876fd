"""Three books about the same money: ours, what the provider told us, and its statement. Where they differ is kept.

A transaction is one name at one provider. A difference that is gone at the next look is closed by itself; what an
official has dealt with is not opened again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from .models import Charge, Discrepancy, Notice, Payment, Refund, StatementLine

Kind = Discrepancy.Kind


@dataclass(frozen=True)
class Finding:
    """One difference as it is now."""

    transaction: str
    kind: str
    content: str = ""
    why: str = ""
    charge: Charge | None = None
    charged: int | None = None
    told: int | None = None
    booked: int | None = None


def wait_for_an_official(notice: Notice, day: date, charge: Charge | None) -> None:
    """Keep money that fits no charge until somebody says what it is."""
    finding = Finding(notice.provider_ref, Kind.SUSPENSE, notice.reference, notice.why, charge, None, notice.amount)
    _keep(notice.provider, day, finding)


def compare(provider: str, day: date) -> list[Finding]:
    """Every difference among the three books about one day of Việt Nam, its statement already taken in."""
    start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    end = start + timedelta(days=1)
    lines = list(StatementLine.objects.filter(provider=provider, day=day))
    came = {line.transaction: line for line in lines if line.direction == StatementLine.Direction.IN}
    gone = {line.transaction: line for line in lines if line.direction == StatementLine.Direction.OUT}
    ours = Payment.objects.filter(provider=provider).select_related("charge")
    booked_today = list(ours.filter(paid_at__gte=start, paid_at__lt=end))
    payments = {p.provider_ref: p for p in (*ours.filter(provider_ref__in=list(came)), *booked_today)}
    waiting = {
        n.provider_ref: n
        for n in Notice.objects.filter(
            provider=provider, provider_ref__in=list(came), verdict=Notice.Verdict.SUSPENSE
        ).order_by("pk")
    }
    return [
        *_of_money_in(came, payments, waiting),
        *(
            Finding(p.provider_ref, Kind.UNBOOKED, p.charge.reference, "", p.charge, p.amount, p.amount)
            for p in booked_today
            if p.provider_ref not in came
        ),
        *_of_money_out(provider, gone, start, end),
    ]


def _of_money_in(
    came: dict[str, StatementLine], payments: dict[str, Payment], waiting: dict[str, Notice]
) -> Iterable[Finding]:
    by_reference = {
        charge.reference: charge
        for charge in Charge.objects.filter(reference__in=[line.content for line in came.values()])
    }
    for transaction, line in came.items():
        payment, notice = payments.get(transaction), waiting.get(transaction)
        if payment is not None:
            if payment.amount != line.amount:
                yield Finding(
                    transaction,
                    Kind.AMOUNT,
                    line.content,
                    "",
                    payment.charge,
                    payment.amount,
                    payment.amount,
                    line.amount,
                )
        elif notice is not None:
            known = by_reference.get(notice.reference)
            yield Finding(
                transaction, Kind.SUSPENSE, notice.reference, notice.why, known, None, notice.amount, line.amount
            )
        else:
            yield Finding(
                transaction, Kind.SILENT, line.content, "", by_reference.get(line.content), None, None, line.amount
            )


def _of_money_out(provider: str, gone: dict[str, StatementLine], start: datetime, end: datetime) -> Iterable[Finding]:
    given = Refund.objects.filter(payment__provider=provider, state=Refund.State.PAID).select_related("payment__charge")
    known = set(given.filter(provider_ref__in=list(gone)).values_list("provider_ref", flat=True))
    returned = Discrepancy.objects.filter(provider=provider, return_ref__in=list(gone))
    known |= set(returned.values_list("return_ref", flat=True))
    for transaction, line in gone.items():
        if transaction not in known:
            yield Finding(transaction, Kind.OUT, line.content, "", None, None, None, line.amount)
    for refund in given.filter(settled_at__gte=start, settled_at__lt=end):
        if refund.provider_ref not in gone:
            charge = refund.payment.charge
            yield Finding(refund.provider_ref, Kind.NOT_OUT, charge.reference, "", charge, refund.amount)


def keep(provider: str, day: date, findings: list[Finding]) -> int:
    """Write down what differs on a day and close what no longer does; returns how many are open."""
    found = {(finding.transaction, finding.kind) for finding in findings}
    for finding in findings:
        _keep(provider, day, finding)
    still = Discrepancy.objects.select_for_update(of=("self",)).filter(
        provider=provider, day=day, state=Discrepancy.State.OPEN
    )
    for one in still:
        if (one.transaction, one.kind) in found or one.kind == Kind.SUSPENSE:
            continue  # money in suspense is closed by an official alone
        one.state, one.resolution = Discrepancy.State.RESOLVED, Discrepancy.Resolution.CLEARED
        one.resolved_at = timezone.now()
        one.save(update_fields=("state", "resolution", "resolved_at"))
    return still.count()


def _keep(provider: str, day: date, finding: Finding) -> None:
    told = {
        "content": finding.content[:100],
        "why": finding.why[:200],
        "charge": finding.charge,
        "charged": finding.charged,
        "told": finding.told,
        "booked": finding.booked,
    }
    one, made = Discrepancy.objects.get_or_create(
        provider=provider,
        transaction=finding.transaction,
        kind=finding.kind,
        defaults={"day": day, **told},
    )
    if (
        made
        or one.state == Discrepancy.State.RETURNING
        or (one.state == Discrepancy.State.RESOLVED and one.resolution != Discrepancy.Resolution.CLEARED)
    ):
        return
    for name, value in told.items():
        setattr(one, name, value)
    one.day, one.state, one.resolution, one.resolved_at = day, Discrepancy.State.OPEN, "", None
    one.save()
