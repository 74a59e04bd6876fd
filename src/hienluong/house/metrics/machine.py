"""What it runs on: version, processes, database, disk, and what the gateway says of itself."""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from hienluong.house import runlog
from hienluong.services.bus.gateway.configuration import BOOTSTRAP
from hienluong.services.bus.gateway.server import Gateway, NotRunning

_DATABASE = """
    SELECT current_setting('server_version'), pg_database_size(current_database()),
           coalesce(greatest(extract(epoch FROM max(clock_timestamp() - xact_start)), 0), 0), count(*),
           current_setting('max_connections')::int
      FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
#: Listeners of the gateway, by the name that stands in its own figures.
LISTENERS = ("lgsp", "lgsp-mtls", "agent-node")
#: What is taken over of Envoy's own figures: its name, ours, in words, whether it only grows.
_SERVER = (
    ("server.uptime", "hienluong_gateway_uptime_seconds", "Since the gateway was started.", False),
    ("server.memory_allocated", "hienluong_gateway_memory_bytes", "Memory in use by the gateway.", False),
    ("cluster_manager.cds.update_rejected", "hienluong_gateway_providers_rejected", "Files it did not take.", True),
    ("http.lgsp.rds.lgsp.update_rejected", "hienluong_gateway_routes_rejected", "Files it did not take.", True),
    ("http.lgsp.rds.lgsp.update_success", "hienluong_gateway_routes_taken", "Files it took.", True),
)
_LISTENER = (
    ("downstream_cx_active", "hienluong_gateway_connections", "Connections that are open.", False),
    ("downstream_cx_total", "hienluong_gateway_connections_opened", "Connections since its start.", True),
    ("downstream_rq_active", "hienluong_gateway_requests", "Calls in hand.", False),
    ("downstream_rq_total", "hienluong_gateway_requests_taken", "Calls since its start.", True),
)
_WANTED = [name for name, *_rest in _SERVER]
_WANTED += [f"http.{listener}.{name}" for listener in LISTENERS for name, *_rest in _LISTENER]
_FILTER = quote("^(" + "|".join(name.replace(".", r"\.") for name in _WANTED) + ")$")


def families() -> Iterator[Metric]:
    """All of it. One query, and one question to the gateway where one runs."""
    yield from _database()
    yield from _disk()
    yield from _children()
    yield from _gateway()


def _database() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(_DATABASE)
        server, size, oldest, connections, most = cursor.fetchone() or ("", 0, 0, 0, 0)
    told = {"version": version("hienluong"), "python": platform.python_version(), "postgresql": str(server)}
    yield InfoMetricFamily("hienluong", "What runs here.", told)
    yield GaugeMetricFamily("hienluong_database_size_bytes", "Size of the database.", float(size))
    yield GaugeMetricFamily(
        "hienluong_database_oldest_transaction_seconds",
        "How long the oldest transaction that is open has been.",
        float(oldest),
    )
    yield GaugeMetricFamily("hienluong_database_connections", "Connections of all processes.", float(connections))
    yield GaugeMetricFamily("hienluong_database_most_connections", "As many as the server takes.", float(most))


def _disk() -> Iterator[Metric]:
    disk = shutil.disk_usage(settings.STATE.path)
    yield GaugeMetricFamily("hienluong_disk_free_bytes", "Free on the disk of the state folder.", float(disk.free))
    yield GaugeMetricFamily("hienluong_disk_size_bytes", "Size of that disk.", float(disk.total))


def _children() -> Iterator[Metric]:
    """The processes that the supervisor wrote down; none where another program starts them."""
    up = GaugeMetricFamily("hienluong_child_up", "Whether a process of the installation lives.", labels=("child",))
    since = GaugeMetricFamily(
        "hienluong_child_started_timestamp_seconds", "When it was started last.", labels=("child",)
    )
    restarts = GaugeMetricFamily(
        "hienluong_child_restarts", "How often it died lately, one death soon after another.", labels=("child",)
    )
    for note in runlog.read(settings.STATE.path)[1]:
        up.add_metric((note.name,), note.process() is not None)
        since.add_metric((note.name,), note.created)
        restarts.add_metric((note.name,), note.restarts)
    yield from (up, since, restarts)


def _gateway() -> Iterator[Metric]:
    """A few of Envoy's own figures, asked for at its own door, which opens to nobody else."""
    if not (settings.GATEWAY_FOLDER / BOOTSTRAP).exists():
        return
    found: dict[str, float] = {}
    up = True
    try:
        told = json.loads(Gateway(settings.GATEWAY_FOLDER).ask("GET", f"/stats?format=json&filter={_FILTER}"))
        found = {str(each["name"]): float(each["value"]) for each in told["stats"] if "value" in each}
    except (NotRunning, ValueError, LookupError, TypeError):
        up = False
    yield GaugeMetricFamily("hienluong_gateway_up", "Whether the gateway answers at its own door.", float(up))
    for name, ours, words, grows in _SERVER:
        if name in found:
            one = _family(ours, words, (), grows=grows)
            one.add_metric([], found[name])
            yield one
    for name, ours, words, grows in _LISTENER:
        made = _family(ours, words, ("listener",), grows=grows)
        for listener in LISTENERS:
            if (value := found.get(f"http.{listener}.{name}")) is not None:
                made.add_metric((listener,), value)
        yield made


def _family(name: str, words: str, labels: Sequence[str], *, grows: bool) -> CounterMetricFamily | GaugeMetricFamily:
    return CounterMetricFamily(name, words, labels=labels) if grows else GaugeMetricFamily(name, words, labels=labels)
