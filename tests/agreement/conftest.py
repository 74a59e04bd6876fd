"""The browser's judge for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .browser import BrowserJudge


@pytest.fixture(scope="module")
def judge() -> Iterator[BrowserJudge]:
    """A process of Node that judges."""
    process = BrowserJudge()
    yield process
    process.close()
