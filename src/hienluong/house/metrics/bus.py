"""What the data-sharing bus is doing: calls and how long they take, quotas, freshness, alerts.

Counters are of today in Việt Nam: they begin at nought after midnight, which Prometheus takes for a restart. Whatever was
called yesterday is said with nought then, so that no first call of a day is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, Q, Sum
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from hienluong.services.bus import alerting, usage, watching
from hienluong.services.bus.models import Alert, Latest, Usage
from hienluong.services.bus.watching import Sums

_COUNTS = ("calls", "refused", "limited", "errors", "milliseconds", "received", "sent")
_BUCKETS = [f"b{place}" for place in range(len(usage.BOUNDS) + 1)]
_OPERATION = ("service", "version", "operation")
#: Upper bounds of the buckets in seconds, as they are written.
_LE = [*(str(bound / 1000) for bound in usage.BOUNDS), "+Inf"]


def families(now: datetime) -> Iterator[Metric]:
    """All of it. Eleven queries."""
    yield from _calls(now)
    yield _quotas(now)
    yield from _freshness()
    yield from _alerts()
    yield GaugeMetricFamily(
        "hienluong_bus_log_unread_bytes",
        "Of the gateway's record of calls: what the worker did not take in yet.",
        usage.unread(settings.GATEWAY_FOLDER),
    )


def _of_today(now: datetime) -> dict[tuple[str, str], Sums]:
    """The calls of today by operation and agreement; of those of yesterday alone there are none."""
    today = timezone.localdate(now)
    is_today = Q(day=today)
    sums = {name: Sum(name, filter=is_today, default=0) for name in _COUNTS}
    buckets = {name: Sum(f"latency__{place}", filter=is_today, default=0) for place, name in enumerate(_BUCKETS)}
    rows: Any = Usage.objects.filter(day__range=(today - timedelta(days=1), today)).values("operation", "agreement")
    return {
        (row["operation"], row["agreement"]): Sums(
            **{name: row[name] for name in _COUNTS}, latency=[row[name] for name in _BUCKETS]
        )
        for row in rows.annotate(**sums, **buckets).order_by()
    }


def _calls(now: datetime) -> Iterator[Metric]:
    calls = CounterMetricFamily(
        "hienluong_bus_calls",
        "Calls at the gateway today, by what became of them. Without an operation: refused before one was found.",
        labels=(*_OPERATION, "consumer", "outcome"),
    )
    durations = HistogramMetricFamily(
        "hienluong_bus_call_duration_seconds", "How long calls of today took at the gateway.", labels=_OPERATION
    )
    received = CounterMetricFamily(
        "hienluong_bus_received_bytes", "Bytes of bodies that consumers sent today.", labels=_OPERATION
    )
    sent = CounterMetricFamily(
        "hienluong_bus_sent_bytes", "Bytes of bodies that they were answered today.", labels=_OPERATION
    )
    routes = _of_today(now)
    terms = watching.terms_of(agreement for _operation, agreement in routes if agreement)
    by_operation: dict[str, Sums] = {}
    by_consumer: dict[tuple[str, str], Sums] = {}
    for (operation, agreement), sums in routes.items():
        consumer = terms[agreement].consumer.code if agreement in terms else ""
        by_operation.setdefault(operation, Sums()).add(sums)
        by_consumer.setdefault((operation, consumer), Sums()).add(sums)
    for (operation, consumer), sums in sorted(by_consumer.items()):
        for outcome, count in (
            ("answered", sums.calls - sums.refused - sums.errors),
            ("refused", sums.refused - sums.limited),
            ("over_quota", sums.limited),
            ("failed", sums.errors),
        ):
            calls.add_metric((*parts_of(operation), consumer, outcome), count)
    for operation, sums in sorted(by_operation.items()):
        parts = parts_of(operation)
        up_to = [sum(sums.latency[: place + 1]) for place in range(len(_LE))]
        durations.add_metric(parts, list(zip(_LE, up_to, strict=True)), sums.milliseconds / 1000)
        received.add_metric(parts, sums.received)
        sent.add_metric(parts, sums.sent)
    yield from (calls, durations, received, sent)


def parts_of(operation: str) -> tuple[str, str, str]:
    """Service, version and name of an operation such as ``land-prices/v1/parcel``; all empty where there was none."""
    service, _slash, rest = operation.partition("/v")
    version, _slash, name = rest.partition("/")
    return service, version, name


def _quotas(now: datetime) -> Metric:
    used = GaugeMetricFamily(
        "hienluong_bus_quota_used_ratio",
        "Of what is agreed: calls a minute of one system (the busiest minute of the last ten), records today.",
        labels=("agreement", "provider", "consumer", "quota"),
    )
    for one in alerting.quotas(now):
        about = (one.terms.code, one.terms.provider.code, one.terms.consumer.code)
        used.add_metric((*about, "calls_per_minute"), one.busiest / one.terms.per_minute)
        if one.terms.per_day:
            used.add_metric((*about, "records_per_day"), one.records / one.terms.per_day)
    return used


def _freshness() -> Iterator[Metric]:
    called = GaugeMetricFamily(
        "hienluong_bus_last_call_timestamp_seconds", "When an operation was called last.", labels=_OPERATION
    )
    answered = GaugeMetricFamily(
        "hienluong_bus_last_success_timestamp_seconds", "When it was answered well last (2xx, 3xx).", labels=_OPERATION
    )
    rows = Latest.objects.values_list("operation").annotate(called=Max("called_at"), answered=Max("answered_at"))
    for operation, last, good in rows.order_by("operation"):
        called.add_metric(parts_of(operation), last.timestamp())
        if good:
            answered.add_metric(parts_of(operation), good.timestamp())
    yield from (called, answered)


def _alerts() -> Iterator[Metric]:
    open_ = GaugeMetricFamily("hienluong_bus_alerts_open", "Alerts that are open, by rule.", labels=("rule",))
    since = GaugeMetricFamily(
        "hienluong_bus_alert_opened_timestamp_seconds",
        "When an alert that is open was opened, and what it is about.",
        labels=("rule", "subject"),
    )
    counts = dict.fromkeys(Alert.Rule.values, 0)
    rows = Alert.objects.filter(closed_at=None).order_by("rule", "subject")  # one of a rule and subject
    for rule, subject, opened in rows.values_list("rule", "subject", "opened_at"):
        counts[rule] += 1
        since.add_metric((rule, subject), opened.timestamp())
    for rule, count in counts.items():
        open_.add_metric((rule,), count)
    yield from (open_, since)
