"""``hienluong retention``."""

from __future__ import annotations

import pytest
from typer import Typer
from typer.testing import CliRunner

from hienluong.house.commands_retention import retention
from tests.capabilities.registers.test_records import Wells


@pytest.mark.django_db
def test_every_register_says_how_long_it_keeps(capsys: pytest.CaptureFixture[str]) -> None:
    Wells()
    alone = Typer()
    alone.command()(retention)
    done = CliRunner().invoke(alone)
    assert done.exit_code == 0
    assert "thu.gieng: lưu vĩnh viễn" in done.output + capsys.readouterr().out
