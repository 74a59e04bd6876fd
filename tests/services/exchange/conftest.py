"""An agency of ours connected to a simulated axis that runs as a process of its own; the test plays the other system."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hienluong.services.exchange import tasks
from tests.services.documents.bureau import Bureau, make_bureau
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


def connect(process: AxisProcess, settings: Any) -> Iterator[AxisProcess]:
    """Us as system H50, with the agencies there are; the test is H57 with the agency :data:`PEER`."""
    settings.DOCUMENT_AXIS = process.connection("H50")
    tasks._registered.clear()
    tasks.register_agencies()
    process.register("H57", PEER, "Sở Tài chính Huế")
    yield process
    process.switch()
    for system in process.systems:
        while waiting := process.waiting(system):
            for item in waiting:
                process.call("updateStatus", system, docid=item["docId"], status="done")


@pytest.fixture
def axis(_axis: AxisProcess, health: Agency, settings: Any) -> Iterator[AxisProcess]:
    """The axis, connected to an agency of ours."""
    yield from connect(_axis, settings)


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


@pytest.fixture
def axis_of_bureau(_axis: AxisProcess, bureau: Bureau, settings: Any) -> Iterator[AxisProcess]:
    """The axis, connected to a people's committee and its department."""
    yield from connect(_axis, settings)
