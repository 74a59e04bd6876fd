"""The two simulators, one process each for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hienluong.foundation.eid import wire
from tests.factories import make_org

from .provider import Simulator, using


@pytest.fixture(scope="module")
def _vneid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = Simulator("vneid", tmp_path_factory.mktemp("vneid"))
    yield simulator
    simulator.stop()


@pytest.fixture(scope="module")
def _dvc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = Simulator("dvc", tmp_path_factory.mktemp("dvc"))
    yield simulator
    simulator.stop()


@pytest.fixture
def vneid(_vneid: Simulator, settings: Any, db: None) -> Iterator[Simulator]:
    """VNeID, connected to a province."""
    wire.forget()
    using(settings, _vneid.configured())
    make_org(kind="province")
    yield _vneid
    _vneid.switch(**{f"_{fault}" if fault[0].isdigit() else fault: 0 for fault in ("503", "nonce", "none")})


@pytest.fixture
def dvc(vneid: Simulator, _dvc: Simulator, settings: Any) -> Simulator:
    """The national public-service account, connected beside VNeID."""
    using(settings, vneid.configured(), _dvc.configured())
    return _dvc
