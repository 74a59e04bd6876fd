"""Reminding of tasks that are due soon and of those that are late, once each."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import Act, action, system
from hienluong.foundation.calendars.deadlines import next_working_day
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.notifications.models import Notification

from . import notices, rights
from .models import RUNNING_STATES, Assignment, Part

WHO = system("Nhắc hạn việc được giao")
#: Days after the due time of which those are reminded who have a task, and from the second on who gave it, too.
LATE_AFTER = (1, 3, 7, 14, 30)


def remind_all() -> int:
    """Remind of what is due until the end of the next working day, and of what has been late for a while.

    What was said is not said again, so it may be called as often as one likes. Returns how many were reminded of.
    """
    now, done = timezone.now(), 0
    today = timezone.localdate(now)
    waiting = (
        Assignment.objects.filter(state__in=RUNNING_STATES, due_at__lt=now + timedelta(days=12))
        .exclude(part=Part.INFORMED)
        .select_related("official", "organization", "giver")
        .order_by("pk")
    )
    for each in waiting.iterator(500):
        assert each.due_at is not None
        if each.due_at > now:
            if timezone.localdate(each.due_at) <= next_working_day(today, each.organization):
                done += _once(each, f"due:{each.due_at:%Y%m%d}", 0)
            continue
        late = [days for days in LATE_AFTER if each.due_at + timedelta(days=days) <= now]
        if late:
            done += _once(each, f"late:{each.due_at:%Y%m%d}:{late[-1]}", late[-1])
    return done


def _once(assignment: Assignment, key: str, late: int) -> int:
    if Notification.objects.filter(key=f"assignment:{assignment.pk}:{key}").exists():
        return 0
    remind_of(WHO, assignment=assignment, key=key, late=late)
    return 1


@action("assignments.remind_of_due")
def remind_of(act: Act, *, assignment: Assignment, key: str, late: int) -> None:
    """Tell those concerned that a task is due soon (`late` 0) or has been late for so many days."""
    told: list[Account] = rights.accounts_of(rights.receivers_of(assignment))
    if late > LATE_AFTER[0] and assignment.giver:
        told += rights.accounts_of([assignment.giver])
    title = gettext_lazy("Một việc quá hạn %(days)s ngày") if late else gettext_lazy("Một việc sắp đến hạn")
    for account in told:
        with translation.override(account.language):
            notify(
                act,
                account=account,
                key=f"assignment:{assignment.pk}:{key}",
                kind="assignments.due",
                title=str(title) % {"days": late} if late else str(title),
                body=notices.body_of(assignment),
                href=notices.page_of(assignment),
            )
    act.record(assignment, after={"told": len(told), "late": late}, organization_id=assignment.giver_agency_id)
