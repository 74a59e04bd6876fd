"""Before a new version of a register is installed, the records that it would refuse are told: by its rules, too."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.template.loader import render_to_string

from hienluong.capabilities.registers import actions, fitting
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Register
from hienluong.services.packs import actions as packs
from hienluong.services.packs import planning, presentation
from tests.capabilities.registers.sample import GOOD, official, organization, wells

from .sample import ACTOR, bundle, owner, version

pytestmark = pytest.mark.django_db

LOW = {"when": "depth == null || depth <= 200.0", "field": "depth", "message": "Không sâu quá mức."}
TIGHT = {**LOW, "when": "depth == null || depth <= 100.0"}


def wells_with(rule: dict[str, str], number: int, **more: Any) -> RegisterSpec:
    return wells(version=number, effective_from=date(2020 + 10 * (number - 1), 1, 1), rules=[rule], **more)


@pytest.fixture
def numbers(db: None) -> dict[str, int]:
    owner = organization("H50.90")
    chief = official(owner, "define", "read", "write")
    register = actions.install(chief, spec=wells_with(LOW, 1), owner=owner).register
    depths = {"G001": 120.5, "G002": 90.0, "G003": 150.0}
    return {
        code: actions.create(chief, register=register, data={**GOOD, "code": code, "depth": depth}).pk
        for code, depth in depths.items()
    }


def told(spec: RegisterSpec) -> list[tuple[str, bool, list[int]]]:
    return [(each.message, each.is_rule, each.examples) for each in fitting.fitting(spec).faults]


def test_a_tightened_rule_is_told_with_the_records_that_break_it(numbers: dict[str, int]) -> None:
    deep = sorted((numbers["G001"], numbers["G003"]))
    assert told(wells_with(TIGHT, 2)) == [("Không sâu quá mức.", True, deep)]
    assert told(wells_with(LOW, 2)) == []


def test_records_are_looked_at_as_they_are_carried_over(numbers: dict[str, int]) -> None:
    assert told(wells_with(TIGHT, 2, migrate={"depth": "depth > 100.0 ? 100.0 : depth"})) == []


def test_of_many_records_some_are_looked_at_and_it_is_said(
    numbers: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not fitting.fitting(wells_with(TIGHT, 2)).is_part
    monkeypatch.setattr(fitting, "MOST", 2)
    found = fitting.fitting(wells_with(TIGHT, 2))
    assert (found.looked, found.is_part) == (2, True)


def test_the_plan_of_an_update_tells_it(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    owner()
    packs.install(ACTOR, bundle=bundle())
    register = Register.objects.get(code="thu.rung")
    tree = actions.create(ACTOR, register=register, data={"code": "C001", "name": "Đa", "height": 5.0})
    file = "registers/rung.yaml"
    number, day = (file, "version: 1", "version: 2"), (file, "2025-07-01", "2027-07-01")
    plan = planning.for_install(bundle(version("1.1.0"), number, day, (file, "height > 1.0", "height > 9.0")))
    (row,) = [row for row in presentation.rows(plan) if row.file == file]
    page = render_to_string("packs/_breaks.html", {"row": row, "breaks": row.breaks})
    assert "1 bản ghi không còn đúng với quy tắc “Cây phải cao hơn 1 m.”" in page
    assert f'href="/lam-viec/co-so-du-lieu/thu.rung/{tree.pk}"' in page
    for path, body in plan.bundle.content.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(body)
    with suppress(CommandError):
        call_command("pack", "diff", str(tmp_path))
    assert "1 bản ghi không còn đúng với quy tắc “Cây phải cao hơn 1 m.”" in capsys.readouterr().out
