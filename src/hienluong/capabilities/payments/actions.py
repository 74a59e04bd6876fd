"""Charging, paying, refunding. Every path ends in the same place, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.numbering import next_number
from hienluong.foundation.organisations.models import Organization

from .models import Charge, Notice, Payment, Receipt, Refund, SeenNonce


class Replayed(DomainError):
    """A signed message was sent a second time, to the letter."""

    code = "payments.replayed"
    status = 401


class AlreadyPaid(DomainError):
    """The charge has been paid."""

    code = "payments.already_paid"


@action("payments.create_charge")
def create_charge(
    act: Act,
    *,
    subject_ref: str,
    payer_id: int | None,
    organization: Organization,
    lines: list[dict[str, Any]],
    kind: str,
) -> Charge:
    """Charge the sum of `lines` (each with ``amount`` in đồng); InvalidInput when there is nothing to pay."""
    amounts = [int(line["amount"]) for line in lines]
    if any(amount < 0 for amount in amounts) or sum(amounts) <= 0:
        raise InvalidInput(_("Khoản thu phải lớn hơn 0 đồng."), code="payments.nothing_due")
    charge = Charge.objects.create(
        subject_ref=subject_ref,
        payer_id=payer_id,
        organization=organization,
        lines=lines,
        kind=kind,
        amount=sum(amounts),
    )
    act.record(charge, after={"amount": charge.amount, "subject": subject_ref})
    act.emit("charge.created", charge, {"subject_ref": subject_ref, "amount": charge.amount})
    return charge


def _settle(act: Act, charge: Charge, provider: str, provider_ref: str, paid_at: datetime) -> Payment:
    payment = Payment.objects.create(
        charge=charge, provider=provider, provider_ref=provider_ref, amount=charge.amount, paid_at=paid_at
    )
    charge.state, charge.paid_at = Charge.State.PAID, paid_at
    charge.save(update_fields=("state", "paid_at"))
    year = timezone.localtime(paid_at).year
    serial = f"BI-{year % 100:02d}T.{charge.organization.code}"[:20]
    Receipt.objects.create(payment=payment, serial=serial, number=next_number(f"receipt:{serial}"))
    act.record(
        charge,
        verb="payments.pay",
        before={"state": "due"},
        after={"state": "paid", "provider": provider, "ref": provider_ref},
    )
    act.emit("charge.paid", charge, {"subject_ref": charge.subject_ref, "amount": charge.amount})
    return payment


@action("payments.record_cash")
def record_cash(act: Act, *, charge: Charge) -> Payment:
    """Take cash at the counter."""
    charge = Charge.objects.select_for_update(of=("self",)).select_related("organization").get(pk=charge.pk)
    act.require("payments.collect", charge.organization.path)
    if charge.state != Charge.State.DUE:
        raise AlreadyPaid(_("Khoản này đã được nộp hoặc đã hủy."))
    return _settle(act, charge, "cash", f"TM-{charge.reference}", timezone.now())


@action("payments.take_notice")
def take_notice(
    act: Act,
    *,
    provider: str,
    raw: str,
    nonce: str,
    provider_ref: str,
    reference: str,
    amount: int,
    paid_at: datetime,
) -> Notice:
    """What a bank or gateway told us, its signature already checked. Told twice, or late, it is applied once.

    Money that fits no charge, or the wrong amount, goes to suspense for an official to look at. Raises
    :class:`Replayed` for a nonce that was used; it is used up only together with what the message changed.
    """
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ kênh ngân hàng được gửi báo có."))
    try:
        with transaction.atomic():
            SeenNonce.objects.create(provider=provider, nonce=nonce)
    except IntegrityError as error:
        raise Replayed(_("Bản tin này đã được nhận.")) from error
    _one_at_a_time(provider, provider_ref)
    notice = Notice(provider=provider, raw=raw[:20_000], provider_ref=provider_ref, reference=reference, amount=amount)
    charge = (
        Charge.objects.select_for_update(of=("self",))
        .select_related("organization")
        .filter(reference=reference)
        .first()
    )
    notice.verdict, notice.why = _verdict(charge, provider, provider_ref, reference, amount)
    if notice.verdict == Notice.Verdict.APPLIED and charge is not None:
        try:
            with transaction.atomic():
                _settle(act, charge, provider, provider_ref, paid_at)
        except IntegrityError:
            notice.verdict, notice.why = Notice.Verdict.REPEATED, "duplicate"
    notice.save()
    act.record(notice, after={"verdict": notice.verdict, "reference": reference, "amount": amount})
    return notice


def _one_at_a_time(provider: str, provider_ref: str) -> None:
    """Let two tellings of the same transaction wait for one another until the end of the database transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"notice:{provider}:{provider_ref}"])


def _verdict(charge: Charge | None, provider: str, provider_ref: str, reference: str, amount: int) -> tuple[str, str]:
    told = Notice.objects.filter(
        provider=provider,
        provider_ref=provider_ref,
        verdict__in=(Notice.Verdict.APPLIED, Notice.Verdict.SUSPENSE),
    )
    if told.filter(reference=reference, amount=amount).exists():
        return Notice.Verdict.REPEATED, "duplicate"
    if told.exists():
        return Notice.Verdict.SUSPENSE, str(_("Giao dịch này đã được báo với số tiền hoặc nội dung khác"))
    if charge is None:
        return Notice.Verdict.SUSPENSE, str(_("Không có khoản thu nào mang nội dung này"))
    if charge.state != Charge.State.DUE:
        return Notice.Verdict.SUSPENSE, str(_("Khoản thu đã được nộp hoặc đã hủy"))
    if amount != charge.amount:
        return Notice.Verdict.SUSPENSE, str(_("Số tiền khác số phải nộp"))
    return Notice.Verdict.APPLIED, ""


@action("payments.refuse_notice")
def refuse_notice(act: Act, *, provider: str, raw: str, why: str) -> Notice:
    """A message whose signature is wrong is kept and not believed."""
    notice = Notice.objects.create(provider=provider, raw=raw[:2_000], verdict=Notice.Verdict.REFUSED, why=why)
    act.record(notice, after={"verdict": "refused", "why": why})
    return notice


@action("payments.refund")
def refund(act: Act, *, charge: Charge, reason: str) -> Refund:
    """Give the money of a charge back."""
    charge = Charge.objects.select_for_update(of=("self",)).select_related("organization").get(pk=charge.pk)
    act.require("payments.refund", charge.organization.path)
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi lý do hoàn trả."), field="reason")
    payment = Payment.objects.select_for_update().filter(charge=charge, refunded_at__isnull=True).first()
    if charge.state != Charge.State.PAID or payment is None:
        raise InvalidInput(_("Khoản này chưa nộp nên không có gì để hoàn."))
    given = Refund.objects.create(
        payment=payment, amount=payment.amount, reason=reason.strip(), decided_by=act.actor.label
    )
    payment.refunded_at = timezone.now()
    payment.save(update_fields=("refunded_at",))
    charge.state = Charge.State.REFUNDED
    charge.save(update_fields=("state",))
    act.record(charge, before={"state": "paid"}, after={"state": "refunded", "amount": given.amount, "reason": reason})
    act.emit("charge.refunded", charge, {"subject_ref": charge.subject_ref, "amount": given.amount})
    return given


@action("payments.cancel_charge")
def cancel_charge(act: Act, *, charge: Charge) -> Charge:
    """Cancel a charge that was not paid."""
    charge = Charge.objects.select_for_update().get(pk=charge.pk)
    if charge.state == Charge.State.DUE:
        charge.state = Charge.State.CANCELLED
        charge.save(update_fields=("state",))
    act.record(charge, after={"state": charge.state})
    return charge
