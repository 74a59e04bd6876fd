"""An agency of ours connected to a simulated axis that runs as a process of its own; the test plays the other system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hienluong.services.exchange import tasks
from tests.services.documents.offices import Agency, make_agency
from tests.services.exchange.process import AxisProcess

PEER = "H57.19"


@pytest.fixture
def health(db: None) -> Agency:
    return make_agency("Sở Y tế")


@pytest.fixture(scope="session")
def _axis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AxisProcess]:
    process = AxisProcess(tmp_path_factory.mktemp("axis"))
    yield process
    process.stop()


@pytest.fixture
def axis(_axis: AxisProcess, health: Agency, settings: Any) -> Iterator[AxisProcess]:
    """The axis; we are system H50 there, the test is H57 with the agency :data:`PEER`."""
    settings.DOCUMENT_AXIS = _axis.connection("H50")
    tasks._registered.clear()
    tasks.register_agencies()
    _axis.register("H57", PEER, "Sở Tài chính Huế")
    yield _axis
    _axis.switch()
    for system in _axis.systems:
        while waiting := _axis.waiting(system):
            for item in waiting:
                _axis.call("updateStatus", system, docid=item["docId"], status="done")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder for an axis of a test's own."""
    return tmp_path
