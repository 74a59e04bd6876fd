"""Background work of the line to the national portal: push, try again what is due, forget old nonces.

Jobs share one lock: a portal that hangs holds up one hand of the worker, never both. Nothing is deferred into the
future under that lock (it would hold up what comes after it); waiting is written in the rows, and swept each minute.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone
from procrastinate.contrib.django import app

from hienluong.capabilities.payments.notices import FRESH

from . import sending
from .models import Outgoing, SeenMessage

LOCK = "national"


@app.task(queue="national", name="national.push", lock=LOCK)
def push(dossier_id: int) -> None:
    """Send what is due for one dossier."""
    sending.push(dossier_id)


@app.periodic(cron="* * * * *")
@app.task(queue="national", name="national.sweep", queueing_lock="national.sweep", lock=LOCK)
def sweep(timestamp: int) -> None:
    """Try again what is due, oldest first; when the portal is away, leave the rest for the next minute."""
    for dossier_id in due():
        failed = sending.push(dossier_id)
        if failed and failed.state == Outgoing.State.WAITING:
            return


def due(most: int = 500) -> list[int]:
    """The dossiers whose oldest untold step is due, longest due first."""
    unsent = Outgoing.objects.exclude(state=Outgoing.State.SENT)
    behind = unsent.filter(dossier=OuterRef("dossier"), handover__lt=OuterRef("handover"))
    rows = Outgoing.objects.filter(state=Outgoing.State.WAITING, next_try_at__lte=timezone.now())
    return list(rows.exclude(Exists(behind)).order_by("next_try_at").values_list("dossier_id", flat=True)[:most])


@app.periodic(cron="41 * * * *")
@app.task(queue="default", name="national.forget_nonces", queueing_lock="national.forget_nonces")
def forget_nonces(timestamp: int) -> None:
    """Once an hour: delete the nonces of messages that would be refused as too old anyway."""
    SeenMessage.objects.filter(at__lt=timezone.now() - timedelta(seconds=3 * FRESH)).delete()


#: How long a step that was told stays on the list; the audit log keeps it for good.
KEPT = timedelta(days=90)


@app.periodic(cron="11 19 * * *")  # 02:11 in Việt Nam
@app.task(queue="default", name="national.forget_sent", queueing_lock="national.forget_sent")
def forget_sent(timestamp: int) -> None:
    """Every night: take steps told long ago off the list, some thousands at a time."""
    old = Outgoing.objects.filter(state=Outgoing.State.SENT, sent_at__lt=timezone.now() - KEPT)
    while keys := list(old.values_list("pk", flat=True)[:5000]):
        Outgoing.objects.filter(pk__in=keys).delete()
