"""A scoring form that cannot be scored is told by line in ``pack check``, and a good one is installed once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hienluong.capabilities.scoring.definition import ScoringSpec, problems
from hienluong.services.procedures import packs

from .sample import FORM, SPEC

PACK = "name: test.kitchen\ntitle: Bếp\nversion: 1.0.0\n"


def _with(**changes: Any) -> ScoringSpec:
    return ScoringSpec.model_validate({**FORM, **changes})


def _tree(**changes: Any) -> ScoringSpec:
    return _with(tree={"code": "t", "title": "t", "aggregate": "sum", **changes})


ITEM = {"code": "i", "title": "i"}
NUMBER = {**ITEM, "ask": "number"}


def test_the_sample_has_no_fault() -> None:
    assert list(problems(SPEC)) == []


def test_a_level_that_passes_only_just_is_not_green() -> None:
    assert [SPEC.colour(level) for level in SPEC.levels] == ["green", "yellow", "red"]
    one = _with(levels=[SPEC.levels[0], SPEC.levels[-1]], critical_failed=SPEC.levels[-1].code)
    assert [one.colour(level) for level in one.levels] == ["green", "red"]
    assert SPEC.colour(None) == "red"


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        (_tree(), ("tree", "items")),
        (_tree(items=[ITEM, ITEM]), ("tree", "items", 0, "code")),
        (_tree(items=[ITEM], points=5), ("tree", "points")),
        (_tree(items=[ITEM], ask="choice"), ("tree", "ask")),
        (_tree(items=[{**ITEM, "pass_from": 1}]), ("tree", "items", 0, "pass_from")),
        (_tree(items=[{**ITEM, "ask": "choice"}]), ("tree", "items", 0, "choices")),
        (_tree(items=[NUMBER]), ("tree", "items", 0, "points")),
        (_tree(items=[{**NUMBER, "bands": [{"from": 1, "points": 1}]}]), ("tree", "items", 0, "min")),
        (_tree(items=[{**ITEM, "fault": "heavy"}]), ("tree", "items", 0, "fault")),
        (_tree(items=[{**NUMBER, "points": 5, "critical": True}]), ("tree", "items", 0, "critical")),
        (_tree(aggregate="all", items=[{**ITEM, "weight": 2}]), ("tree", "items", 0, "weight")),
        (
            _tree(aggregate="all", items=[{**ITEM, "aggregate": "sum", "items": [{"code": "j", "title": "j"}]}]),
            ("tree", "items", 0),
        ),
        (_with(critical_failed="Z"), ("critical_failed",)),
        (_with(levels=[{"code": "A", "label": "A"}, {"code": "B", "label": "B"}]), ("levels", 0)),
    ],
)
def test_faults_say_where(spec: ScoringSpec, place: tuple[str | int, ...]) -> None:
    assert place in [found for found, _message in problems(spec)]


def test_faults_of_a_pack_stand_at_their_line(tmp_path: Path) -> None:
    folder = tmp_path / "scoring"
    folder.mkdir()
    (tmp_path / "pack.yaml").write_text(PACK, "utf-8")
    good = yaml.safe_dump(FORM, allow_unicode=True, sort_keys=False)
    (folder / "kitchen.yaml").write_text(good, "utf-8")
    assert packs.load(tmp_path).faults == []
    bad = good.replace("fault: major", "fault: grave", 1).replace("weight: 1.5", "weight: nặng")
    (folder / "kitchen.yaml").write_text(bad, "utf-8")
    found = [str(fault) for fault in packs.load(tmp_path).faults]
    line = bad.splitlines().index("    weight: nặng") + 1
    assert found == [f"scoring/kitchen.yaml:{line}: “tree.items.0.weight”: Phải là số."]
    bad = bad.replace("weight: nặng", "weight: 2")
    (folder / "kitchen.yaml").write_text(bad, "utf-8")
    line = next(number for number, text in enumerate(bad.splitlines(), start=1) if "fault: grave" in text)
    assert [(fault.line, fault.file) for fault in packs.load(tmp_path).faults] == [(line, "scoring/kitchen.yaml")]
