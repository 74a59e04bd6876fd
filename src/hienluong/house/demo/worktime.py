"""Moments at which offices work and people file, drawn by chance from the calendar of the agency."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from hienluong.foundation.calendars import deadlines
from hienluong.foundation.calendars.schedule import schedule_of
from hienluong.foundation.organisations.models import Organization

from . import proportions


def day_weights(days: list[date], place: Organization) -> list[float]:
    """How much is filed on each of these days against the mean: season, weekday, days off, slow growth."""
    schedule = schedule_of(place.path)
    weights = []
    for number, day in enumerate(days):
        weekday = proportions.WEEKDAY[day.weekday()] if schedule.plan(day).is_working else proportions.DAY_OFF
        growth = 0.9 + 0.2 * number / max(len(days), 1)
        weights.append(proportions.SEASON[day.month - 1] * weekday * growth)
    return weights


def filing_moment(chance: random.Random, day: date, *, online: bool, now: datetime) -> datetime:
    """When on `day` somebody files; on the present day, before `now`."""
    hours = proportions.ONLINE_HOURS if online else proportions.HOURS
    hour = chance.choices(list(hours), list(hours.values()))[0]
    first = 30 if hour in (7, 13) else 0
    last = 29 if hour == 11 else 59
    at = _at(day, time(hour, chance.randint(first, last), chance.randint(0, 59)))
    return at if at < now else now - timedelta(minutes=chance.randint(3, 40))


def working(at: datetime, hours: int, place: Organization, chance: random.Random) -> datetime:
    """The moment `hours` of working time after `at`, with some odd minutes, still while the office is open."""
    due = deadlines.compute(at, hours, "working_hour", place).due
    later = due + timedelta(minutes=chance.randint(0, 25), seconds=chance.randint(0, 59))
    return later if is_open(later, place) else due


def between(start: datetime, end: datetime, share: float, place: Organization, chance: random.Random) -> datetime:
    """A working moment about `share` of the way from `start` to `end`, never past `end`."""
    return min(working(start + (end - start) * share, 0, place, chance), end)


def is_open(at: datetime, place: Organization) -> bool:
    """Whether the office works at that moment."""
    local = timezone.localtime(at)
    minute = local.hour * 60 + local.minute
    return any(opens <= minute < closes for opens, closes in schedule_of(place.path).plan(local.date()).stretches)


def works_on(day: date, place: Organization) -> bool:
    """Whether the office works on that day."""
    return schedule_of(place.path).plan(day).is_working


def working_days_before(day: date, count: int, place: Organization) -> date:
    """The working day that lies `count` working days before `day`."""
    schedule = schedule_of(place.path)
    while count:
        day -= timedelta(days=1)
        count -= schedule.plan(day).is_working
    return day


def _at(day: date, moment: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, moment))
