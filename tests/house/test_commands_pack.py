"""``hienluong pack``."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hienluong.house.commands_pack import pack_app
from hienluong.services.procedures.models import Procedure
from tests.services.procedures.samples import spec, write_pack

runner = CliRunner()


def test_check_says_what_is_wrong_and_fails(tmp_path: Path) -> None:
    write_pack(tmp_path, spec())
    assert runner.invoke(pack_app, ["check", str(tmp_path)]).exit_code == 0
    (tmp_path / "procedures" / "x.yaml").write_text("a: 1")
    assert runner.invoke(pack_app, ["check", str(tmp_path)]).exit_code == 1


@pytest.mark.django_db
def test_diff_then_install(tmp_path: Path) -> None:
    write_pack(tmp_path, spec())
    assert runner.invoke(pack_app, ["diff", str(tmp_path)]).exit_code == 0
    assert not Procedure.objects.exists()
    assert runner.invoke(pack_app, ["install", str(tmp_path)]).exit_code == 0
    assert Procedure.objects.get().code == "1.000001"
