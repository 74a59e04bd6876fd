"""Work of the night: versions that begin today come into force on the lists."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from procrastinate.contrib.django import app

from hienluong.foundation.actions import system

from .actions import come_into_force
from .models import Procedure, ProcedureVersion


@app.periodic(cron="5 17 * * *")  # 00:05 in Vietnam, in UTC
@app.task(queue="default", queueing_lock="procedures.new_day")
def new_day(timestamp: int = 0) -> None:
    """Bring the versions that begin today into force. Repeating it changes nothing."""
    bring_into_force(timezone.localdate())


def bring_into_force(day: date) -> int:
    """Bring the versions that begin on `day` into force; returns how many procedures were touched."""
    beginning = Procedure.objects.filter(
        versions__state=ProcedureVersion.State.PUBLISHED, versions__valid__startswith=day
    ).distinct()
    count = 0
    for procedure in beginning:
        come_into_force(system("Danh mục thủ tục"), procedure=procedure, today=day)
        count += 1
    return count
