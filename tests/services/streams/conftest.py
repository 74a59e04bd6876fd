"""A real event server: one for the tests of a process, and its stream empty for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hienluong.services.streams import registry, running
from tests.services.streams.broker import PASSWORD, Broker, Bus


@pytest.fixture(scope="session")
def _one_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    found = Broker(tmp_path_factory.mktemp("events")).start()
    yield found
    found.stop()


@pytest.fixture
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One that the test may kill."""
    found = Broker(tmp_path_factory.mktemp("events")).start()
    yield found
    found.stop()


def named(broker: Broker, settings: Any, megabytes: int = 32) -> Bus:
    """Our connection to it, as an installation has it."""
    settings.EVENT_SERVER = {
        **settings.EVENT_SERVER,
        "url": broker.url,
        "password": PASSWORD,
        "folder": str(broker.server.folder),
        "megabytes": megabytes,
    }
    bus = Bus()
    bus.empty()
    registry.install(running.WHO)
    return bus


@pytest.fixture
def bus(_one_broker: Broker, transactional_db: None, settings: Any) -> Bus:
    """The event server of this process, with an empty stream."""
    return named(_one_broker, settings)


@pytest.fixture
def own_bus(own_broker: Broker, transactional_db: None, settings: Any) -> Bus:
    """The one that the test may kill."""
    return named(own_broker, settings)
