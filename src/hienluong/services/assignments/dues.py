"""When tasks are due: always at the end of working time of a working day."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.calendars import deadlines
from hienluong.foundation.organisations.models import Organization


def end_of(day: date, organization: Organization, *, field: str = "due_on") -> datetime:
    """The end of working time on `day`, of the next working day when nobody works on it; InvalidInput for a past day."""
    now = timezone.now()
    days = (day - timezone.localdate(now)).days
    if days < 0:
        raise InvalidInput(_("Hạn phải từ hôm nay trở đi."), field=field)
    if days > deadlines.LONGEST:
        raise InvalidInput(_("Hạn quá xa. Hãy xem lại ngày."), field=field)
    return deadlines.compute(now, days, "calendar_day", organization).due


def after(working_days: int, organization: Organization) -> datetime:
    """The end of working time of the `working_days`-th working day from today."""
    return deadlines.compute(timezone.now(), working_days, "working_day", organization).due
