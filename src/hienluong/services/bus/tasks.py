"""Background jobs of the bus."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from hienluong.foundation.actions import system

from . import alerting, catalogue, intake, proving, reporting, translating, usage
from .models import Call, Version


@app.periodic(cron="5 17 * * *")  # 00:05 in Việt Nam
@app.task(queueing_lock="bus.retire_due")
def retire_due(timestamp: int = 0) -> int:
    """Note as retired the versions whose day has come (the gateway has let nothing of them pass since it began)."""
    due = Version.objects.filter(state=Version.State.DEPRECATED, retires_on__lte=timezone.localdate())
    for version in due:
        catalogue.retire(system(_("Trục chia sẻ dữ liệu")), version=version, text=_("Đã đến ngày ngừng."))
    return len(due)


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="bus.take_in_calls")
def take_in_calls(timestamp: int = 0) -> int:
    """Every ten seconds: tell the persons whose data the mediator let through, and put its proofs into the audit chain."""
    taken = 0
    while Call.objects.filter(taken_at__isnull=True).exists():
        now = intake.take_in(system(_("Trục chia sẻ dữ liệu")))
        taken += now
        if now < intake.AT_ONCE:
            break
    return taken


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="bus.count_usage")
def count_usage(timestamp: int = 0) -> int:
    """Every ten seconds: count what the gateway wrote into its access log."""
    taken = usage.take_in()
    usage.forget()
    return taken


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="bus.watch_over")
def watch_over(timestamp: int = 0) -> tuple[int, int]:
    """Each minute: open alerts for what is not as it should be, close those that are over."""
    now = timezone.now()
    found = alerting.look(now)
    return alerting.settle(system(_("Trục chia sẻ dữ liệu")), findings=found, now=timezone.now())


@app.periodic(cron="30 17 * * *")  # 00:30 in Việt Nam
@app.task(queueing_lock="bus.close_day")
def close_day(timestamp: int = 0) -> int:
    """Every night: count what the gateway wrote, forget what is old, write the reports of yesterday and of days missed."""
    usage.take_in()
    alerting.forget(timezone.now())
    translating.forget()
    who = system(_("Trục chia sẻ dữ liệu"))
    return sum(len(reporting.make(who, day=day)) for day in reporting.due(timezone.localdate()))


@app.periodic(cron="40 17 * * *")  # 00:40 in Việt Nam
@app.task(queueing_lock="bus.forget_evidence")
def forget_evidence(timestamp: int = 0) -> int:
    """Each night: what was asked in calls whose term is over is deleted; the digests and the signatures stay."""
    return proving.forget()
