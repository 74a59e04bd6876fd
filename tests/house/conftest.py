"""One installation for all tests of this folder that only look at it.

Its database is a copy of one that was made from nothing once (tests/database.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.house.running import Installation

#: Only root hands its database server over to another user.
collect_ignore = [] if os.geteuid() == 0 else ["test_passage.py"]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The installation that the tests share."""
    shared = Installation(tmp_path_factory.mktemp("house") / "state", migrated=True).start()
    yield shared
    shared.stop()


@pytest.fixture
def installation(house: Installation) -> Installation:
    """It runs; a test that stops it need not start it again."""
    return house if house.is_running else house.start()
