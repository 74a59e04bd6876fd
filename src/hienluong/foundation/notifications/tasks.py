"""Handing messages to their channels in the background."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app

from .models import Delivery
from .providers import Message, NotDelivered, Refused, provider_of

if TYPE_CHECKING:
    from procrastinate.jobs import Job

#: Tries of one delivery before it is given up, about six hours after the first.
MAX_ATTEMPTS = 8
LONGEST_WAIT = timedelta(hours=5)

logger = logging.getLogger(__name__)


class GrowingWaits(BaseRetryStrategy):
    """4, 16, 64 … seconds, at most five hours. The delivery says when to give up; the job itself never does."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When this job is done again."""
        wait = min(4.0 ** min(job.attempts + 1, 12), LONGEST_WAIT.total_seconds())
        return RetryDecision(retry_in={"seconds": int(wait)})


@app.task(queue="mail", name="notifications.deliver", retry=GrowingWaits())
def deliver(delivery_id: int) -> None:
    """Send one message; what was sent is not sent again, what failed is tried again later, then given up."""
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(of=("self",))
            .select_related("notification")
            .filter(pk=delivery_id, state=Delivery.State.WAITING)
            .first()
        )
        if delivery is None:
            return
        fault = _fault_of(delivery)
        delivery.attempts += 1
        if fault is None:
            delivery.state, delivery.sent_at, delivery.error = Delivery.State.SENT, timezone.now(), ""
        else:
            delivery.error = _words(fault)
            if isinstance(fault, Refused) or delivery.attempts >= MAX_ATTEMPTS:
                delivery.state = Delivery.State.FAILED
        delivery.save()
    if fault is not None and delivery.state == Delivery.State.WAITING:
        raise fault


def _fault_of(delivery: Delivery) -> Exception | None:
    """Send; what went wrong, if anything did."""
    try:
        provider = provider_of(delivery.channel)
        if provider is None:
            raise NotDelivered("no provider")
        note = delivery.notification
        body = _with_link(note.body, note.href) if delivery.channel == "email" else note.body
        provider.send(Message(delivery.address, note.title, body, f"tb-{delivery.pk}"))
    except NotDelivered as error:
        return error
    except Exception as error:  # a fault of the provider's code or its settings must not leave the message waiting
        logger.exception("delivery %s over %s failed", delivery.pk, delivery.channel)
        return error
    return None


def _with_link(body: str, href: str) -> str:
    """The words and where to go on. The address is the configured one: what a request said of it may be a stranger's."""
    address = f"{settings.BASE_URL}{href}"
    return f"{body}\n\n{address}" if href.startswith("/") and address not in body.splitlines() else body


def _words(fault: Exception) -> str:
    """The reason as the IT officer reads it."""
    words = str(fault) if isinstance(fault, NotDelivered) else f"{type(fault).__name__}: {fault}"
    return words.replace("\0", "")[:300]
