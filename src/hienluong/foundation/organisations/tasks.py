"""Background work of the government's changes."""

from __future__ import annotations

from procrastinate.contrib.django import app

from hienluong.foundation.actions import system

from .actions import effect


@app.periodic(cron="2 * * * *")
@app.task(queue="default", queueing_lock="organisations.take_effect")
def take_effect(timestamp: int) -> None:
    """Each hour, so also just after midnight in Việt Nam: changes whose day has come."""
    if effect.is_due():
        effect.take_effect(system("Thay đổi bộ máy đến ngày hiệu lực"))
