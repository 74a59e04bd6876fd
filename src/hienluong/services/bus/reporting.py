"""The daily report of each agency: what it provided and called on a day, written once when the day is closed.

Lines of the access log that are taken in after that change the figures but no report; the page says how many there were.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.identity.holders import holders
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization
from hienluong.ui.money import grouped

from . import alerting, watching
from .announce import MONITOR
from .models import DailyReport
from .watching import Sums

#: Days that are closed afterwards when nobody was there to close them.
BEHIND = 7
COUNTS = ("calls", "refused", "limited", "errors", "milliseconds", "received", "sent")
Line = dict[str, Any]


def lines_of(day: date) -> tuple[dict[int, list[Line]], dict[int, list[Line]], dict[int, Organization]]:
    """What each organisation provided and called on a day, as it is counted now, and those organisations."""
    routes = watching.sums_by_route(day, day)
    terms = watching.terms_of(code for _operation, code in routes if code)
    provided: dict[int, list[Line]] = {}
    consumed: dict[int, list[Line]] = {}
    places: dict[int, Organization] = {}
    for (operation, code), sums in sorted(routes.items()):
        known = terms.get(code)
        if known is None:
            continue  # refused before an agreement was found: nobody's
        for lines, own, other in (
            (provided, known.provider, known.consumer),
            (consumed, known.consumer, known.provider),
        ):
            places[own.pk] = own
            line: Line = {"operation": operation, "agreement": code, "with": other.code, "name": other.name}
            line |= {name: getattr(sums, name) for name in COUNTS} | {"latency": sums.latency}
            lines.setdefault(own.pk, []).append(line)
    return provided, consumed, places


def total(lines: Sequence[Line]) -> Sums:
    """The calls of some lines together."""
    made = Sums()
    for line in lines:
        made.add(sums_of(line))
    return made


def sums_of(line: Line) -> Sums:
    """The figures of one line."""
    return Sums(**{name: line[name] for name in COUNTS}, latency=list(line["latency"]))


def make(who: Actor, *, day: date) -> list[DailyReport]:
    """Write the reports of a day that is over, of each organisation that called or was called; those that are there stay.

    Whoever watches those organisations is told, once for all of them. For the system alone.
    """
    if who.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống tự làm việc này."))
    if day >= timezone.localdate():
        raise InvalidInput(_("Ngày này chưa hết."), field="day")
    provided, consumed, places = lines_of(day)
    there = set(DailyReport.objects.filter(day=day).values_list("organization_id", flat=True))
    wanted = [
        DailyReport(day=day, organization=place, provided=provided.get(pk, []), consumed=consumed.get(pk, []))
        for pk, place in sorted(places.items())
        if pk not in there
    ]
    return _write(who, day=day, reports=wanted) if wanted else []


@action("bus.reports.make")
def _write(act: Act, *, day: date, reports: list[DailyReport]) -> list[DailyReport]:
    for report in reports:
        report.save(force_insert=True)
        calls = {"provided": total(report.provided).calls, "consumed": total(report.consumed).calls}
        act.record(report, after={"day": day.isoformat(), **calls}, organization_id=report.organization_id)
    _tell(act, day, reports)
    return reports


def _tell(act: Act, day: date, made: Sequence[DailyReport]) -> None:
    accounts: dict[int, Account] = {}
    theirs: dict[int, list[DailyReport]] = {}
    for report in made:
        for account in holders(MONITOR, report.organization):
            accounts[account.pk] = account
            theirs.setdefault(account.pk, []).append(report)
    for account in alerting.told():
        accounts[account.pk] = account
        theirs[account.pk] = list(made)
    for pk, account in sorted(accounts.items()):
        with translation.override(account.language):
            notify(
                act,
                account=account,
                key=f"bus-report:{day.isoformat()}",
                kind="bus.report",
                title=_("Báo cáo trục dữ liệu ngày %(day)s") % {"day": f"{day:%d/%m/%Y}"},
                body="\n".join(_said(report) for report in theirs[pk]),
                href=reverse("bus:reports"),
            )


def _said(report: DailyReport) -> str:
    provided, consumed = total(report.provided), total(report.consumed)
    return _("%(name)s: cung cấp %(provided)s lượt (%(faults)s lỗi), khai thác %(consumed)s lượt (%(failed)s lỗi).") % {
        "name": report.organization.name,
        "provided": grouped(provided.calls),
        "faults": grouped(provided.errors),
        "consumed": grouped(consumed.calls),
        "failed": grouped(consumed.errors),
    }


def due(today: date) -> list[date]:
    """The days that are over and have no report yet, the oldest first; at most :data:`BEHIND`.

    Days after the last one that was closed; before the first report only yesterday.
    """
    last = DailyReport.objects.aggregate(last=Max("day"))["last"]
    first = max(last + timedelta(days=1), today - timedelta(days=BEHIND)) if last else today - timedelta(days=1)
    return [first + timedelta(days=count) for count in range((today - first).days)]


def visible(actor: Actor) -> QuerySet[DailyReport]:
    """The reports of organisations for which somebody watches, provides, decides or asks."""
    scope = watching.scope_of(actor)
    return DailyReport.objects.filter(
        reach.below({*scope.provider, *scope.consumer}, "organization__path")
    ).select_related("organization")


def visible_one(actor: Actor, day: date | None, code: str) -> DailyReport:
    """One of them. Raises NotFound for any other."""
    found = visible(actor).filter(day=day, organization__code=code.replace("\x00", "")).first() if day else None
    if found is None:
        raise NotFound(_("Không có báo cáo này."))
    return found


def late(report: DailyReport) -> tuple[int, int]:
    """How many calls, provided and made, were taken in after the report was written."""
    provided, consumed, _places = lines_of(report.day)
    now = (total(provided.get(report.organization_id, [])), total(consumed.get(report.organization_id, [])))
    then = (total(report.provided), total(report.consumed))
    return now[0].calls - then[0].calls, now[1].calls - then[1].calls
