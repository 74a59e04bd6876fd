"""Dates and moments as Vietnamese people write them; English keeps the day/month/year order."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

_WEEKDAYS_VI = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ Nhật")
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Moment = date | datetime


def local(value: Moment) -> Moment:
    """The value in Vietnamese time; a plain date and a naive datetime stay as they are."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def weekday(value: Moment) -> str:
    """“thứ Hai”, or “Monday” in English."""
    names = _WEEKDAYS_EN if (get_language() or "vi").startswith("en") else _WEEKDAYS_VI
    return names[local(value).weekday()]


def short(value: Moment) -> str:
    """“23/11/2026”; a datetime also shows its time: “08:05 23/11/2026”."""
    value = local(value)
    return value.strftime("%H:%M %d/%m/%Y") if isinstance(value, datetime) else value.strftime("%d/%m/%Y")


def full(value: Moment) -> str:
    """“thứ Hai, 23/11/2026”; a datetime: “08:05 thứ Hai, 23/11/2026”."""
    value = local(value)
    day = f"{weekday(value)}, {value.strftime('%d/%m/%Y')}"
    return f"{value.strftime('%H:%M')} {day}" if isinstance(value, datetime) else day


def relative(value: Moment, now: datetime | None = None) -> str:
    """“hôm nay”, “còn 3 ngày”, “5 phút trước”: how far the value is from now, in whole units.

    A plain date counts in days of the Vietnamese calendar; these are not working days.
    """
    moment = now or timezone.now()
    if not isinstance(value, datetime):
        return _days_away((value - timezone.localdate(moment)).days)
    delta = value - moment
    ahead = delta > timedelta(0)
    minutes = int(abs(delta).total_seconds() // 60)
    if minutes < 1:
        return _("vừa xong") if not ahead else _("trong chốc lát")
    if minutes < 60:
        return _minutes(minutes, ahead)
    if minutes < 60 * 24:
        return _hours(minutes // 60, ahead)
    return _days_away((timezone.localdate(value) - timezone.localdate(moment)).days)


def _minutes(count: int, ahead: bool) -> str:
    text = (
        ngettext("còn %(count)d phút", "còn %(count)d phút", count)
        if ahead
        else ngettext("%(count)d phút trước", "%(count)d phút trước", count)
    )
    return text % {"count": count}


def _hours(count: int, ahead: bool) -> str:
    text = (
        ngettext("còn %(count)d giờ", "còn %(count)d giờ", count)
        if ahead
        else ngettext("%(count)d giờ trước", "%(count)d giờ trước", count)
    )
    return text % {"count": count}


def _days_away(days: int) -> str:
    named = {0: _("hôm nay"), 1: _("ngày mai"), -1: _("hôm qua")}
    if days in named:
        return named[days]
    count = abs(days)
    text = (
        ngettext("còn %(count)d ngày", "còn %(count)d ngày", count)
        if days > 0
        else ngettext("%(count)d ngày trước", "%(count)d ngày trước", count)
    )
    return text % {"count": count}
