"""``hienluong codelist``."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hienluong.foundation.codelists.models import CodeList
from hienluong.house.commands_codelist import codelist_app
from tests.foundation.codelists import sample

runner = CliRunner()


@pytest.mark.django_db
def test_check_writes_nothing_and_install_does(tmp_path: Path) -> None:
    path = sample.written(tmp_path)
    assert runner.invoke(codelist_app, ["check", str(path)]).exit_code == 0
    assert not CodeList.objects.exists()
    assert runner.invoke(codelist_app, ["install", str(path)]).exit_code == 0
    assert CodeList.objects.get().code == "trees"
    path.write_text("code: trees\n", "utf-8")
    assert runner.invoke(codelist_app, ["install", str(path)]).exit_code == 1
