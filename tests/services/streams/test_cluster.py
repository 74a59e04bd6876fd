"""Three event servers on one machine: any one of them may be lost, nothing is, and it catches up when it is back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from hienluong.services.streams import registry, running
from hienluong.services.streams.server import STREAM, Cluster
from tests.house.running import free_port
from tests.services.streams.broker import PASSWORD, Broker, Bus
from tests.services.streams.sample import HERE, Office, left, tell, until
from tests.services.streams.webhook import Webhook


@pytest.fixture
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Broker]]:
    ports = [free_port() for _ in range(3)]
    routes = tuple(f"nats://127.0.0.1:{port}" for port in ports)
    found = [
        Broker(
            tmp_path_factory.mktemp(f"may-{number}"),
            name=f"may-{number}",
            cluster=Cluster("tinh", f"127.0.0.1:{port}", routes),
        )
        for number, port in enumerate(ports)
    ]
    for broker in found:
        broker.start()
    yield found
    for broker in found:
        broker.stop()


@pytest.fixture
def bus(three: list[Broker], transactional_db: None, settings: Any) -> Bus:
    settings.EVENT_SERVER = {
        **settings.EVENT_SERVER,
        "url": ",".join(broker.url for broker in three),
        "password": PASSWORD,
        "folder": "",
        "megabytes": 32,
        "replicas": 3,
    }
    settings.WEBHOOK_NETWORKS = HERE
    registry.install(running.WHO)
    return Bus()


@pytest.fixture
def worker(bus: Bus) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=running.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


def in_step(bus: Bus) -> bool:
    """Whether all three have all of the stream."""

    async def ask(_connection: Any, js: Any) -> bool:
        told = (await js.stream_info(STREAM)).cluster
        return len(told.replicas) == 2 and all(one.current and not one.offline for one in told.replicas)

    try:
        return bool(bus.on(ask))
    except Exception:  # they choose one of them to lead
        return False


def test_any_one_of_three_may_be_lost(three: list[Broker], bus: Bus, worker: None) -> None:
    hook, office = Webhook().up(), Office()
    office.subscribe(hook.url)
    tell(("a", "0"), ("b", "0"))
    until(lambda: hook.codes() == {"a": ["0"], "b": ["0"]}, 60)
    for number, broker in enumerate(three, 1):
        until(lambda: in_step(bus), 60)
        broker.kill()
        tell(("a", str(number)), ("b", str(number)))
        until(lambda: left() == 0, 60)  # two of three have it on disk
        broker.start()
    expected = {key: [str(number) for number in range(4)] for key in "ab"}
    until(lambda: {key: list(dict.fromkeys(codes)) for key, codes in hook.codes().items()} == expected, 60)
    until(lambda: in_step(bus), 60)
    hook.down()

    async def kept(_connection: Any, js: Any) -> int:
        return int((await js.stream_info(STREAM, subjects_filter="su-kien.organization.changed.*")).state.messages)

    assert bus.on(kept) >= 8
    seen: set[str] = set()
    for each in hook.came:
        assert each["id"] not in seen or each.get("redelivered") is True
        seen.add(each["id"])
