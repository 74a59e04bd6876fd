"""A small province connected to a simulated portal that runs as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.capabilities.payments.process import forget_jobs
from tests.services.dossiers.province import Province
from tests.services.national.process import PortalProcess
from tests.snapshots import ready


@pytest.fixture
def province(db: None) -> Province:
    return ready(Province)


@pytest.fixture
def portal(tmp_path: Path, settings: Any) -> Iterator[PortalProcess]:
    """The simulator, told of no product yet: `settings` point at it."""
    process = PortalProcess(tmp_path, "http://127.0.0.1:9")
    settings.NATIONAL_PORTAL = process.connection
    yield process
    process.stop()


@pytest.fixture
def live_portal(live_server: Any, tmp_path: Path, settings: Any) -> Iterator[PortalProcess]:
    """The simulator pushing to a live server of the product."""
    forget_jobs()
    process = PortalProcess(tmp_path, live_server.url)
    settings.NATIONAL_PORTAL = process.connection
    yield process
    process.stop()
