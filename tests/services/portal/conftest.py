"""The small province, for tests of the portal."""

from __future__ import annotations

import pytest

from tests.services.dossiers.province import Province


@pytest.fixture
def province(db: None) -> Province:
    return Province()
