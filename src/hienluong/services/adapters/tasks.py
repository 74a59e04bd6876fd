"""Background work: ask what waits, each system in its own line; forget what is old.

Jobs of one system share a lock, so a system that hangs holds up one hand of the worker and only its own questions.
Waiting is written in the rows and swept each minute; nothing is deferred into the future under a lock.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from . import sending
from .models import Call, KeptAnswer, Pending


@app.task(queue="national", name="adapters.turn")
def turn(code: str) -> None:
    """Ask what is due of one system."""
    sending.turn(code)


def wake(code: str) -> None:
    """Have a system asked soon; once is enough, however often it is wanted."""
    lock = f"adapters.{code}"
    try:
        with transaction.atomic():
            turn.configure(lock=lock, queueing_lock=lock).defer(code=code)
    except AlreadyEnqueued:
        return


@app.periodic(cron="* * * * *")
@app.task(queue="national", name="adapters.sweep", queueing_lock="adapters.sweep")
def sweep(timestamp: int) -> None:
    """Each minute: wake the systems of which something is due."""
    due = Pending.objects.filter(state=Pending.State.WAITING, next_try_at__lte=timezone.now())
    for code in due.order_by().values_list("system", flat=True).distinct():
        wake(code)


#: How long calls and settled questions stay on the list; the audit log keeps that they were made.
KEPT = timedelta(days=90)


@app.periodic(cron="27 19 * * *")  # 02:27 in Việt Nam
@app.task(queue="default", name="adapters.forget", queueing_lock="adapters.forget")
def forget(timestamp: int) -> None:
    """Every night: delete kept answers that serve no more, and calls and settled questions of long ago."""
    KeptAnswer.objects.filter(until__lt=timezone.now()).delete()
    old = timezone.now() - KEPT
    Pending.objects.filter(state=Pending.State.DONE, settled_at__lt=old).delete()
    while keys := list(Call.objects.filter(at__lt=old).values_list("pk", flat=True)[:5000]):
        Call.objects.filter(pk__in=keys).delete()
