"""The embedded server's cluster is whole or not there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hienluong.house.postgres import MAKING, EmbeddedPostgres
from hienluong.house.state import StateFolder


def test_an_interrupted_first_start_leaves_no_half_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres = EmbeddedPostgres(StateFolder(tmp_path / "state"))
    run = subprocess.run

    def interrupted(command: list[str], **options: object) -> object:
        if command[0].endswith("initdb"):
            folder = Path(command[command.index("-D") + 1])
            (folder / "PG_VERSION").write_text("18")  # initdb writes it first
            raise KeyboardInterrupt
        return run(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("hienluong.house.postgres.subprocess.run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        postgres.prepare()
    assert not (postgres.data / "PG_VERSION").exists()
    monkeypatch.undo()
    postgres.prepare()
    assert (postgres.data / "global" / "pg_control").exists()
    assert not (tmp_path / "state" / MAKING).exists()
