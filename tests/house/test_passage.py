"""Root's database server passes where we let it, and nobody else does. Collected under root only."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from hienluong.house import passage
from hienluong.house.passage import NoPassage, let_pass

STRANGER = 64_123


def _reaches(path: Path, uid: int) -> bool:
    """Whether a process of this user can look at `path`."""
    look = ["setpriv", f"--reuid={uid}", "--regid=64123", "--clear-groups", "stat", str(path)]
    return subprocess.run(look, capture_output=True, check=False, cwd="/").returncode == 0


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """``private/ours/deep``: a private folder of root's with a folder of ours in it. Others may come as far as it."""
    for folder in tmp_path.parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    tmp_path.chmod(0o711)
    deep = tmp_path / "private" / "ours" / "deep"
    deep.mkdir(parents=True, mode=0o700)
    (tmp_path / "private").chmod(0o700)
    (tmp_path / "private" / "ours").chmod(0o700)
    return tmp_path / "private"


def test_a_private_folder_of_ours_is_opened_to_the_server_alone(private: Path) -> None:
    ours = private / "ours"
    assert let_pass(ours / "deep", STRANGER, "may-chu", [ours]) == [private]
    assert _reaches(ours / "deep", STRANGER)
    assert not _reaches(ours / "deep", STRANGER + 1)
    assert not private.stat().st_mode & stat.S_IRWXO
    assert ours.stat().st_mode & stat.S_IRWXO == stat.S_IXOTH  # to pass, not to list
    assert let_pass(ours / "deep", STRANGER, "may-chu", [ours]) == []  # once is enough


def test_somebody_elses_folder_is_left_alone_and_the_way_out_is_said(private: Path) -> None:
    os.chown(private, STRANGER + 7, STRANGER + 7)
    with pytest.raises(NoPassage, match=r"setfacl -m u:may-chu:x .*/private"):
        let_pass(private / "ours" / "deep", STRANGER, "may-chu", [private / "ours"])
    assert private.stat().st_mode & 0o777 == 0o700
    assert not _reaches(private / "ours", STRANGER)


def test_a_file_system_without_lists_is_left_alone_too(private: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(passage.os, "setxattr", refuse)
    with pytest.raises(NoPassage):
        let_pass(private / "ours" / "deep", STRANGER, "may-chu", [private / "ours"])
