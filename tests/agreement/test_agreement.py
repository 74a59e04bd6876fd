"""The browser and the server give the same verdict on schemas, expressions, identifiers and typed texts."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.foundation.schemas import checking, cleaning

from . import comparing, made
from .browser import BrowserJudge, Undecided, received, same

MANY = settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
PROPS: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "x-widget": "textarea"},
    {"type": "string", "format": "date"},
    {"type": "string", "x-widget": "phone"},
    {"type": "string", "x-widget": "personal-id"},
    {"type": "string", "format": "email"},
    {"type": "integer", "x-widget": "money"},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "array", "items": {"type": "string"}, "x-widget": "textarea"},
    {"type": "array", "items": {"type": "integer"}, "x-widget": "textarea"},
    *({"type": "string", "x-kind": kind} for kind in ("plate", "enterprise-id", "isbn", "gtin", "personal-id", "text")),
]
SCHEMAS: list[dict[str, Any]] = [
    {"minLength": 2, "maxLength": 12},
    *(
        {"pattern": pattern}
        for pattern in [*made.PATTERNS, r"^\p{L}[\p{L}\p{M} .'’-]*$", r"^[A-ZĐ]{1,2} ?\d{6,8}$", r"^\S+$"]
    ),
    *({"format": name} for name in ("date", "email", "uuid", "time")),
    {"type": "integer", "minimum": 3, "maximum": 10**9, "multipleOf": 7},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100.5, "multipleOf": 0.01},
    {"enum": ["an", "o", 1, True, None, [1]]},
    {"const": True},
    {"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": True, "items": {"type": ["string", "number"]}},
]


def _no_contradiction(counts: list[comparing.Count], *, left: float) -> None:
    """Nothing differs, and at most this share is left to the server."""
    assert not [words for count in counts for words in count.differences]
    assert sum(count.left for count in counts) <= left * sum(count.cases for count in counts)


def test_the_schema_suite(judge: BrowserJudge) -> None:
    counts = comparing.schemas(judge)
    assert sum(count.cases for count in counts) > 1200
    _no_contradiction(counts, left=0)


def test_the_table_of_expressions(judge: BrowserJudge) -> None:
    counts = comparing.table(judge)
    assert sum(count.cases for count in counts) > 1000
    _no_contradiction(counts, left=0.05)


@MANY
@given(expression=made.expressions(), data=made.data())
def test_any_expression(judge: BrowserJudge, expression: str, data: dict[str, Any]) -> None:
    server, browser = comparing.both(judge, expression, data)
    assert isinstance(browser, Undecided) or same(server, browser), f"{expression}: {server!r}, {browser!r}"


def test_identifiers(judge: BrowserJudge) -> None:
    _no_contradiction(comparing.identifiers(judge), left=0.2)


@MANY
@given(prop=st.sampled_from(PROPS), text=made.TYPED)
def test_typed_texts(judge: BrowserJudge, prop: dict[str, Any], text: str) -> None:
    from hienluong.capabilities.forms.browser import typing_of

    answer = judge.ask("typed", field=typing_of(prop), text=text)
    server = cleaning.coerce(text, prop)
    assert isinstance(answer, Undecided) or same(server, received(answer)), f"{prop}, {text!r}: {server!r}, {answer!r}"


VALUES = st.recursive(
    made.TYPED
    | st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e9, 1e9)
    | st.integers(-(10**6), 10**6).map(lambda number: number / 100)
    | st.uuids().map(str)
    | st.dates().map(str)
    | st.emails()
    | st.times().map(str),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=3,
)


@MANY
@given(schema=st.sampled_from(SCHEMAS), value=VALUES)
def test_keywords_of_our_forms(judge: BrowserJudge, schema: dict[str, Any], value: Any) -> None:
    """With formats asserted, as the engine asserts them."""
    answer = judge.ask("schema", schema=schema, formats=True, value=value)
    server = checking.validator(schema).is_valid(value)
    assert isinstance(answer, Undecided) or (not answer) == server, f"{schema}, {value!r}: {server}, {answer}"
