"""The commands of the build that nobody but a person types: what ``make bench`` offers, the server for tests."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    """``make bench`` with everything taken as built."""
    command = ["make", "--no-print-directory", "-o", "build", "bench", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", [(), ("NAME=acts",), ("NAME=reporting",), ("NAME=none",)])
def test_what_is_no_benchmark_is_answered_with_those_there_are(words: tuple[str, ...]) -> None:
    answer = bench(*words)
    assert answer.returncode != 0
    there = sorted(each.stem for each in (ROOT / "benchmarks").glob("*.py") if "def main" in each.read_text())
    assert answer.stdout.strip() == f"Which one? make bench NAME=…: {' '.join(there)}"


def test_the_server_for_tests_lives_in_the_temporary_folder_however_long_its_name(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    for parent in (folder, *folder.parents):  # the server runs as another user than root
        if parent.stat().st_uid == os.getuid() and parent != parent.parent:
            parent.chmod(parent.stat().st_mode | 0o011)
    command = f"ls {folder}; psql $DATABASE_URL -tAc 'SELECT 6 * 7'"
    answer = subprocess.run(
        [ROOT / "scripts" / "with-postgresql-15", "bash", "-c", command],
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    name, found = answer.stdout.split()
    assert name.startswith("hl-pg15.")
    assert found == "42"
    assert list(folder.iterdir()) == []
