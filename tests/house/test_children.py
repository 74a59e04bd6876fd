"""What the children of an installation are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from hienluong.house import children
from hienluong.house.children import Plan
from hienluong.house.state import StateFolder


def test_compiled_python_is_kept_whatever_the_shell_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    env = Plan(StateFolder(tmp_path)).environment()
    assert "PYTHONDONTWRITEBYTECODE" not in env
    assert "PYTHONPYCACHEPREFIX" not in env
    monkeypatch.setattr(children.os, "access", lambda path, mode: False)  # an installation that only root may write
    env = Plan(StateFolder(tmp_path)).environment()
    assert env["PYTHONPYCACHEPREFIX"] == str(tmp_path / "cache" / "python")
