"""Background work of accounts."""

from __future__ import annotations

from procrastinate.contrib.django import app

from . import throttle


@app.periodic(cron="17 3 * * *")
@app.task(queue="default", queueing_lock="identity.forget_sign_in_attempts")
def forget_sign_in_attempts(timestamp: int) -> None:
    """Once a day: delete sign-in tries that are of no more use."""
    throttle.forget_old()
