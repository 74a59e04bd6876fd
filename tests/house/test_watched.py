"""A whole installation that is watched: Prometheus reads it, a collector is told of its web, its worker and its gateway."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.collector import TraceCollector, collecting
from tests.house.running import Installation, wait_until

pytestmark = [pytest.mark.house, pytest.mark.once]
TOKEN = "mot-ma-du-dai-cua-may-giam-sat"


@pytest.fixture(scope="module")
def collector() -> Iterator[TraceCollector]:
    with collecting() as found:
        yield found


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, collector: TraceCollector) -> Iterator[Installation]:
    told = {"HIENLUONG_METRICS_TOKEN": TOKEN, "HIENLUONG_OTLP_URL": collector.url}
    running = Installation(tmp_path_factory.mktemp("watched") / "state", env=told, migrated=True).start()
    yield running
    running.stop()


def figures(watched: Installation) -> dict[tuple[str, str], float]:
    """What it says, by name and the label that there is."""
    answer = httpx.get(f"{watched.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False)
    assert answer.status_code == 200, answer.text
    return {
        (one.name, " ".join(one.labels.values())): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def test_prometheus_reads_what_the_supervisor_keeps_running(watched: Installation) -> None:
    wait_until(lambda: figures(watched)["hienluong_workers", ""] == 1, "no worker gives a sign of life", 60)
    found = figures(watched)
    children = {label: value for (name, label), value in found.items() if name == "hienluong_child_up"}
    assert {"postgres", "web", "worker", "gateway", "mediator", "events"} <= set(children)
    assert set(children.values()) == {1}
    assert found["hienluong_gateway_up", ""] == 1
    assert found["hienluong_gateway_routes_rejected_total", ""] == 0
    assert httpx.get(f"{watched.url}/metrics", trust_env=False).status_code == 401


def test_a_collector_is_told_of_web_worker_and_gateway(watched: Installation, collector: TraceCollector) -> None:
    httpx.get(f"{watched.url}/api/v1/codelists", trust_env=False)
    httpx.get(f"http://127.0.0.1:{watched.bus_port}/lgsp/x/v1/045190000001", trust_env=False)
    wanted = {"hienluong-web", "hienluong-worker", "hienluong-gateway"}
    wait_until(lambda: wanted <= {one.program for one in collector.spans}, lambda: str(collector.spans), 60)
    assert not any(one.failed for one in collector.spans if one.program == "hienluong-worker")
    assert b"045190000001" not in collector.raw
