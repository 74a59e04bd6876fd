"""Background work of signing: what somebody confirmed is signed, and proofs are renewed before they end."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from . import long_term
from .models import SigningBatch

#: Two workers never renew proofs at the same moment, whoever asked them to.
LOCK = "signing.extend"
#: Until which hour in Việt Nam one batch follows another; what is left waits for the next night.
MORNING = 6


@app.periodic(cron="37 18 * * *")  # 01:37 in Việt Nam
@app.task(queue="default", name="signing.extend", queueing_lock=LOCK, lock=LOCK, priority=-10)
def extend_proofs(timestamp: int) -> int:
    """Look up and renew one batch of proofs, and ask for the next while it is night; returns how many were renewed."""
    read, done = long_term.read_unread(), long_term.extend_due()
    if (read or done) and timezone.localtime().hour < MORNING:
        with suppress(AlreadyEnqueued):
            extend_more.defer(timestamp=timestamp)
    return done


@app.task(queue="default", name="signing.extend_more", queueing_lock="signing.extend_more", lock=LOCK, priority=-10)
def extend_more(timestamp: int) -> int:
    """The next batch of the same night."""
    return extend_proofs(timestamp)


@app.task(queue="results", name="signing.sign_batch", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def sign_batch(batch_id: str) -> None:
    """Carry a batch on, and look again as long as there is something to wait for."""
    from . import working  # pyHanko takes half a second to load

    seconds = working.carry_on(UUID(batch_id))
    if seconds is not None:
        with suppress(AlreadyEnqueued):
            waiting = sign_batch.configure(schedule_in={"seconds": seconds}, queueing_lock=f"signing:{batch_id}")
            waiting.defer(batch_id=batch_id)


@app.periodic(cron="* * * * *")
@app.task(queue="default", name="signing.sweep", queueing_lock="signing.sweep")
def sweep(timestamp: int) -> int:
    """Once a minute: take up batches that nobody has touched for longer than any of them waits."""
    left = timezone.now() - timedelta(minutes=6)
    found = SigningBatch.objects.filter(state__in=("working", "asked"), touched_at__lt=left).values_list(
        "pk", flat=True
    )
    for batch_id in found[:200]:
        with suppress(AlreadyEnqueued):
            sign_batch.configure(queueing_lock=f"signing:{batch_id}").defer(batch_id=str(batch_id))
    return len(found)
