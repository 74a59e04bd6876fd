"""The simulated ministries, one process for a test process; each test begins without faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.services.adapters.process import MinistriesProcess


@pytest.fixture(scope="session")
def _ministries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MinistriesProcess]:
    process = MinistriesProcess(tmp_path_factory.mktemp("ministries"))
    yield process
    process.stop()


@pytest.fixture
def ministries(_ministries: MinistriesProcess, settings: Any) -> Iterator[MinistriesProcess]:
    """The simulator, with every adapter connected to it."""
    settings.ADAPTERS = _ministries.connections()
    yield _ministries
    _ministries.settle()
