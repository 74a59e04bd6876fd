"""The picture as a fixture."""

from __future__ import annotations

import pytest

from tests.services.oversight.picture import Picture


@pytest.fixture
def picture(db: None) -> Picture:
    return Picture()
