"""Bringing the monthly figures up to date, and reading them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.services.dossiers.access import under
from hienluong.services.dossiers.models import OPEN_STATES, Dossier

from .models import Figure, Refresh, Satisfaction

_INSERT = """
INSERT INTO oversight_figure
    (month, organization_id, field_code, channel, filed, received, finished, on_time, late, refused, rating_count, rating_sum)
SELECT date_trunc('month', d.submitted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, d.competent_id, p.field_id, d.channel,
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
 GROUP BY 1, 2, 3, 4
"""


def refresh(since: datetime | None = None) -> int:
    """Sum up again every month from the month of `since` (all when None); returns the rows written."""
    start = since or timezone.make_aware(datetime(2000, 1, 1))
    start = timezone.localtime(start).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('oversight.figures'))")
        Figure.objects.filter(month__gte=timezone.localdate(start)).delete()
        cursor.execute(_INSERT, [start])
        written = cursor.rowcount
        Refresh.objects.all().delete()
        Refresh.objects.create(at=timezone.now())
    return int(written)


def remember_rating(dossier_id: int, mean: float) -> None:
    """Keep the score of a rated dossier (idempotent)."""
    Satisfaction.objects.update_or_create(dossier_id=dossier_id, defaults={"mean": mean})


@dataclass(frozen=True)
class Scope:
    """Which figures: from month to month, under these paths, in this field (empty: all)."""

    since: date
    until: date
    paths: tuple[str, ...]
    field: str = ""


def scope_of(actor: Actor, since: date, until: date, field: str = "") -> Scope:
    """What this person may oversee."""
    return Scope(since, until, actor.paths_with("oversight.view"), field)


def _figures(scope: Scope) -> QuerySet[Figure]:
    rows = Figure.objects.filter(
        under(scope.paths, "organization__path"), month__gte=scope.since, month__lte=scope.until
    )
    return rows.filter(field_code=scope.field) if scope.field else rows


def _sums() -> dict[str, Any]:
    """The sums of a line. Named apart from the columns, so that one sum is never taken of another."""
    sums: dict[str, Any] = {
        f"sum_{name}": Coalesce(Sum(name), 0) for name in ("filed", "finished", "on_time", "late", "rating_count")
    }
    sums["sum_rating_sum"] = Coalesce(Sum("rating_sum"), 0.0)
    sums["sum_online"] = Coalesce(Sum("filed", filter=Q(channel__in=("online", "national_portal"))), 0)
    return sums


@dataclass(frozen=True)
class Line:
    """One line of a table: sums and the rates derived from them (None where there is nothing to divide)."""

    label: str
    key: str
    filed: int
    finished: int
    on_time: int
    late: int
    online: int
    rating_count: int
    rating_sum: float

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


def _line(label: str, key: str, sums: Mapping[str, Any]) -> Line:
    return Line(
        label,
        key,
        int(sums["sum_filed"]),
        int(sums["sum_finished"]),
        int(sums["sum_on_time"]),
        int(sums["sum_late"]),
        int(sums["sum_online"]),
        int(sums["sum_rating_count"]),
        float(sums["sum_rating_sum"]),
    )


def total(scope: Scope) -> Line:
    """One line for everything in scope."""
    return _line("", "", _figures(scope).aggregate(**_sums()))


def by_month(scope: Scope) -> list[Line]:
    """A line a month, oldest first."""
    rows = _figures(scope).values("month").annotate(**_sums()).order_by("month")
    return [_line(f"{row['month']:%m/%Y}", row["month"].isoformat(), row) for row in rows]


def by_organization(scope: Scope) -> list[Line]:
    """A line an organisation, most late first."""
    rows = (
        _figures(scope)
        .values("organization__name", "organization__code")
        .annotate(**_sums())
        .order_by("-sum_late", "-sum_filed")  # type: ignore[misc]
    )
    return [_line(row["organization__name"], row["organization__code"], row) for row in rows]


@dataclass(frozen=True)
class OpenLine:
    """What is in hand now at one organisation: how much, how much late, and how late."""

    label: str
    key: str
    open: int
    overdue: int
    late_1_5: int
    late_over_5: int
    late_over_30: int


def in_hand(scope: Scope) -> list[OpenLine]:
    """Open dossiers now, by competent organisation; counted live."""
    now = timezone.now()
    rows = (
        Dossier.objects.filter(under(scope.paths, "handling_path"), state__in=OPEN_STATES)
        .values("competent__name", "competent__code")
        .annotate(
            open=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            late_1_5=Count("pk", filter=Q(due_at__lt=now, due_at__gte=now - timedelta(days=5))),
            late_over_5=Count("pk", filter=Q(due_at__lt=now - timedelta(days=5), due_at__gte=now - timedelta(days=30))),
            late_over_30=Count("pk", filter=Q(due_at__lt=now - timedelta(days=30))),
        )
        .order_by("-overdue", "-open")
    )
    return [
        OpenLine(
            r["competent__name"],
            r["competent__code"],
            r["open"],
            r["overdue"],
            r["late_1_5"],
            r["late_over_5"],
            r["late_over_30"],
        )
        for r in rows
    ]


def overdue_by_official(scope: Scope, limit: int = 20) -> list[Mapping[str, Any]]:
    """Who holds the most overdue dossiers now."""
    return list(
        Dossier.objects.filter(
            under(scope.paths, "handling_path"),
            state__in=OPEN_STATES,
            due_at__lt=timezone.now(),
            assignee__isnull=False,
        )
        .values(name=F("assignee__full_name"), key=F("assignee__code"))
        .annotate(overdue=Count("pk"))
        .order_by("-overdue")[:limit]
    )


def refreshed_at() -> datetime | None:
    """When the figures were last summed up."""
    return Refresh.objects.values_list("at", flat=True).first()
