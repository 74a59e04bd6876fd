"""Deadlines in working days, working hours or calendar days, that explain themselves line by line.

Bộ luật Dân sự 2015 (91/2015/QH13): the day on which a period begins is not counted (Điều 147), a period in hours
begins at the given moment (Điều 147), a period whose last day is a day off ends with the next working day
(Điều 148). "N working days" means due at the end of working time on the Nth counted day. Working hours count the
exact minutes inside working time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import DomainError, InvalidInput
from hienluong.foundation.organisations.models import Organization

from .schedule import DayPlan, Schedule, schedule_of

Unit = Literal["working_day", "working_hour", "calendar_day"]

#: The longest period that may be asked for, in its own unit.
LONGEST = 3660
#: Days in a row without working time after which we say that the calendar is wrong.
_PATIENCE = 120

_DAY = timedelta(days=1)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One day of the reckoning: whether it counted, why, and with how many working hours."""

    day: date
    counted: bool
    reason: str
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Deadline:
    """When it is due (aware, UTC), and the days that led there."""

    due: datetime
    lines: list[Line]


def compute(
    start: datetime, amount: int, unit: Unit, organization: Organization, cutoff: time | None = None
) -> Deadline:
    """The deadline of `amount` units from `start` (aware) in the working time of `organization`.

    `cutoff` is a rule of the caller ("after 15:00 counts from the next working day"): what comes later on a working
    day, or on a day off, is taken as received on the next working day. Zero days means due the same working day.
    InvalidInput for a negative or absurd amount; DomainError when the calendar has no working day in reach.
    """
    if not 0 <= amount <= LONGEST:
        raise InvalidInput(
            _("Thời hạn phải từ 0 đến %(most)s.") % {"most": LONGEST}, code="calendars.bad_amount", field="amount"
        )
    schedule = schedule_of(organization.path)
    local = timezone.localtime(start)
    lines: list[Line] = []
    begun = _after_cutoff(schedule, local, cutoff, lines) if cutoff else local
    if unit == "working_hour":
        return _working_hours(schedule, begun, amount * 60, lines)
    if unit == "calendar_day":
        return _calendar_days(schedule, begun, amount, lines)
    return _working_days(schedule, begun, amount, lines)


def extend(
    due: datetime, paused_from: datetime, paused_to: datetime, organization: Organization, unit: Unit = "working_day"
) -> Deadline:
    """The new deadline after the clock stood still from `paused_from` to `paused_to`.

    What was left when the clock stopped is reckoned again from the day (for hours: the moment) it goes on. A
    deadline that had passed before the pause stays where it was.
    """
    if paused_to < paused_from:
        raise InvalidInput(_("Tạm dừng phải kết thúc sau khi bắt đầu."), code="calendars.bad_pause", field="paused_to")
    if paused_from >= due or paused_from == paused_to:
        return Deadline(due, [])
    schedule = schedule_of(organization.path)
    stopped, ends, resumed = timezone.localtime(paused_from), timezone.localtime(due), timezone.localtime(paused_to)
    if unit == "working_hour":
        left = _minutes_between(schedule, stopped, ends)
        return _working_hours(schedule, resumed, left, _pause_lines(schedule, stopped, resumed))
    if stopped.date() == resumed.date():
        return Deadline(due, [])
    lines = _pause_lines(schedule, stopped, resumed)
    if unit == "calendar_day":
        return _calendar_days(schedule, resumed, (ends.date() - stopped.date()).days, lines)
    left = sum(schedule.plan(day).is_working for day in _days(stopped.date() + _DAY, ends.date()))
    return _working_days(schedule, resumed, left, lines)


def working_time_between(start: datetime, end: datetime, organization: Organization) -> timedelta:
    """Working time from `start` to `end`; negative when `end` comes first."""
    if end < start:
        return -working_time_between(end, start, organization)
    schedule = schedule_of(organization.path)
    first, last = timezone.localtime(start), timezone.localtime(end)
    total = timedelta()
    for day in _days(first.date(), last.date()):
        if first.date() < day < last.date():
            total += timedelta(minutes=schedule.plan(day).minutes)
            continue
        for opens, closes in schedule.plan(day).stretches:
            total += max(timedelta(), min(last, _at(day, closes)) - max(first, _at(day, opens)))
    return total


def working_days_between(start: date, end: date, organization: Organization) -> int:
    """Working days after `start` up to and including `end`; negative when `end` comes first."""
    if end < start:
        return -working_days_between(end, start, organization)
    schedule = schedule_of(organization.path)
    return sum(schedule.plan(day).is_working for day in _days(start + _DAY, end))


def is_working_day(day: date, organization: Organization) -> bool:
    """Whether `organization` works on `day`."""
    return schedule_of(organization.path).plan(day).is_working


def next_working_day(day: date, organization: Organization) -> date:
    """The first working day after `day`."""
    return _next_working(schedule_of(organization.path), day)


def _after_cutoff(schedule: Schedule, local: datetime, cutoff: time, lines: list[Line]) -> datetime:
    plan = schedule.plan(local.date())
    if plan.is_working and local.time() <= cutoff:
        return local
    why = (
        _("Nhận sau %(cutoff)s: coi như nhận vào ngày làm việc tiếp theo") % {"cutoff": f"{cutoff:%H:%M}"}
        if plan.is_working
        else _("%(reason)s: coi như nhận vào ngày làm việc tiếp theo") % {"reason": plan.reason}
    )
    lines.append(Line(local.date(), False, why, _NOTHING))
    taken = _next_working(schedule, local.date())
    lines.extend(_off(schedule, day) for day in _days(local.date() + _DAY, taken - _DAY))
    return _at(taken, schedule.plan(taken).stretches[0][0])


def _working_days(schedule: Schedule, begun: datetime, amount: int, lines: list[Line]) -> Deadline:
    day = begun.date()
    plan = schedule.plan(day)
    if amount == 0 and plan.is_working and begun <= _at(day, plan.closes):
        lines.append(Line(day, True, _("Trả trong ngày nhận"), _hours(plan.minutes)))
        return _due(_at(day, plan.closes), lines)
    lines.append(Line(day, False, _("Ngày bắt đầu, không tính"), _NOTHING))
    left = max(amount, 1)
    idle = 0
    while left:
        day += _DAY
        plan = schedule.plan(day)
        idle = 0 if plan.is_working else idle + 1
        if idle > _PATIENCE:
            raise _no_working_day(day)
        lines.append(Line(day, plan.is_working, plan.reason, _hours(plan.minutes)))
        left -= plan.is_working
    return _due(_at(day, plan.closes), lines)


def _calendar_days(schedule: Schedule, begun: datetime, amount: int, lines: list[Line]) -> Deadline:
    day = begun.date()
    last = day + timedelta(days=amount)
    if amount:
        lines.append(Line(day, False, _("Ngày bắt đầu, không tính"), _NOTHING))
        lines.extend(_counted(schedule, each) for each in _days(day + _DAY, last))
    plan = schedule.plan(last)
    if not plan.is_working or begun > _at(last, plan.closes):
        ends = _next_working(schedule, last)
        between = [_off(schedule, each) for each in _days(last + _DAY, ends - _DAY)]
        moved = _("Ngày cuối là ngày nghỉ: kết thúc vào ngày làm việc tiếp theo")
        lines += [*between, Line(ends, False, moved, _hours(schedule.plan(ends).minutes))]
        last = ends
    elif not amount:
        lines.append(_counted(schedule, last))
    return _due(_at(last, schedule.plan(last).closes), lines)


def _working_hours(schedule: Schedule, begun: datetime, minutes: int, lines: list[Line]) -> Deadline:
    left = timedelta(minutes=minutes)
    day, idle = begun.date(), 0
    while True:
        plan = schedule.plan(day)
        used = timedelta()
        for opens, closes in plan.stretches:
            start = max(begun, _at(day, opens))
            room = _at(day, closes) - start
            if room < timedelta() or (room == timedelta() and left):
                continue
            if left <= room:
                used += left
                lines.append(Line(day, True, plan.reason, _hours(used.total_seconds() / 60)))
                return _due(start + left, lines)
            used, left = used + room, left - room
        lines.append(_spent(plan, day, used))
        idle = 0 if plan.is_working else idle + 1
        if idle > _PATIENCE:
            raise _no_working_day(day)
        day += _DAY


def _spent(plan: DayPlan, day: date, used: timedelta) -> Line:
    if not plan.is_working or used:
        return Line(day, bool(used), plan.reason, _hours(used.total_seconds() / 60))
    return Line(day, False, _("Ngoài giờ làm việc"), _NOTHING)


def _pause_lines(schedule: Schedule, stopped: datetime, resumed: datetime) -> list[Line]:
    return [
        Line(day, False, _("Tạm dừng tính thời hạn"), _NOTHING) for day in _days(stopped.date(), resumed.date() - _DAY)
    ]


def _minutes_between(schedule: Schedule, start: datetime, end: datetime) -> int:
    total = timedelta()
    for day in _days(start.date(), end.date()):
        for opens, closes in schedule.plan(day).stretches:
            total += max(timedelta(), min(end, _at(day, closes)) - max(start, _at(day, opens)))
    return -(-int(total.total_seconds()) // 60)


def _next_working(schedule: Schedule, day: date) -> date:
    for _try in range(_PATIENCE):
        day += _DAY
        if schedule.plan(day).is_working:
            return day
    raise _no_working_day(day)


def _no_working_day(day: date) -> DomainError:
    return DomainError(
        _("Lịch làm việc không có ngày làm việc nào trước %(day)s.") % {"day": f"{day:%d/%m/%Y}"},
        code="calendars.no_working_day",
    )


def _off(schedule: Schedule, day: date) -> Line:
    return Line(day, False, schedule.plan(day).reason, _NOTHING)


def _counted(schedule: Schedule, day: date) -> Line:
    plan = schedule.plan(day)
    return Line(day, True, plan.reason, _hours(plan.minutes))


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += _DAY


def _at(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=timezone.get_default_timezone())


def _due(local: datetime, lines: list[Line]) -> Deadline:
    return Deadline(local.astimezone(UTC), lines)


_HOURS: dict[float, Decimal] = {}


def _hours(minutes: float) -> Decimal:
    if minutes not in _HOURS and len(_HOURS) < 2000:
        _HOURS[minutes] = (Decimal(str(minutes)) / 60).quantize(Decimal("0.01"))
    return _HOURS.get(minutes) or (Decimal(str(minutes)) / 60).quantize(Decimal("0.01"))
