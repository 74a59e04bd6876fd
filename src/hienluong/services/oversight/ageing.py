"""How late an open dossier is: in working days of the calendar of the agency that decides, and never while it waits
for the person.

The day on which a dossier is so many working days late is the same for everybody with the same calendar. So each
bucket is a stretch of due dates per calendar, which the database compares without counting days.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, CharField, DateTimeField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from hienluong.foundation.calendars.models import SpecialDay, WorkingCalendar
from hienluong.foundation.calendars.schedule import Schedule, schedule_of
from hienluong.foundation.organisations.models import Organization
from hienluong.services.dossiers.access import under
from hienluong.services.dossiers.models import PAUSED_STATES, Dossier

#: The buckets by the most working days late they take in; the last takes the rest.
BUCKETS: tuple[tuple[str, int], ...] = (("1-5", 5), ("6-30", 30))
OLDEST = "tren-30"
ALL_BUCKETS = (*(name for name, _most in BUCKETS), OLDEST)
PAUSED, IN_TIME = "tam-dung", "trong-han"


def boundary(schedule: Schedule, today: date, most: int) -> datetime:
    """The first moment at which a due date is at most `most` working days behind `today`."""
    day, passed = today, 0
    while True:
        passed += schedule.plan(day).is_working
        if passed > most:
            return timezone.make_aware(datetime.combine(day, time()))
        day -= timedelta(days=1)


def with_bucket(dossiers: QuerySet[Dossier], now: datetime | None = None) -> QuerySet[Any]:
    """Open dossiers with their ``bucket``: paused, in time, or how late."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    own = _own_calendars()
    return dossiers.annotate(
        counted_due=Coalesce(F("due_at"), Value(now, DateTimeField())),
        bucket=Case(
            When(state__in=PAUSED_STATES, then=Value(PAUSED)),
            When(counted_due__gte=now, then=Value(IN_TIME)),
            *(When(counted_due__gte=_boundaries(own, today, most), then=Value(name)) for name, most in BUCKETS),
            default=Value(OLDEST),
            output_field=CharField(),
        ),
    )


def _boundaries(own: dict[str, list[int]], today: date, most: int) -> Case | Value:
    """The boundary of everybody, and of the agencies whose calendar differs."""
    everybody = Value(boundary(schedule_of(""), today, most), DateTimeField())
    different: dict[datetime, list[int]] = defaultdict(list)
    for path, agencies in own.items():
        at = boundary(schedule_of(path), today, most)
        if at != everybody.value:
            different[at] += agencies
    whens = [When(competent_id__in=ids, then=Value(at, DateTimeField())) for at, ids in different.items()]
    return Case(*whens, default=everybody, output_field=DateTimeField()) if whens else everybody


def _own_calendars() -> dict[str, list[int]]:
    """Agencies below an organisation with a calendar or a closure of its own, by path: few, in one query."""
    owners = WorkingCalendar.objects.filter(organization__isnull=False).values_list("organization__path", flat=True)
    closed = SpecialDay.objects.filter(organization__isnull=False).values_list("organization__path", flat=True)
    paths = tuple(owners.union(closed))
    if not paths:
        return {}
    found: dict[str, list[int]] = defaultdict(list)
    agencies = Organization.objects.filter(under(paths, "path")).exclude(kind=Organization.Kind.SERVICE_CENTRE)
    for pk, path in agencies.exclude(kind=Organization.Kind.COUNTER).values_list("pk", "path"):
        found[path].append(pk)
    return found
