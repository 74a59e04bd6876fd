"""A thousand documents each way between two installations while the axis misbehaves and processes are killed. ``make soak``."""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.exchange.houses import Pair

pytestmark = pytest.mark.soak

COUNT = int(os.environ.get("SOAK_DOCUMENTS", "1000"))
#: Something is killed, or the axis goes away, each time so many packages have been sent or settled since the last time:
#: some thirty times in all, on a fast machine and on a slow one.
EVERY = max(COUNT // 2, 10)
FAULTS = int(os.environ.get("SOAK_FAULTS", "20"))
#: Seconds after which the test gives up waiting for that.
LONGEST = 4 * 3600.0
#: The share of documents that are at their end before the axis behaves again.
SHARE = 0.8
#: Seconds after the axis is back and nobody is killed any more within which everything is at its end.
AGREED = float(os.environ.get("SOAK_AGREED", "900"))
#: What goes wrong all the time, in percent of the calls.
ALWAYS = {
    "lost_pt": 4,
    "500_pt": 3,
    "refuse_pt": 3,
    "twice_pt": 5,
    "hold_pt": 5,
    "garble_pt": 2,
    "slow_pt": 1,
    "reorder_pt": 30,
}


@pytest.fixture
def pair() -> Iterator[Pair]:
    """In a folder of its own: PostgreSQL's user may not enter pytest's."""
    with tempfile.TemporaryDirectory(prefix="hienluong-truc-") as folder:
        found = Pair(Path(folder))
        yield found
        found.stop()


def test_a_thousand_documents_each_way_each_once_without_repair(pair: Pair) -> None:
    chance = random.Random(28)
    stop = threading.Event()
    killed: list[str] = []

    def misbehave() -> None:
        """Kill one process after another; now and then the axis is away for a while, or is killed itself."""
        last = pair.moved()
        while not stop.wait(chance.uniform(0.5, 3.0)):
            if pair.moved() < last + EVERY:
                continue
            last = pair.moved()
            what = chance.choice(("worker", "worker", "web", "postgres", "axis", "away"))
            if what == "axis":
                pair.axis.kill()
                time.sleep(chance.uniform(0.0, 3.0))
                pair.axis.start()
                pair.axis.switch(**ALWAYS)
            elif what == "away":
                pair.axis.switch(**ALWAYS, away_pt=100)
                stop.wait(chance.uniform(2.0, 10.0))
                pair.axis.switch(**ALWAYS)
            killed.append(what if what in ("axis", "away") else chance.choice(pair.houses).kill(what, chance))

    pair.axis.switch(**ALWAYS)
    until = time.monotonic() + LONGEST
    thread = threading.Thread(target=misbehave)
    thread.start()
    try:
        for first in range(1, COUNT + 1, 50):
            pair.issue(first, min(first + 49, COUNT), patience=600)
            for house in pair.houses:
                house.try_("handle")
        while len(killed) < FAULTS or pair.share(COUNT) < SHARE:  # what is under way is what can be broken
            assert time.monotonic() < until, killed
            for house in pair.houses:
                house.try_("handle")
            time.sleep(1.0)
    finally:
        stop.set()
        thread.join()
    pair.axis.switch()
    took = pair.settle(COUNT, AGREED)
    print(f"{COUNT} documents each way; {len(killed)} faults; at their end {took:.0f} s after the axis was back")
    pair.assert_exact(COUNT)
