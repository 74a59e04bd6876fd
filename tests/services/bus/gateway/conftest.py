"""One gateway for the tests of a process; what passes, each test says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.bus.gateway.running import Running


@pytest.fixture(scope="session")
def _one_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = Running(tmp_path_factory.mktemp("gateway"), options={"request_s": 1.5}).start()
    yield found
    found.stop()
    found.provider.stop()


@pytest.fixture
def gateway(_one_gateway: Running) -> Running:
    """It runs, and its provider has seen nothing."""
    _one_gateway.provider.seen.clear()
    _one_gateway.provider.delay = 0
    _one_gateway.provider.headers = {}
    _one_gateway.provider.status = lambda _seen: 200
    return _one_gateway
