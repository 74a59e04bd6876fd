"""Background work of accounts."""

from __future__ import annotations

from procrastinate.contrib.django import app

from . import limits, throttle


@app.periodic(cron="17 20 * * *")  # 03:17 in Việt Nam
@app.task(queue="default", queueing_lock="identity.forget_sign_in_attempts")
def forget_sign_in_attempts(timestamp: int) -> None:
    """Once a day: delete sign-in tries that are of no more use."""
    throttle.forget_old()


@app.periodic(cron="23 * * * *")
@app.task(queue="default", queueing_lock="identity.forget_rate_windows")
def forget_rate_windows(timestamp: int) -> None:
    """Once an hour: delete the windows of rate limits that have ended."""
    limits.forget_old()
