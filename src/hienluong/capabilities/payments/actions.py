"""Charging, paying, refunding. Every path ends in the same place, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, action, system
from hienluong.foundation.numbering import next_number
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party

from . import doors, matching
from .models import Charge, Notice, Payment, Receipt, Refund, SeenNonce


def channel(provider: str) -> Actor:
    """Who acts when a provider tells us something."""
    return system(f"Báo có: {provider}")


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


def settle(act: Act, charge: Charge, provider: str, provider_ref: str, paid_at: datetime) -> Payment:
    """Write a locked charge down as paid, in the caller's action. IntegrityError for a transaction used before."""
    payment = Payment.objects.create(
        charge=charge, provider=provider, provider_ref=provider_ref, amount=charge.amount, paid_at=paid_at
    )
    charge.state, charge.paid_at = Charge.State.PAID, paid_at
    charge.save(update_fields=("state", "paid_at"))
    year = timezone.localtime(paid_at).year
    serial = f"BI-{year % 100:02d}T.{charge.organization.code}"[:20]
    payer = Party.objects.filter(pk=charge.payer_id).first() if charge.payer_id else None
    receipt = Receipt.objects.create(
        payment=payment,
        serial=serial,
        number=next_number(f"receipt:{serial}"),
        agency=charge.organization.name,
        payer=payer.name if payer else "",
    )
    act.record(
        charge,
        verb="payments.pay",
        before={"state": "due"},
        after={"state": "paid", "provider": provider, "ref": provider_ref},
    )
    act.emit("charge.paid", charge, {"subject_ref": charge.subject_ref, "amount": charge.amount})
    from .tasks import print_receipt

    print_receipt.defer(receipt_id=receipt.pk)
    return payment


@action("payments.record_cash")
def record_cash(act: Act, *, charge: Charge) -> Payment:
    """Take cash at the counter."""
    charge = Charge.objects.select_for_update(of=("self",)).select_related("organization").get(pk=charge.pk)
    act.require("payments.collect", charge.organization.path)
    if charge.state != Charge.State.DUE:
        raise AlreadyPaid(_("Khoản này đã được nộp hoặc đã hủy."))
    return settle(act, charge, "cash", f"TM-{charge.reference}", timezone.now())


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
                settle(act, charge, provider, provider_ref, paid_at)
        except IntegrityError:
            notice.verdict, notice.why = Notice.Verdict.REPEATED, "duplicate"
    notice.save()
    if notice.verdict == Notice.Verdict.SUSPENSE:
        matching.wait_for_an_official(notice, timezone.localtime(paid_at).date(), charge)
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
    if Payment.objects.filter(provider=provider, provider_ref=provider_ref, amount=amount).exists():
        return Notice.Verdict.REPEATED, "duplicate"  # an official found it in the statement before
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
    """Decide to give the whole amount of a charge back, and ask the provider to do it.

    Cash goes back over the counter, so it is paid at once. Anything else is asked of the provider in the background;
    decided again, a refund that failed is asked again and one under way stays as it is. Raises InvalidInput without a
    reason, or when nothing was paid.
    """
    charge = Charge.objects.select_for_update(of=("self",)).select_related("organization").get(pk=charge.pk)
    act.require("payments.refund", charge.organization.path)
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi lý do hoàn trả."), field="reason")
    payment = Payment.objects.select_for_update().filter(charge=charge, refunded_at__isnull=True).first()
    if charge.state != Charge.State.PAID or payment is None:
        raise InvalidInput(_("Khoản này chưa nộp nên không có gì để hoàn."))
    given = Refund.objects.select_for_update().filter(payment=payment).first()
    before = {"refund": given.state} if given else {}
    if given is None:
        given = Refund(payment=payment, amount=payment.amount)
    elif given.state == Refund.State.REQUESTED:
        act.record(charge, before=before, after=before, note="asked again while under way")
        return given
    given.reason, given.decided_by = reason.strip()[:2000], act.actor.label
    given.state, given.why = Refund.State.REQUESTED, ""
    given.save()
    act.record(
        charge,
        before=before,
        after={"refund": given.state, "amount": given.amount, "reason": given.reason},
        organization_id=charge.organization_id,
    )
    act.emit("charge.refund_requested", charge, {"subject_ref": charge.subject_ref, "amount": given.amount})
    if payment.provider == "cash":
        return settle_refund(act, refund=given, provider_ref=given.number)
    if doors.has_door(payment.provider):
        from .tasks import ask_refund

        ask_refund.defer(refund_id=given.pk)
    return given


@action("payments.settle_refund")
def settle_refund(act: Act, *, refund: Refund, provider_ref: str) -> Refund:
    """The money went back, `provider_ref` says under which transaction. Said again, it changes nothing.

    A provider that can be asked says so itself; of one that cannot, whoever may refund writes down the transfer made.
    """
    refund, charge = _locked(refund)
    act.require("payments.refund", charge.organization.path)
    if act.actor.kind != "system" and doors.has_door(refund.payment.provider):
        raise NotAllowed(_("Kênh thanh toán này tự báo đã hoàn trả."))
    provider_ref = provider_ref.strip()[:80]
    if not provider_ref:
        raise InvalidInput(_("Hãy ghi mã giao dịch hoàn trả."), field="provider_ref")
    before = {"refund": refund.state, "state": charge.state}
    if refund.state != Refund.State.PAID:
        now = timezone.now()
        refund.state, refund.provider_ref, refund.settled_at, refund.why = Refund.State.PAID, provider_ref, now, ""
        refund.save()
        refund.payment.refunded_at = now
        refund.payment.save(update_fields=("refunded_at",))
        charge.state = Charge.State.REFUNDED
        charge.save(update_fields=("state",))
        act.emit("charge.refunded", charge, {"subject_ref": charge.subject_ref, "amount": refund.amount})
    act.record(charge, before=before, after={"refund": refund.state, "state": charge.state, "ref": provider_ref})
    return refund


@action("payments.fail_refund")
def fail_refund(act: Act, *, refund: Refund, why: str) -> Refund:
    """The provider will not give the money back; an official must look at it. The charge stays paid."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ kênh thanh toán được báo không hoàn trả được."))
    refund, charge = _locked(refund)
    before = {"refund": refund.state}
    if refund.state == Refund.State.REQUESTED:
        refund.state, refund.why = Refund.State.FAILED, why[:200]
        refund.save()
        act.emit("charge.refund_failed", charge, {"subject_ref": charge.subject_ref, "amount": refund.amount})
    act.record(charge, before=before, after={"refund": refund.state, "why": why})
    return refund


def _locked(refund: Refund) -> tuple[Refund, Charge]:
    """The refund and its charge, locked in the order in which every action takes them."""
    charge = Charge.objects.select_for_update(of=("self",)).select_related("organization").get(payments__refund=refund)
    return Refund.objects.select_for_update(of=("self",)).select_related("payment__charge").get(pk=refund.pk), charge
