"""Numbers as they are typed and shown: what is shown is read as the same number, in the browser as on the server."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.capabilities.forms.browser import typing_of
from hienluong.capabilities.forms.widgets import NumberInput
from hienluong.foundation.schemas.cleaning import coerce
from hienluong.foundation.schemas.display import show
from hienluong.services.records.exporting.columns import plain
from tests.thorough import examples

from . import made
from .browser import BrowserJudge, Undecided, received, same, sent

MANY = settings(max_examples=examples(200, 2000), deadline=None, suppress_health_check=list(HealthCheck))
NUMBER, INTEGER = {"type": "number", "title": "Sản lượng"}, {"type": "integer", "title": "Số đàn"}
YEAR = {"type": "integer", "title": "Năm nuôi"}
WHOLE = st.integers(-(10**12), 10**12)
#: With up to six decimals, as many as are shown.
FRACTIONS = st.integers(-(10**12), 10**12).map(lambda number: number / 10**6) | WHOLE.map(lambda number: number / 1000)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2.500", 2500),
        ("1.250", 1250),
        ("1.234.567", 1234567),
        ("1.250,5", 1250.5),
        ("1 250,5", 1250.5),
        ("2,5", 2.5),
        ("2,500", 2.5),
        ("1.5", 1.5),
        ("1.25", 1.25),
        ("1.2500", 1.25),
        ("0.125", 0.125),
        ("1250.125", 1250.125),
        ("-1.250", -1250),
        ("1.250.5", "1.250.5"),
        ("1.250 500", "1.250 500"),
    ],
)
def test_a_number_as_it_is_written_here(judge: BrowserJudge, typed: str, number: Any) -> None:
    assert same(coerce(typed, NUMBER), number)
    assert same(received(judge.ask("typed", field=typing_of(NUMBER), text=typed)), number)


@MANY
@given(typed=made.NUMBERS, prop=st.sampled_from([NUMBER, INTEGER, YEAR]))
def test_both_read_the_same(judge: BrowserJudge, typed: str, prop: dict[str, Any]) -> None:
    answer = judge.ask("typed", field=typing_of(prop), text=typed)
    assert same(coerce(typed, prop), received(answer)), typed


@MANY
@given(value=WHOLE | FRACTIONS)
def test_what_is_shown_is_read_as_the_same_number(judge: BrowserJudge, value: float) -> None:
    prop = NUMBER if isinstance(value, float) else INTEGER
    for shown in (show(value, prop), NumberInput("number").format_value(value), plain(value)):
        for read in (coerce(shown, NUMBER), received(judge.ask("typed", field=typing_of(NUMBER), text=shown))):
            assert read == value, shown
    if isinstance(value, int):
        assert coerce(show(value, INTEGER), INTEGER) == coerce(show(value, YEAR), YEAR) == value


@MANY
@given(value=WHOLE | FRACTIONS | st.floats(-1e16, 1e16), prop=st.sampled_from([NUMBER, YEAR]))
def test_both_show_the_same(judge: BrowserJudge, value: float, prop: dict[str, Any]) -> None:
    field = {**typing_of(prop), **({"year": True} if prop is YEAR else {})}
    answer = judge.ask("words", field=field, value=sent(value))
    assert isinstance(answer, Undecided) or answer == show(value, prop)


def test_a_box_shows_what_was_understood() -> None:
    box = NumberInput("number")
    assert [box.format_value(typed) for typed in ("2500", "2.500", "1.25", "2,5", "-0.5", "nhiều", "")] == [
        "2.500",
        "2.500",
        "1,25",
        "2,5",
        "-0,5",
        "nhiều",
        None,
    ]
