"""Background work of tasks."""

from __future__ import annotations

from procrastinate.contrib.django import app

from . import reminding


@app.periodic(cron="35 0-9 * * *")  # from 07:35 to 16:35 in Việt Nam
@app.task(queue="default", queueing_lock="assignments.remind")
def remind(timestamp: int) -> None:
    """Every working hour: remind of tasks that are due soon or late."""
    reminding.remind_all()
