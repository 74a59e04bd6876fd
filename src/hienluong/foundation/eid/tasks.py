"""Background work: looking whether identity providers answer."""

from __future__ import annotations

from django.conf import settings
from procrastinate.contrib.django import app

from . import standing


@app.periodic(cron="*/5 * * * *")
@app.task(queue="default", queueing_lock="eid.look", name="eid.look")
def look(timestamp: int) -> None:
    """Ask each provider, so that officials see what is wrong before people do."""
    for provider in settings.IDENTITY_PROVIDERS.values():
        standing.look(provider)
