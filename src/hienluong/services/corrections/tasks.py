"""Background work of requests to correct data."""

from __future__ import annotations

from procrastinate.contrib.django import app

from . import reminding


@app.periodic(cron="25 0-10 * * *")  # from 07:25 to 17:25 in Việt Nam
@app.task(queue="default", name="corrections.remind", queueing_lock="corrections.remind")
def remind(timestamp: int) -> None:
    """Each hour of the day: remind of terms that end or are over."""
    reminding.remind_all()
