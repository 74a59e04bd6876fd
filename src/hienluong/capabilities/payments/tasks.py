"""Background work of payments."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from hienluong.foundation.actions import system

from . import actions, doors, gateway
from .models import Charge, Refund, SeenNonce
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
