"""Two of our installations exchange documents over an axis that misbehaves, and a process of each kind is killed."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.exchange.houses import Pair

pytestmark = pytest.mark.house
COUNT = 20


@pytest.fixture
def pair() -> Iterator[Pair]:
    """In a folder of its own: PostgreSQL's user may not enter pytest's."""
    with tempfile.TemporaryDirectory(prefix="hienluong-truc-") as folder:
        found = Pair(Path(folder))
        yield found
        found.stop()


def test_each_document_arrives_once_and_each_status_comes_back(pair: Pair) -> None:
    chance = random.Random(5)
    pair.axis.switch(lost=3, twice=4, hold=2, garble=2, refuse=1, reorder_pt=50, **{"500": 2})
    pair.issue(1, COUNT // 2)
    pair.houses[0].kill("worker", chance)
    pair.axis.kill()
    pair.axis.start()
    pair.houses[1].kill("worker", chance)
    pair.issue(COUNT // 2 + 1, COUNT)
    pair.settle(COUNT, 300)
    pair.assert_exact(COUNT)
