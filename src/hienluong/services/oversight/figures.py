"""Bringing the summed-up figures up to date, and reading them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from operator import add
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.services.dossiers.access import under
from hienluong.services.dossiers.models import OPEN_STATES, Dossier

from . import ageing
from .models import Figure, Refresh, Satisfaction

ONLINE = ("online", "national_portal")
_COLUMNS = "filed, received, finished, on_time, late, refused, rating_count, rating_sum"

_DAYS = f"""
INSERT INTO oversight_figure (grain, day, organization_id, field_code, channel, {_COLUMNS})
SELECT 'day', (d.submitted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, d.competent_id, p.field_id, d.channel,
       count(*), count(d.received_at), count(d.finished_at),
       count(*) FILTER (WHERE d.finished_at IS NOT NULL AND NOT d.is_late),
       count(*) FILTER (WHERE d.finished_at IS NOT NULL AND d.is_late),
       count(*) FILTER (WHERE d.state = 'refused'),
       count(s.mean), coalesce(sum(s.mean), 0)
  FROM dossiers_dossier d
  JOIN procedures_procedureversion v ON v.id = d.procedure_version_id
  JOIN procedures_procedure p ON p.id = v.procedure_id
  LEFT JOIN oversight_satisfaction s ON s.dossier_id = d.id
 WHERE d.submitted_at >= %s
 GROUP BY 2, 3, 4, 5
"""  # noqa: S608 - column names of our own
_MONTHS = f"""
INSERT INTO oversight_figure (grain, day, organization_id, field_code, channel, {_COLUMNS})
SELECT 'month', date_trunc('month', day)::date, organization_id, field_code, channel,
       {", ".join(f"sum({name.strip()})" for name in _COLUMNS.split(","))}
  FROM oversight_figure
 WHERE grain = 'day' AND day >= %s
 GROUP BY 2, 3, 4, 5
"""  # noqa: S608 - column names of our own


def refresh(since: datetime | None = None) -> int:
    """Sum up again every day and month from the month of `since` (all when None); returns the rows written."""
    start = since or timezone.make_aware(datetime(2000, 1, 1))
    start = timezone.localtime(start).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('oversight.figures'))")
        Figure.objects.filter(day__gte=timezone.localdate(start)).delete()
        cursor.execute(_DAYS, [start])
        written = cursor.rowcount
        cursor.execute(_MONTHS, [timezone.localdate(start)])
        written += cursor.rowcount
        Refresh.objects.all().delete()
        Refresh.objects.create(at=timezone.now())
    return int(written)


def remember_rating(dossier_id: int, mean: float) -> None:
    """Keep the score of a rated dossier (idempotent)."""
    Satisfaction.objects.update_or_create(dossier_id=dossier_id, defaults={"mean": mean})


@dataclass(frozen=True)
class Scope:
    """Which figures: of dossiers filed from day to day, under these paths and in this area, in this field.

    `area` is None for everywhere; an empty tuple is nowhere.
    """

    since: date
    until: date
    paths: tuple[str, ...]
    field: str = ""
    area: tuple[str, ...] | None = None

    def places(self, path_field: str) -> Q:
        """The filter of the places, on the field that holds a path."""
        found = under(self.paths, path_field)
        return found if self.area is None else found & under(self.area, path_field)

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The first moment of the period, and the first after it."""
        ends = self.until + timedelta(days=1)
        return tuple(timezone.make_aware(datetime.combine(day, time())) for day in (self.since, ends))  # type: ignore[return-value]


def scope_of(actor: Actor, since: date, until: date, field: str = "", area: tuple[str, ...] | None = None) -> Scope:
    """What this person may oversee."""
    return Scope(since, until, actor.paths_with("oversight.view"), field, area)


def _figures(scope: Scope) -> QuerySet[Figure]:
    rows = Figure.objects.filter(scope.places("organization__path"), _in_period(scope.since, scope.until))
    return rows.filter(field_code=scope.field) if scope.field else rows


def _in_period(since: date, until: date) -> Q:
    """The whole months of the period by month, and the days left at both ends by day.

    Nothing is filed after today, so the month of today counts as whole when the period reaches today.
    """
    first = since if since.day == 1 else _next_month(since)
    last = _next_month(until)
    if until < timezone.localdate() and (until + timedelta(days=1)).day != 1:
        last = until.replace(day=1)
    if first >= last:  # within one month, or two without a whole one between
        return Q(grain="day", day__gte=since, day__lte=until)
    whole = Q(grain="month", day__gte=first, day__lt=last)
    before = Q(grain="day", day__gte=since, day__lt=first)
    after = Q(grain="day", day__gte=last, day__lte=until)
    found = whole
    if since < first:
        found |= before
    return found | after if last <= until else found


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


@dataclass(frozen=True)
class Line:
    """One line of a table: sums and the rates derived from them (None where there is nothing to divide)."""

    label: str
    key: str
    filed: int = 0
    finished: int = 0
    on_time: int = 0
    late: int = 0
    online: int = 0
    rating_count: int = 0
    rating_sum: float = 0.0

    @property
    def on_time_rate(self) -> float | None:
        """Share of finished dossiers that were on time, in percent."""
        return 100 * self.on_time / self.finished if self.finished else None

    @property
    def online_rate(self) -> float | None:
        """Share of dossiers filed online, in percent."""
        return 100 * self.online / self.filed if self.filed else None

    @property
    def satisfaction(self) -> float | None:
        """Mean score, 1 to 5."""
        return self.rating_sum / self.rating_count if self.rating_count else None


@dataclass(frozen=True)
class Summary:
    """The finished side of the picture: everything, by month (oldest first), by organisation (most late first)."""

    total: Line
    months: list[Line]
    organizations: list[Line]


def summary(scope: Scope) -> Summary:
    """All sums in one query: by month and organisation, added up here; names are looked up for what there is."""
    rows = list(
        _figures(scope)
        .annotate(month=TruncMonth("day"))
        .values_list("month", "organization_id")
        .annotate(
            sum_filed=Sum("filed"),
            sum_finished=Sum("finished"),
            sum_on_time=Sum("on_time"),
            sum_late=Sum("late"),
            sum_online=Sum("filed", filter=Q(channel__in=ONLINE), default=0),
            sum_rating_count=Sum("rating_count"),
            sum_rating_sum=Sum("rating_sum"),
        )
        .order_by("month")
    )
    total = _Sums("")
    months: dict[str, _Sums] = {}
    organizations: dict[str, _Sums] = {}
    names = _names(Organization, "name", {organization for _month, organization, *_sums in rows})
    for month, organization, *sums in rows:
        code, name = names[organization]
        key = month.isoformat()
        for found in (
            total,
            months.get(key) or months.setdefault(key, _Sums(f"{month:%m/%Y}")),
            organizations.get(code) or organizations.setdefault(code, _Sums(name)),
        ):
            found.values = list(map(add, found.values, sums))
    by_late = sorted(
        (found.line(code) for code, found in organizations.items()),
        key=lambda line: (-line.late, -line.filed, line.key),
    )
    return Summary(total.line(""), [found.line(key) for key, found in months.items()], by_late)


def _names(model: type[Organization | Official], name: str, keys: Collection[int]) -> dict[int, tuple[str, str]]:
    """Code and name by key."""
    return {
        key: (code, called) for key, code, called in model.objects.filter(pk__in=keys).values_list("pk", "code", name)
    }


@dataclass
class _Sums:
    """The sums of one line while they are added up, in the order of :class:`Line`."""

    label: str
    values: list[Any] = field(default_factory=lambda: [0] * 7)

    def line(self, key: str) -> Line:
        return Line(self.label, key, *self.values)


@dataclass
class OpenLine:
    """What is in hand now at one organisation or official: how much, how much waits, how much is how late."""

    label: str
    key: str
    open: int = 0
    paused: int = 0
    overdue: int = 0
    late: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ageing.ALL_BUCKETS, 0))

    def add(self, bucket: str, count: int) -> None:
        """Count dossiers of one bucket."""
        self.open += count
        if bucket == ageing.PAUSED:
            self.paused += count
        elif bucket != ageing.IN_TIME:
            self.overdue += count
            self.late[bucket] += count


@dataclass(frozen=True)
class InHand:
    """Open dossiers now: everything, by organisation, and the officials who hold overdue ones."""

    total: OpenLine
    organizations: list[OpenLine]
    officials: list[OpenLine]


def open_dossiers(scope: Scope) -> QuerySet[Any]:
    """The dossiers of the scope that are not finished, each with its bucket."""
    return ageing.with_bucket(filed_dossiers(scope).filter(state__in=OPEN_STATES))


def filed_dossiers(scope: Scope) -> QuerySet[Dossier]:
    """The dossiers of the scope, live: what the sums are sums of."""
    first, after = scope.moments
    found = Dossier.objects.filter(scope.places("competent__path"), submitted_at__gte=first, submitted_at__lt=after)
    return found.filter(procedure_version__procedure__field_id=scope.field) if scope.field else found


def in_hand(scope: Scope) -> InHand:
    """What is in hand, counted live in one query; names are looked up for what there is."""
    rows = list(
        open_dossiers(scope)
        .order_by()
        .values_list("competent_id", "assignee_id", "bucket")
        .annotate(counted=Count("*"))  # not the key: the index over open dossiers holds all else that is read
    )
    total = OpenLine("", "")
    organizations: dict[str, OpenLine] = {}
    officials: dict[str, OpenLine] = {}
    agencies = _names(Organization, "name", {row[0] for row in rows})
    people = _names(Official, "full_name", {row[1] for row in rows if row[1]})
    for competent, assignee, bucket, count in rows:
        code, name = agencies[competent]
        total.add(bucket, count)
        organizations.setdefault(code, OpenLine(name, code)).add(bucket, count)
        if assignee:
            official, full_name = people[assignee]
            officials.setdefault(official, OpenLine(full_name, official)).add(bucket, count)
    return InHand(total, _worst(organizations.values()), _worst(o for o in officials.values() if o.overdue))


def _worst(lines: Iterable[OpenLine]) -> list[OpenLine]:
    return sorted(lines, key=lambda line: (-line.overdue, -line.open, line.key))


def refreshed_at() -> datetime | None:
    """When the figures were last summed up."""
    return Refresh.objects.values_list("at", flat=True).first()


def is_rated() -> Q:
    """Dossiers that were rated."""
    return Q(pk__in=Satisfaction.objects.values("dossier_id"))


def scores_of(dossiers: Iterable[Dossier]) -> dict[int, float]:
    """The mean score of each rated dossier among these."""
    rows = Satisfaction.objects.filter(dossier_id__in=[dossier.pk for dossier in dossiers])
    return dict(rows.values_list("dossier_id", "mean"))
