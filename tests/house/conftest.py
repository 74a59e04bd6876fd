"""One installation for all tests of this folder that only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.running import Installation


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests start their own database: once is enough, and in one process they share one installation."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.house)
            item.add_marker(pytest.mark.xdist_group("house"))


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation; a test that stops it must start it again."""
    running = Installation(tmp_path_factory.mktemp("house") / "state").start()
    yield running
    running.stop()
