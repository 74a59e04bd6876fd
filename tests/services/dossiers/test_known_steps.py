"""The table of steps that packs are held against is what the verbs of a dossier and the shipped models use."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from hienluong.capabilities.workflow import engine, library
from hienluong.services.dossiers import actions, duties
from hienluong.services.procedures import process_steps

VERBS = Path(actions.__file__).parent


def _calls(name: str) -> Iterator[list[str]]:
    """The texts given to every call of a function of this name in the verbs."""
    for file in VERBS.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and name in (getattr(node.func, "attr", ""), getattr(node.func, "id", "")):
                yield [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]


def test_the_table_names_the_steps_at_which_verbs_act() -> None:
    acted = {task for texts in _calls("require_task") for task in texts}
    acted |= {step for duty in duties.DUTIES.values() for step in duty.steps}
    assert acted == set(process_steps.KNOWN)


def test_the_table_knows_every_outcome_that_verbs_give() -> None:
    known = {outcome for step in process_steps.KNOWN.values() for outcome in step.outcomes}
    given = {texts[-1] for texts in _calls("advance") if texts} | {texts[1] for texts in _calls("plain_step")}
    assert given <= known
    assert given >= {"accept", "supplement", "refuse", "answered", "given", "tacit", "returned", "done", "sent"}


@pytest.mark.parametrize("code", library.SHIPPED)
def test_the_shipped_models_keep_to_the_table(code: str) -> None:
    assert list(process_steps.model_problems(engine.load(library.shipped_xml(code)))) == []


def test_every_step_of_the_table_is_used_by_a_shipped_model() -> None:
    used = {task for code in library.SHIPPED for task in engine.load(library.shipped_xml(code)).tasks}
    assert used == set(process_steps.KNOWN)
