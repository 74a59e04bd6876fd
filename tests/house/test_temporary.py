"""Each test run has a folder for temporary files of its own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests import temporary


def test_a_run_has_a_folder_of_its_own_and_removes_those_long_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "/hl-tests-" in str(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = [tmp_path / f"hl-tests-{2**22 + number}" for number in range(5)]  # above any process number
    for age, old in enumerate(gone):
        old.mkdir()
        os.utime(old, (1000 + age, 1000 + age))
    alive = tmp_path / f"hl-tests-{os.getppid()}"
    alive.mkdir()
    assert temporary.folder() == tmp_path / f"hl-tests-{os.getpid()}"
    assert set(tmp_path.iterdir()) == {*gone[2:], alive}
