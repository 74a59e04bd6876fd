"""Alerts: what is looked for each minute, who is told when it begins and when it is over.

Limits are in ``settings.BUS_ALERTS``. An alert is closed when what it says was not so for :data:`CALM`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.capabilities.registers.models import AgreementUse
from hienluong.foundation.actions import Act, Actor, NotAllowed, NotFound, action
from hienluong.foundation.events.models import Event
from hienluong.foundation.identity.holders import holders
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso import keys
from hienluong.services.adapters import standing
from hienluong.ui import money

from . import measuring, publishing, usage, watching
from .announce import MONITOR
from .gateway import snapshot as files
from .models import Alert, Call, Minute, Volume
from .watching import Sums, Terms

Rule = Alert.Rule
#: How far back errors, durations and quotas are looked at.
WINDOW = timedelta(minutes=10)
#: How long it must have been well before an alert is closed, so that one fault is one alert.
CALM = timedelta(minutes=5)
#: Seconds after which the gateway's files are looked at again before they count as old; it promises two.
SECOND_LOOK = 3.0
#: Percent of a quota from which one is told.
NEAR = 80

#: What each rule says; the names are those of the details.
_WORDS = {
    Rule.ERRORS: gettext_lazy("%(percent)s%% trong %(calls)s lượt của 10 phút qua bị lỗi (mức báo: %(limit)s%%)."),
    Rule.SILENT: gettext_lazy("%(errors)s lượt lỗi trong %(minutes)s phút qua, không lượt nào trả lời được."),
    Rule.SLOW: gettext_lazy("95 trên 100 lượt của 10 phút qua trả lời trong %(p95)s (mức báo: %(limit)s ms)."),
    Rule.QUOTA: gettext_lazy("Đã dùng %(percent)s%% hạn mức (%(used)s trên %(most)s)."),
    Rule.QUOTA_FULL: gettext_lazy("Đã dùng %(percent)s%% hạn mức (%(used)s trên %(most)s): lượt gọi bị từ chối."),
    Rule.FILES: gettext_lazy("Tệp của cổng kết nối khác với thỏa thuận và khóa đang có hiệu lực."),
    Rule.OUTBOX: gettext_lazy("%(count)s sự kiện chờ, cũ nhất đã %(minutes)s phút (mức báo: %(limit)s phút)."),
    Rule.UNDELIVERED: gettext_lazy("%(count)s sự kiện đã thôi gửi lại, chờ người xử lý."),
    Rule.INTAKE: gettext_lazy("Lượt gọi qua bộ trung gian đã chờ %(minutes)s phút chưa được ghi vào nhật ký."),
    Rule.SYSTEM: gettext_lazy("Tạm ngừng hỏi vì %(failures)s lần lỗi liên tiếp."),
}


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be now."""

    rule: Alert.Rule
    subject: str
    details: dict[str, Any] = field(default_factory=dict)
    provider: Organization | None = None
    consumer: Organization | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What of it there is one open alert."""
        return self.rule.value, self.subject


def words(alert: Alert) -> str:
    """What is the matter, in the reader's language."""
    said: str = str(_WORDS[Rule(alert.rule)]) % alert.details
    return money.grouped_in(said)


def href_of(alert: Alert) -> str:
    """The page on which one goes on."""
    if alert.rule in (Rule.QUOTA, Rule.QUOTA_FULL):
        name = "bus:agreement" if alert.details.get("declared") else "sharing:show"
        return reverse(name, args=[alert.subject])
    if alert.rule in (Rule.ERRORS, Rule.SILENT, Rule.SLOW):
        return reverse("bus:service", args=[alert.subject.split("/", 1)[0]])
    return reverse("bus:watch")


def visible(actor: Actor) -> QuerySet[Alert]:
    """The alerts of what somebody may watch; those of the bus itself are the province's."""
    scope = watching.scope_of(actor)
    if scope.whole:
        return Alert.objects.all()
    return Alert.objects.filter(
        reach.below(scope.provider, "provider__path") | reach.below(scope.consumer, "consumer__path")
    )


# What is looked for


def look(now: datetime) -> list[Finding]:
    """Everything that is not as it should be now."""
    checks: tuple[Callable[[datetime], Iterable[Finding]], ...] = (_calls, _silent, _quotas, _files, _queues, _systems)
    return [finding for check in checks for finding in check(now)]


def _limit(name: str) -> int:
    return int(settings.BUS_ALERTS[name])


def _by_operation(since: datetime) -> dict[str, tuple[Sums, Terms]]:
    """The calls since then by operation, with an agreement under which it was called (whose provider is that of all)."""
    names = ("calls", "refused", "limited", "errors")
    sums = {name: Sum(name, default=0) for name in names}
    buckets = {f"b{place}": Sum(f"latency__{place}", default=0) for place in range(len(usage.BOUNDS) + 1)}
    rows: Any = Minute.objects.filter(at__gte=since).exclude(agreement="").values("operation", "agreement")
    rows = list(rows.annotate(**sums, **buckets).order_by())
    terms = watching.terms_of(row["agreement"] for row in rows)
    found: dict[str, tuple[Sums, Terms]] = {}
    for row in rows:
        if row["agreement"] in terms:
            one = Sums(**{name: row[name] for name in names}, latency=[row[name] for name in buckets])
            found.setdefault(row["operation"], (Sums(), terms[row["agreement"]]))[0].add(one)
    return found


def _calls(now: datetime) -> Iterator[Finding]:
    for operation, (sums, terms) in _by_operation(now - WINDOW).items():
        if sums.calls < _limit("calls"):
            continue
        if sums.errors_percent > _limit("errors"):
            details: dict[str, Any] = {
                "percent": round(sums.errors_percent, 1),
                "calls": sums.calls,
                "limit": _limit("errors"),
            }
            yield Finding(Rule.ERRORS, operation, details, provider=terms.provider)
        place = usage.place_of(sums.latency, 0.95)
        if place and usage.BOUNDS[place - 1] >= _limit("slow"):  # all of the bucket lies above
            details = {"p95": usage.share_within(sums.latency, 0.95), "limit": _limit("slow")}
            yield Finding(Rule.SLOW, operation, details, provider=terms.provider)


def _silent(now: datetime) -> Iterator[Finding]:
    minutes = _limit("silent")
    for operation, (sums, terms) in _by_operation(now - timedelta(minutes=minutes)).items():
        if sums.errors >= _limit("failures") and sums.calls == sums.errors + sums.refused:
            details = {"errors": sums.errors, "minutes": minutes}
            yield Finding(Rule.SILENT, operation, details, provider=terms.provider)


_BUSIEST = """
    SELECT agreement, max(calls) FROM (
        SELECT agreement, sum(calls) AS calls FROM bus_minute
         WHERE at >= %s AND agreement <> '' GROUP BY at, agreement, client
    ) AS minutes GROUP BY agreement
"""


@dataclass(frozen=True)
class Quota:
    """How much of what is agreed was used: calls of one system in the busiest minute of :data:`WINDOW`, records of today."""

    terms: Terms
    busiest: int
    records: int
    declared: bool  # an agreement on a service that somebody declared, and not on a register

    @property
    def nearest(self) -> tuple[int, int]:
        """What was used and how much is agreed, of the quota that is used up most; a whole of nought has no end."""
        both = [(self.busiest, self.terms.per_minute), (self.records, self.terms.per_day or 0)]
        return max(both, key=lambda pair: pair[0] / pair[1] if pair[1] else 0)


def quotas(now: datetime) -> list[Quota]:
    """The quotas of agreements that were used of late or today. Five queries."""
    with connection.cursor() as cursor:
        cursor.execute(_BUSIEST, [now - WINDOW])
        busiest = {code: int(calls) for code, calls in cursor.fetchall()}
    today = timezone.localdate(now)
    records = dict(Volume.objects.filter(day=today).values_list("agreement", "records"))
    of_registers = dict(AgreementUse.objects.filter(day=today).values_list("agreement__code", "records"))
    terms = watching.terms_of({*busiest, *records, *of_registers})
    return [
        Quota(
            one,
            busiest.get(code, 0),
            records.get(code, of_registers.get(code, 0)),
            code not in of_registers and not one.service.startswith("registers."),
        )
        for code, one in sorted(terms.items())
    ]


def _quotas(now: datetime) -> Iterator[Finding]:
    """Agreements whose busiest minute of late, or whose records of today, are near or over what is agreed."""
    for quota in quotas(now):
        part, whole = quota.nearest
        percent = 100 * part // whole if whole else 0
        if percent >= NEAR:
            rule = Rule.QUOTA if percent < 100 else Rule.QUOTA_FULL
            details = {"percent": percent, "used": part, "most": whole, "declared": quota.declared}
            terms = quota.terms
            yield Finding(rule, terms.code, details, provider=terms.provider, consumer=terms.consumer)


def _files(now: datetime) -> Iterator[Finding]:
    if not (settings.GATEWAY_FOLDER / publishing.SNAPSHOT).exists():
        return  # no gateway runs here
    if _differ(now):
        time.sleep(SECOND_LOOK)
        if _differ(timezone.now()):
            yield Finding(Rule.FILES, "gateway")


def _differ(now: datetime) -> bool:
    """Whether the gateway's files say something else than the database."""
    folder = settings.GATEWAY_FOLDER
    try:
        there = files.read(folder / publishing.SNAPSHOT)
        known = {key["kid"] for key in json.loads((folder / publishing.KEYS).read_bytes())["keys"]}
    except (files.SnapshotError, OSError, ValueError, LookupError):
        return True
    if known != {keys.opened(each.pem)[0]["kid"] for each in keys.published()}:
        return True
    return replace(publishing.snapshot_of(now, folder=folder), version=there.version) != there


def _queues(now: datetime) -> Iterator[Finding]:
    if settings.EVENT_SERVER["url"]:
        leaving = Event.objects.filter(leaving=True)
        first = leaving.order_by("pk").values_list("occurred_at", flat=True).first()
        age = _minutes(now, first)
        if age > _limit("outbox"):
            details = {"count": leaving.count(), "minutes": age, "limit": _limit("outbox")}
            yield Finding(Rule.OUTBOX, "events", details)
    for name, count in measuring.undelivered().items():
        if count:
            yield Finding(Rule.UNDELIVERED, name, {"count": count})
    oldest = Call.objects.filter(taken_at__isnull=True).order_by("pk").values_list("at", flat=True).first()
    if (age := _minutes(now, oldest)) > _limit("intake"):
        yield Finding(Rule.INTAKE, "calls", {"minutes": age})


def _minutes(now: datetime, then: datetime | None) -> int:
    return int((now - then).total_seconds() // 60) if then else 0


def _systems(now: datetime) -> Iterator[Finding]:
    for one in standing.of_all(now):
        if one.connection is not None and one.line.opened_until is not None:
            yield Finding(Rule.SYSTEM, one.adapter.code, {"failures": one.line.failures})


# What becomes of it


def settle(who: Actor, *, findings: Iterable[Finding], now: datetime) -> tuple[int, int]:
    """Open an alert for what was found and is not open, note what still is, close what was well for :data:`CALM`.

    Returns how many were opened and closed. For the system alone. What is only noted again is no decision, so a minute in
    which nothing begins or ends writes no audit entry.
    """
    if who.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống tự làm việc này."))
    found = {finding.key: finding for finding in findings}
    over: list[Alert] = []
    with transaction.atomic():
        for alert in Alert.objects.select_for_update(of=("self",)).filter(closed_at=None).order_by("pk"):
            still = found.pop((alert.rule, alert.subject), None)
            if still is not None:
                alert.details, alert.seen_at = still.details, now
                alert.save(update_fields=("details", "seen_at"))
            elif alert.seen_at <= now - CALM:
                over.append(alert)
        if over or found:
            _change(who, begun=list(found.values()), over=over, now=now)
    return len(found), len(over)


@action("bus.alerts.settle")
def _change(act: Act, *, begun: Iterable[Finding], over: Iterable[Alert], now: datetime) -> None:
    for alert in over:
        alert.closed_at = now
        alert.save(update_fields=("closed_at",))
        act.record(alert, after={"rule": alert.rule, "subject": alert.subject, "closed": True})
        _tell(act, alert)
    for finding in begun:
        alert, _fresh = Alert.objects.get_or_create(
            rule=finding.rule,
            subject=finding.subject,
            closed_at=None,
            defaults={
                "details": finding.details,
                "provider": finding.provider,
                "consumer": finding.consumer,
                "opened_at": now,
                "seen_at": now,
            },
        )
        act.record(alert, after={"rule": alert.rule, "subject": alert.subject, "details": alert.details})
        _tell(act, alert)


def _tell(act: Act, alert: Alert) -> None:
    """Tell those who watch the organisations concerned and the province that it began, or that it is over."""
    step = "closed" if alert.closed_at else "opened"
    for account in told(alert.provider, alert.consumer):
        with translation.override(account.language):
            what = f"{Rule(alert.rule).label}: {alert.subject}"
            notify(
                act,
                account=account,
                key=f"bus-alert:{alert.pk}:{step}",
                kind="bus.alert",
                title=_("Đã hết: %(what)s") % {"what": what} if alert.closed_at else what,
                body=words(alert),
                href=reverse("bus:alerts"),
            )


def told(*places: Organization | None) -> list[Account]:
    """The accounts that watch these organisations, and those that watch the province."""
    found = [account for place in places if place for account in holders(MONITOR, place)]
    with suppress(NotFound):  # before the data is loaded there is no province
        found += holders(MONITOR, organisations.province())
    return list({account.pk: account for account in found}.values())


def forget(now: datetime, *, days: int = 365) -> int:
    """Forget alerts that were over so many days ago; how many."""
    return Alert.objects.filter(Q(closed_at__lt=now - timedelta(days=days))).delete()[0]
