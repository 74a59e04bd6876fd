"""Keeping the figures fresh."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from . import figures
from .models import Figure


@app.periodic(cron="*/5 * * * *")
@app.task(queue="figures", name="oversight.refresh_recent", queueing_lock="oversight.refresh_recent")
def refresh_recent(timestamp: int) -> int:
    """This month and the two before, every five minutes."""
    if not Figure.objects.filter(grain=Figure.Grain.DAY).exists():
        return figures.refresh()  # after the update that brought sums by day
    return figures.refresh(timezone.now() - timedelta(days=62))


@app.periodic(cron="10 19 * * *")  # 02:10 in Việt Nam
@app.task(queue="figures", name="oversight.refresh_all", queueing_lock="oversight.refresh_all")
def refresh_all(timestamp: int) -> int:
    """Everything, every night."""
    return figures.refresh()
