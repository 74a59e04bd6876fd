"""The feed waits for every transaction of the server, those of other databases, too: a test would wait for other tests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hienluong.capabilities.registers import feed
from hienluong.capabilities.registers.feed import Page
from hienluong.capabilities.registers.models import Register
from hienluong.capabilities.registers.sight import Sight


@contextmanager
def not_waiting() -> Iterator[None]:
    """What is committed is in the feed at once, as on a server where nobody else writes."""
    with pytest.MonkeyPatch.context() as patch:
        statement = feed._CHANGES.replace("pg_snapshot_xmin(", "pg_snapshot_xmax(")
        assert statement != feed._CHANGES
        patch.setattr(feed, "_CHANGES", statement)
        yield


def waited_for(register: Register, eyes: Sight, after: str) -> Page:
    """The next page of the feed that is not empty, once the other transactions of the server have ended."""
    until = time.monotonic() + 120
    while not (page := feed.read(register, eyes, after)).entries and time.monotonic() < until:
        time.sleep(0.2)
    return page
