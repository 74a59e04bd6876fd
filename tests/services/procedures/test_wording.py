"""Changes of definitions are told in words: every part that a definition can have is called something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.scoring.definition import ScoringSpec
from hienluong.services.procedures.spec import ProcedureSpec
from hienluong.services.procedures.wording import PARTS, said

pytestmark = pytest.mark.once


def parts(kind: Any, seen: set[type[BaseModel]]) -> Iterator[str]:
    """The names of all parts of a definition, as they are written."""
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
        seen.add(kind)
        for name, field in kind.model_fields.items():
            yield field.serialization_alias or field.alias or name
            yield from parts(field.annotation, seen)
    for inside in get_args(kind):
        yield from parts(inside, seen)


@pytest.mark.parametrize("spec", [ProcedureSpec, RegisterSpec, ScoringSpec])
def test_every_part_of_a_definition_has_words(spec: type[BaseModel]) -> None:
    assert {name for name in parts(spec, set()) if name not in PARTS} == set()


def test_a_value_is_told_in_words() -> None:
    assert said({"name": "Đơn", "copies": 1}) == "Đơn"
    assert said([{"channel": "online", "complete": False}, None]) == "Hình thức nộp: online; Đủ nội dung: Không, —"
    assert said("a" * 200) == "a" * 159 + "…"
