"""Background work of payments."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from hienluong.foundation.actions import system

from . import actions, doors, gateway, receipts, resolving, statements
from .models import Charge, Discrepancy, Receipt, Refund, SeenNonce
from .notices import FRESH


def forget_nonces() -> int:
    """Delete the nonces of messages that would be refused as too old anyway; returns how many.

    A message may be signed ``FRESH`` seconds ahead of our clock, so it is believable for at most twice that.
    """
    gone, _each = SeenNonce.objects.filter(at__lt=timezone.now() - timedelta(seconds=3 * FRESH)).delete()
    return gone


@app.periodic(cron="23 * * * *")
@app.task(queue="default", queueing_lock="payments.forget_old_nonces")
def forget_old_nonces(timestamp: int) -> None:
    """Once an hour: see :func:`forget_nonces`."""
    forget_nonces()


@app.task(queue="default", name="payments.ask_refund", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def ask_refund(refund_id: int) -> None:
    """Ask the provider to give the money back. Asked again under the same number, it answers the same."""
    refund = Refund.objects.select_related("payment__charge").get(pk=refund_id)
    if refund.state != Refund.State.REQUESTED:
        return
    payment = refund.payment
    question = {"number": refund.number, "transaction": payment.provider_ref, "amount": refund.amount}
    told = doors.ask(payment.provider, "/api/refunds", question)
    who = system(f"Hoàn trả: {payment.provider}")
    if told.get("status") == "done" and told.get("transaction"):
        actions.settle_refund(who, refund=refund, provider_ref=str(told["transaction"])[:80])
    elif told.get("status") == "refused":
        actions.fail_refund(who, refund=refund, why=str(told.get("why", "")))
    else:
        raise doors.Away("not done yet")


@app.task(queue="default", name="payments.ask_checkout", retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def ask_checkout(charge_id: int) -> None:
    """Ask the gateway what became of a charge, after somebody came back from there. Its notice may come first."""
    charge = Charge.objects.get(pk=charge_id)
    if charge.state == Charge.State.DUE:
        gateway.ask(charge)


@app.periodic(cron="*/10 * * * *")
@app.task(queue="default", name="payments.ask_refunds", queueing_lock="payments.ask_refunds")
def ask_refunds(timestamp: int) -> None:
    """Every ten minutes: ask again for what is still under way, however often that failed before."""
    waiting = timezone.now() - timedelta(minutes=5)
    for refund in Refund.objects.filter(state=Refund.State.REQUESTED, at__lt=waiting).select_related("payment"):
        if doors.has_door(refund.payment.provider):
            with suppress(AlreadyEnqueued):
                ask_refund.configure(queueing_lock=f"refund:{refund.pk}").defer(refund_id=refund.pk)


@app.task(queue="default", name="payments.ask_return", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def ask_return(discrepancy_id: int) -> None:
    """Ask the provider to send back money that belongs to no charge. Asked again, it answers the same."""
    one = Discrepancy.objects.get(pk=discrepancy_id)
    if one.state != Discrepancy.State.RETURNING:
        return
    question = {"number": one.number, "transaction": one.transaction, "amount": one.money}
    told = doors.ask(one.provider, "/api/refunds", question)
    who = system(f"Trả lại: {one.provider}")
    if told.get("status") == "done" and told.get("transaction"):
        resolving.note_return(who, discrepancy=one, transaction=str(told["transaction"]))
    elif told.get("status") == "refused":
        resolving.note_return(who, discrepancy=one, refused=str(told.get("why", "")) or "refused")
    else:
        raise doors.Away("not done yet")


@app.task(queue="default", name="payments.fetch_statement", retry=RetryStrategy(max_attempts=4, exponential_wait=10))
def fetch_statement(provider: str, day: str) -> None:
    """Fetch and compare the statement of one day (``YYYY-MM-DD``)."""
    statements.fetch(provider, date.fromisoformat(day))


@app.periodic(cron="10 * * * *")
@app.task(queue="default", name="payments.fetch_statements", queueing_lock="payments.fetch_statements")
def fetch_statements(timestamp: int) -> None:
    """Once an hour: today, and yesterday for what was booked late. Every provider that can be asked."""
    today = timezone.localdate()
    for provider in settings.PAYMENT_DOORS:
        if not doors.has_door(provider):
            continue
        for day in (today - timedelta(days=1), today):
            with suppress(AlreadyEnqueued):
                lock = f"statement:{provider}:{day}"
                fetch_statement.configure(queueing_lock=lock).defer(provider=provider, day=day.isoformat())


@app.task(queue="papers", name="payments.print_receipt", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def print_receipt(receipt_id: int) -> None:
    """Print and seal the receipt of a payment, once."""
    receipts.make(receipt_id)


@app.periodic(cron="*/5 * * * *")
@app.task(queue="papers", name="payments.print_receipts", queueing_lock="payments.print_receipts")
def print_receipts(timestamp: int) -> None:
    """Every five minutes: the receipts that a crash left unprinted, and money that is still on its way back."""
    stuck = timezone.now() - timedelta(minutes=3)
    recent = stuck - timedelta(days=2)  # an older one is printed when somebody asks for it
    unprinted = Receipt.objects.filter(file=None, issued_at__lt=stuck, issued_at__gt=recent)
    for key in unprinted.values_list("pk", flat=True)[:200]:
        with suppress(AlreadyEnqueued):
            print_receipt.configure(queueing_lock=f"receipt:{key}").defer(receipt_id=key)
    for key in Discrepancy.objects.filter(state=Discrepancy.State.RETURNING).values_list("pk", flat=True)[:200]:
        with suppress(AlreadyEnqueued):
            ask_return.configure(queueing_lock=f"return:{key}").defer(discrepancy_id=key)
