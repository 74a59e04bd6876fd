"""Background work of payments."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from .models import SeenNonce
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
