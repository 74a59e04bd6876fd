"""The small province, and the citizen's browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.files.blobs import blob_store
from tests.services.dossiers.province import Province
from tests.snapshots import ready


@pytest.fixture(autouse=True)
def _contents(settings: Any, tmp_path: Path) -> Any:
    settings.FILES_ROOT = tmp_path / "files"
    blob_store.cache_clear()
    yield
    blob_store.cache_clear()


@pytest.fixture
def province(db: None) -> Province:
    return ready(Province)


@pytest.fixture
def browser_of_citizen(province: Province) -> Client:
    client = Client()
    client.force_login(province.account)
    return client
