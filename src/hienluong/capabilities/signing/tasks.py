"""Background work of signing: proofs are renewed before they end."""

from __future__ import annotations

from contextlib import suppress

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from . import long_term

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
