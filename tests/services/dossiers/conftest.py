"""The small province as a fixture."""

from __future__ import annotations

import pytest

from tests.services.dossiers.province import Province
from tests.snapshots import ready


@pytest.fixture
def province(db: None) -> Province:
    return ready(Province)
