"""Background work of the register of breaches."""

from __future__ import annotations

from procrastinate.contrib.django import app

from . import reminding


@app.periodic(cron="*/10 * * * *")
@app.task(queue="default", queueing_lock="breaches.remind")
def remind(timestamp: int) -> None:
    """Every ten minutes: remind of notices that are still owed."""
    reminding.remind_all()
