"""The picture as a fixture."""

from __future__ import annotations

import pytest

from tests.services.oversight.picture import Picture
from tests.snapshots import ready


@pytest.fixture
def picture(db: None) -> Picture:
    return ready(Picture)
