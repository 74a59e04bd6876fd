"""Background work of packs. Idempotent."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from .models import Offer

#: How long a pack that was uploaded waits for a decision.
KEPT = timedelta(days=7)


@app.periodic(cron="47 18 * * *")  # 01:47 in Việt Nam
@app.task(queue="default", queueing_lock="packs.forget_offers")
def forget_offers(timestamp: int) -> int:
    """Once a day: packs that nobody decided on go; returns how many."""
    gone, _by_model = Offer.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return gone
