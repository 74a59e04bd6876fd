"""A definition that somebody uploads makes the server read no file, ask no other machine and loop no hours; it is told by its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hienluong.foundation.schemas import checking, expressions, shape

WRONG: dict[str, tuple[dict[str, Any], tuple[str | int, ...]]] = {
    "elsewhere": ({"properties": {"a": {"$ref": "http://127.0.0.1:9/x"}}}, ("properties", "a", "$ref")),
    "deep": ({"allOf": [{"then": {"$dynamicRef": "file:///etc/passwd"}}]}, ("allOf", 0, "then", "$dynamicRef")),
    "dialect": ({"$schema": "http://127.0.0.1:9/x"}, ("$schema",)),
    "truth": ({"properties": {"a": True}}, ("properties", "a")),
    "number-key": ({"properties": {1: {}}}, ("properties",)),
    "properties": ({"properties": 5}, ("properties",)),
    "kind": ({"properties": {"a": {"x-kind": ["text"]}}}, ("properties", "a", "x-kind")),
    "labels": ({"properties": {"a": {"x-enum-labels": True}}}, ("properties", "a", "x-enum-labels")),
    "units": ({"properties": {"a": {"x-kind": "quantity", "x-units": 5}}}, ("properties", "a", "x-units")),
    "items": ({"properties": {"a": {"items": True}}}, ("properties", "a", "items")),
    "branch": ({"if": {}, "then": True}, ("then",)),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_schema_may_not_be_is_told_with_its_place(name: str) -> None:
    schema, place = WRONG[name]
    with pytest.raises(shape.Misplaced) as refusal:
        shape.require(schema)
    assert refusal.value.place == place
    assert checking.schema_fault(schema)


def test_no_file_is_read_for_a_schema_even_where_nobody_looked_at_its_shape(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"type": "integer"}')
    with pytest.raises(ValueError, match=r"other\.json"):
        checking.validator({"$ref": (tmp_path / "other.json").as_uri()})


def test_references_within_a_schema_hold() -> None:
    schema = {"$schema": shape.DIALECT, "properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"minimum": 3}}}
    assert not checking.schema_fault(schema)
    assert list(checking.validator(schema).iter_errors({"a": 2}))


def test_loops_within_loops_are_refused_and_what_is_no_expression_has_no_value() -> None:
    nested = "a.map(x, a.map(y, a.map(z, x + y + z)))"
    grows = "[b]" + ".map(x, x + x)" * 100
    for expression in (nested, grows, "a >", "a.all(x, a.all(y, a.all(z, x > y)))"):
        assert expressions.check(expression, ("a", "b"))
        assert expressions.evaluate(expression, {"a": [1] * 500, "b": "x"}) is None
        assert expressions.variables(expression) == frozenset()
        assert not expressions.holds(expression, {"a": [1] * 500, "b": "x"})
    assert not expressions.check("a.filter(x, a.exists(y, y == x + 1)).size() > 0", ("a",))
