"""One installation for all tests of this folder that only look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.house.running import Installation


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation; a test that stops it must start it again."""
    running = Installation(tmp_path_factory.mktemp("house") / "state").start()
    yield running
    running.stop()
