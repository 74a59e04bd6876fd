"""A real event server: one for the tests of a process, and its stream empty for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.streams.broker import Broker


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
