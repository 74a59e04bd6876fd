"""Registers kept by officials, as a fixture."""

from __future__ import annotations

import pytest

from tests.services.records.sample import Kept
from tests.snapshots import ready


@pytest.fixture
def kept(db: None) -> Kept:
    return ready(Kept)
