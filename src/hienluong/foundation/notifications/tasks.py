"""Handing messages to their channels in the background."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .models import Delivery
from .providers import Message, NotDelivered, provider_of

MAX_ATTEMPTS = 8


@app.task(
    queue="mail", name="notifications.deliver", retry=RetryStrategy(max_attempts=MAX_ATTEMPTS, exponential_wait=4)
)
def deliver(delivery_id: int) -> None:
    """Send one message; what was sent is not sent again, what failed is tried again later."""
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(of=("self",))
            .select_related("notification")
            .filter(pk=delivery_id)
            .first()
        )
        if delivery is None or delivery.state == Delivery.State.SENT:
            return
        provider = provider_of(delivery.channel)
        note = delivery.notification
        fault: NotDelivered | None = None
        try:
            if provider is None:
                raise NotDelivered("no provider")
            provider.send(Message(delivery.address, note.title, note.body, f"tb-{delivery.pk}"))
            delivery.state, delivery.sent_at, delivery.error = Delivery.State.SENT, timezone.now(), ""
        except NotDelivered as error:
            fault = error
            delivery.error = str(error)[:300]
            if delivery.attempts + 1 >= MAX_ATTEMPTS:
                delivery.state = Delivery.State.FAILED
        delivery.attempts += 1
        delivery.save()
    if fault is not None:
        raise fault
