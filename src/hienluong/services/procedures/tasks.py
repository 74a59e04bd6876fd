"""Work in the background: large imports; each night, versions that begin today come into force on the lists."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app

from hienluong.foundation.actions import system
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of

from . import importers
from .actions import come_into_force
from .models import ImportBatch, Procedure, ProcedureVersion


@app.periodic(cron="5 17 * * *")  # 00:05 in Vietnam, in UTC
@app.task(queue="default", queueing_lock="procedures.new_day")
def new_day(timestamp: int = 0) -> None:
    """Bring the versions that begin today into force. Repeating it changes nothing."""
    bring_into_force(timezone.localdate())


def bring_into_force(day: date) -> int:
    """Bring the versions that begin on `day` into force, and end what is withdrawn from `day` on; returns how many."""
    begins = Q(versions__state=ProcedureVersion.State.PUBLISHED, versions__valid__startswith=day)
    beginning = Procedure.objects.filter(begins | Q(withdrawn_on=day)).distinct()
    count = 0
    for procedure in beginning:
        come_into_force(system("Danh mục thủ tục"), procedure=procedure, today=day)
        count += 1
    return count


@app.task(queue="default", retry=3)
def import_batch(batch_id: str, account_id: int, and_publish: bool) -> None:
    """Bring in a confirmed file too large for one request, as the person who confirmed it. Repeating does nothing."""
    actor = actor_of(Account.objects.get(pk=account_id))
    importers.confirm(actor, batch=ImportBatch.objects.get(pk=batch_id), and_publish=and_publish)
