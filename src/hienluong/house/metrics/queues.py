"""What waits, and what was given up: jobs, events, messages, dossiers for national systems, the exchange of documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from hienluong.services.adapters import standing
from hienluong.services.adapters.models import FAULTS
from hienluong.services.streams.models import Subscription


@dataclass(frozen=True)
class _Gauge:
    """A gauge whose values are single values of the database, by one label."""

    name: str
    words: str
    label: str
    values: dict[str, str]  # SQL by value of the label


def _age(table: str, which: str, when: str) -> str:
    """Seconds since the oldest of some rows; nought without any."""
    return f"SELECT coalesce(extract(epoch FROM now() - min({when})), 0) FROM {table} WHERE {which}"  # noqa: S608


#: Asked for all together, in one query.
_GAUGES = (
    _Gauge(
        "hienluong_events_waiting",
        "Events that were not handed on yet: inside the house, to the event server.",
        "to",
        {
            "house": "SELECT count(*) FROM events_event WHERE dispatched_at IS NULL",
            "outside": "SELECT count(*) FROM events_event WHERE leaving",
        },
    ),
    _Gauge(
        "hienluong_events_oldest_waiting_seconds",
        "How long the oldest of these has waited.",
        "to",
        {
            "house": _age("events_event", "dispatched_at IS NULL", "occurred_at"),
            "outside": _age("events_event", "leaving", "occurred_at"),
        },
    ),
    _Gauge(
        "hienluong_event_handovers",
        "Events that a part of the house did not take: tried again by themselves, or waiting for a person.",
        "state",
        {
            "waiting": "SELECT count(*) FROM events_handover WHERE given_up_at IS NULL",
            "given_up": "SELECT count(*) FROM events_handover WHERE given_up_at IS NOT NULL",
        },
    ),
    _Gauge(
        "hienluong_messages",
        "Mail and short messages that were not sent.",
        "state",
        {
            state: f"SELECT count(*) FROM notifications_delivery WHERE state = '{state}'"  # noqa: S608
            for state in ("waiting", "failed")
        },
    ),
    _Gauge(
        "hienluong_jobs_oldest_waiting_seconds",
        "How long the oldest job that is due has waited for a worker.",
        "",
        {
            "": "SELECT coalesce(extract(epoch FROM max(now() - greatest(job.scheduled_at, deferred.at))), 0)"
            " FROM procrastinate_jobs AS job JOIN procrastinate_events AS deferred"
            " ON deferred.job_id = job.id AND deferred.type = 'deferred'"
            " WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()"
        },
    ),
    _Gauge(
        "hienluong_workers",
        "Workers that gave a sign of life within 40 seconds.",
        "",
        {"": "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '40 seconds'"},
    ),
    _Gauge(
        "hienluong_bus_calls_not_proven",
        "Calls through the mediator that persons were not told of yet, and that are not in the audit log.",
        "",
        {"": "SELECT count(*) FROM bus_call WHERE taken_at IS NULL"},
    ),
    _Gauge(
        "hienluong_bus_calls_oldest_not_proven_seconds",
        "How long the oldest of these has waited.",
        "",
        {"": _age("bus_call", "taken_at IS NULL", "at")},
    ),
    _Gauge(
        "hienluong_dossiers_waiting",
        "Dossiers of which something waits for a national system.",
        "system",
        {
            "portal": "SELECT count(DISTINCT dossier_id) FROM national_outgoing WHERE state = 'waiting'",
            "ministries": "SELECT count(DISTINCT about) FROM adapters_pending"
            " WHERE state = 'waiting' AND about LIKE 'dossier:%'",
        },
    ),
    _Gauge(
        "hienluong_portal_steps",
        "Steps of dossiers that the national portal was not told of.",
        "state",
        {
            state: f"SELECT count(*) FROM national_outgoing WHERE state = '{state}'"  # noqa: S608
            for state in ("waiting", "failed")
        },
    ),
    _Gauge(
        "hienluong_flow_runs",
        "Runs of composed services that did not end; `waiting`: for a person's decision.",
        "state",
        {
            state: f"SELECT count(*) FROM flows_run WHERE state = '{state}'"  # noqa: S608
            for state in ("running", "waiting", "compensating")
        },
    ),
)
_JOBS = """
    SELECT queue_name, status::text, count(*) FROM procrastinate_jobs
     WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1, 2
"""
_PACKAGES = """
    SELECT 'in', verdict, count(*) FROM exchange_incoming WHERE verdict IN ('early', 'held', 'unreadable') GROUP BY 2
     UNION ALL
    SELECT 'out', state, count(*) FROM exchange_outgoing WHERE state IN ('waiting', 'held', 'failed') GROUP BY 2
"""
_PACKAGE_STATES = [("in", "early"), ("in", "held"), ("in", "unreadable"), ("out", "waiting"), ("out", "held")]
_PACKAGE_STATES += [("out", "failed")]
_OUTCOMES = ("ok", "kept", "old", *FAULTS)


def families(now: datetime) -> Iterator[Metric]:
    """All of it. Seven queries."""
    yield from _single_values()
    yield _jobs()
    yield _packages()
    yield from _subscriptions()
    yield from _systems(now)


def _single_values() -> Iterator[Metric]:
    asked = [f"({sql})::double precision" for gauge in _GAUGES for sql in gauge.values.values()]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(asked)}")
        found = iter(cursor.fetchone() or ())
    for gauge in _GAUGES:
        made = GaugeMetricFamily(gauge.name, gauge.words, labels=[gauge.label] if gauge.label else [])
        for value in gauge.values:
            made.add_metric([value] if gauge.label else [], next(found))
        yield made


def _jobs() -> Metric:
    made = GaugeMetricFamily("hienluong_jobs", "Jobs in the background.", labels=("queue", "state"))
    with connection.cursor() as cursor:
        cursor.execute(_JOBS)
        found = {(str(queue), str(state)): int(count) for queue, state, count in cursor.fetchall()}
    for queue in sorted({"default", *(queue for queue, _state in found)}):
        for state in ("todo", "doing", "failed"):
            made.add_metric((queue, state), found.get((queue, state), 0))
    return made


def _packages() -> Metric:
    made = GaugeMetricFamily(
        "hienluong_exchange_packages",
        "Packages of the exchange of documents that are not settled.",
        labels=("direction", "state"),
    )
    with connection.cursor() as cursor:
        cursor.execute(_PACKAGES)
        found = {(str(way), str(state)): int(count) for way, state, count in cursor.fetchall()}
    for key in _PACKAGE_STATES:
        made.add_metric(key, found.get(key, 0))
    return made


def _subscriptions() -> Iterator[Metric]:
    labels = ("subscription", "consumer", "way")
    events = GaugeMetricFamily(
        "hienluong_subscription_undelivered",
        "Events that a subscription in force was not handed: tried again by themselves, or waiting for a person.",
        labels=(*labels, "state"),
    )
    told = GaugeMetricFamily(
        "hienluong_subscription_last_told_timestamp_seconds", "When it last took or was given something.", labels=labels
    )
    rows = (
        Subscription.objects.filter(state=Subscription.State.APPROVED)
        .annotate(
            waiting=Count("undelivered", filter=Q(undelivered__given_up_at=None)),
            given_up=Count("undelivered", filter=Q(undelivered__given_up_at__isnull=False)),
        )
        .order_by("code")
        .values_list("code", "consumer__code", "way", "waiting", "given_up", "told_at")
    )
    for code, consumer, way, waiting, given_up, told_at in rows:
        events.add_metric((code, consumer, way, "waiting"), waiting)
        events.add_metric((code, consumer, way, "given_up"), given_up)
        if told_at:
            told.add_metric((code, consumer, way), told_at.timestamp())
    yield from (events, told)


def _systems(now: datetime) -> Iterator[Metric]:
    """The national systems that are asked: those that are connected."""
    one = ("system",)
    up = GaugeMetricFamily("hienluong_system_up", "0: it failed so often that it is left alone, or tried.", labels=one)
    failures = GaugeMetricFamily("hienluong_system_failures", "Failures one after another.", labels=one)
    success = GaugeMetricFamily(
        "hienluong_system_last_success_timestamp_seconds", "When it last answered well.", labels=one
    )
    took = GaugeMetricFamily("hienluong_system_last_answer_seconds", "How long its last answer took.", labels=one)
    questions = GaugeMetricFamily(
        "hienluong_system_questions", "Questions without an answer.", labels=("system", "state")
    )
    calls = CounterMetricFamily(
        "hienluong_system_calls", "Questions of today by what became of them.", labels=("system", "outcome")
    )
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    for each in standing.of_all(midnight):
        if each.connection is None:
            continue
        code, line = each.adapter.code, each.line
        up.add_metric((code,), line.opened_until is None)
        failures.add_metric((code,), line.failures)
        if line.last_success_at:
            success.add_metric((code,), line.last_success_at.timestamp())
        if line.last_ms is not None:
            took.add_metric((code,), line.last_ms / 1000)
        questions.add_metric((code, "waiting"), each.waiting)
        questions.add_metric((code, "failed"), each.failed)
        for outcome in _OUTCOMES:
            calls.add_metric((code, outcome), each.calls[outcome])
    yield from (up, failures, success, took, questions, calls)
