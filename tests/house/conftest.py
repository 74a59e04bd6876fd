"""One installation for all tests of this folder that only look at it.

Making the database from nothing is for the test of an external server.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.house.running import Installation

#: Only root hands its database server over to another user.
collect_ignore = [] if os.geteuid() == 0 else ["test_passage.py"]


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation; a test that stops it must start it again."""
    running = Installation(tmp_path_factory.mktemp("house") / "state", migrated=True).start()
    yield running
    running.stop()
