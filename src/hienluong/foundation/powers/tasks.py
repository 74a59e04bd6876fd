"""What the calendar does: opens, reminds and closes reviews, and asks for what was done in an emergency."""

from __future__ import annotations

import logging
from datetime import date

from django.utils import timezone
from procrastinate.contrib.django import app

from hienluong.foundation.actions import NotFound, system

from . import emergencies, reviewing, telling
from .models import Campaign

logger = logging.getLogger(__name__)


@app.periodic(cron="11 1 * * *")  # 08:11 in Việt Nam
@app.task(queue="default", name="powers.review", queueing_lock="powers.review")
def review(timestamp: int) -> None:
    """Each morning: open the quarter's review when there is none, remind, close what is past its last day.

    What was missed while the machine stood still is made up for; doing it again changes nothing.
    """
    try:
        telling.province()
    except NotFound:  # nothing is loaded yet
        return
    actor, today = system("Xác nhận lại quyền mỗi quý"), timezone.localdate()
    for campaign in Campaign.objects.filter(closed_at=None).order_by("opened_at"):
        if today > campaign.due_on:
            reviewing.close_campaign(actor, campaign=campaign)
        else:
            reviewing.remind(actor, campaign=campaign)
    if is_due(today):
        reviewing.open_campaign(actor)


def is_due(today: date) -> bool:
    """Whether this quarter has no review yet."""
    return not Campaign.objects.filter(quarter=reviewing.quarter_of(today)).exists()


@app.periodic(cron="13 1 * * *")
@app.task(queue="default", name="powers.remind_of_emergencies", queueing_lock="powers.remind_of_emergencies")
def remind_of_emergencies(timestamp: int) -> None:
    """Each morning: emergencies that nobody has looked at."""
    for emergency in emergencies.unreviewed():
        emergencies.remind(system("Nhắc xem xét quyền khẩn cấp"), emergency=emergency)
