"""A store of contents of its own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hienluong.foundation.files.blobs import blob_store


@pytest.fixture(autouse=True)
def contents(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.FILES_ROOT = tmp_path / "files"
    settings.S3_BUCKET, settings.CLAMD = "", ""
    blob_store.cache_clear()
    yield settings.FILES_ROOT
    blob_store.cache_clear()
