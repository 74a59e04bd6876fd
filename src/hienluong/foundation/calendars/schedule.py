"""What each day is for an organisation: working or not, at which hours, and why. Kept per process.

The tables are small (a few hundred rows), so a process reads them whole, once, and looks at the revision number
at most every :data:`LOOK_AGAIN_AFTER` seconds. Changes made in the same process count at once.
"""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from hienluong.foundation.organisations.queries import path_ids

from .models import Revision, SpecialDay, WorkingCalendar

#: Seconds during which a process trusts its copy without asking the database.
LOOK_AGAIN_AFTER = 5.0

#: Days that one schedule remembers before it begins anew (60 years).
MOST_DAYS = 22_000

Minutes = tuple[int, int]  # from, to: minutes after midnight

_OFFICE_HOURS: tuple[Minutes, ...] = ((450, 690), (810, 1020))  # 07:30–11:30, 13:30–17:00

WORKING = gettext_noop("Ngày làm việc")
SWAPPED = gettext_noop("Ngày làm việc: %(name)s")
WEEKEND = gettext_noop("Nghỉ hằng tuần")
HOLIDAY = gettext_noop("Ngày nghỉ: %(name)s")
CLOSED = gettext_noop("Đóng cửa: %(name)s")


@dataclass(frozen=True)
class DayPlan:
    """One day of one organisation: its stretches of working time in minutes after midnight, and the reason."""

    stretches: tuple[Minutes, ...]
    template: str
    name: str = ""

    @property
    def is_working(self) -> bool:
        """Whether anybody works on that day."""
        return bool(self.stretches)

    @property
    def minutes(self) -> int:
        """Working time of the day in minutes."""
        return sum(end - start for start, end in self.stretches)

    @property
    def closes(self) -> int:
        """End of working time, in minutes after midnight (only of working days)."""
        return self.stretches[-1][1]

    @property
    def reason(self) -> str:
        """Why the day counts or not, in the language of the reader."""
        return _in_words(self.template, self.name, get_language())


@lru_cache(maxsize=4096)
def _in_words(template: str, name: str, language: str | None) -> str:
    """The words of a reason; `language` is the active one and keeps the languages apart in the cache."""
    return _(template) % {"name": name} if name else _(template)


@dataclass(frozen=True)
class _Week:
    lower: date | None
    upper: date | None
    days: tuple[tuple[Minutes, ...], ...]

    def covers(self, day: date) -> bool:
        return (self.lower is None or self.lower <= day) and (self.upper is None or day < self.upper)


@dataclass(frozen=True)
class _Special:
    kind: str
    name: str
    like_weekday: int


_DEFAULT_WEEK = _Week(None, None, (_OFFICE_HOURS,) * 5 + ((), ()))


@dataclass
class Schedule:
    """The days of one organisation; `owners` are it and its ancestors, nearest first, then None (everybody)."""

    owners: tuple[int | None, ...]
    weeks: dict[int | None, list[_Week]]
    specials: dict[int | None, dict[date, _Special]]
    _plans: dict[date, DayPlan] = field(default_factory=dict)

    def plan(self, day: date) -> DayPlan:
        """What `day` is."""
        found = self._plans.get(day)
        if found is None:
            if len(self._plans) >= MOST_DAYS:
                self._plans.clear()
            found = self._plans[day] = self._make(day)
        return found

    def week(self, day: date) -> tuple[tuple[Minutes, ...], ...]:
        """The usual working time of the week in force on a day, Monday first; special days aside."""
        return self._week(day).days

    def _make(self, day: date) -> DayPlan:
        week = self._week(day)
        special = next((s for owner in self.owners if (s := self.specials.get(owner, {}).get(day))), None)
        if special is None:
            stretches = week.days[day.weekday()]
            return DayPlan(stretches, WORKING if stretches else WEEKEND)
        if special.kind == SpecialDay.Kind.WORKDAY:
            return DayPlan(week.days[special.like_weekday], SWAPPED, special.name)
        return DayPlan((), HOLIDAY if special.kind == SpecialDay.Kind.HOLIDAY else CLOSED, special.name)

    def _week(self, day: date) -> _Week:
        for owner in self.owners:
            for week in self.weeks.get(owner, ()):
                if week.covers(day):
                    return week
        return _DEFAULT_WEEK


class _Copy:
    """This process's copy of the calendar tables."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        with self.lock:
            self.revision: int | None = None
            self.looked_at = 0.0
            self.weeks: dict[int | None, list[_Week]] = {}
            self.specials: dict[int | None, dict[date, _Special]] = {}
            self.by_path: dict[str, Schedule] = {}
            self.by_owners: dict[tuple[int | None, ...], Schedule] = {}

    def schedule(self, path: str) -> Schedule:
        with self.lock:
            if self.revision is None or clock.monotonic() - self.looked_at > LOOK_AGAIN_AFTER:
                self._look()
            found = self.by_path.get(path)
            if found is None:
                found = self.by_path[path] = self._share(path)
            return found

    def _share(self, path: str) -> Schedule:
        """One schedule for all organisations that differ in nothing."""
        special = self.weeks.keys() | self.specials.keys()
        owners = (*(pk for pk in reversed(path_ids(path)) if pk in special), None)
        if owners not in self.by_owners:
            self.by_owners[owners] = Schedule(owners, self.weeks, self.specials)
        return self.by_owners[owners]

    def _look(self) -> None:
        number = Revision.objects.filter(pk=1).values_list("number", flat=True).first() or 0
        if number != self.revision:
            self.clear()
            self._load()
            self.revision = number
        self.looked_at = clock.monotonic()

    def _load(self) -> None:
        for calendar in WorkingCalendar.objects.prefetch_related("hours").order_by("pk"):
            days: list[list[Minutes]] = [[] for _day in range(7)]
            for hours in calendar.hours.all():
                days[hours.weekday].append((_minutes(hours.opens), _minutes(hours.closes)))
            week = _Week(calendar.valid.lower, calendar.valid.upper, tuple(tuple(sorted(day)) for day in days))
            self.weeks.setdefault(calendar.organization_id, []).append(week)
        rows: Sequence[tuple[int | None, date, str, str, int]] = list(
            SpecialDay.objects.values_list("organization_id", "date", "kind", "name", "like_weekday")
        )
        for owner, day, kind, name, like in rows:
            self.specials.setdefault(owner, {})[day] = _Special(kind, name, like)


_copy = _Copy()


def schedule_of(path: str) -> Schedule:
    """The schedule of the organisation with this path (``/1/5/``)."""
    return _copy.schedule(path)


def changed() -> None:
    """Call inside the transaction of each change: other processes will read again, this one at once."""
    if not Revision.objects.filter(pk=1).update(number=F("number") + 1):
        Revision.objects.get_or_create(pk=1, defaults={"number": 1})
    _copy.clear()
    if connection.in_atomic_block:
        transaction.on_commit(_copy.clear)


def forget() -> None:
    """Drop this process's copy (after a rollback, and between tests)."""
    _copy.clear()


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
