"""The provider of a test, and a worker that goes on as long as it does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from hienluong.services.flows import running
from tests.services.flows.sample import Provider


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    found = Provider()
    settings.BUS_URL = found.url
    yield found
    found.stop()


@pytest.fixture
def worker(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(running, "SWEEP", 0.2)
    stop = threading.Event()
    thread = threading.Thread(target=running.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
