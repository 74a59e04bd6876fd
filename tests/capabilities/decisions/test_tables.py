"""Decision tables decide exactly, explain themselves, and refuse what cannot be evaluated."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hienluong.capabilities.decisions import BadTable, check, evaluate

#: Thông tư 226/2016/TT-BTC: 2.000 đồng a page, 1.000 from the third, at most 200.000 a copy.
COPIES: dict[str, Any] = {
    "name": "Phí chứng thực",
    "inputs": ["pages", "poor"],
    "hit": "first",
    "rows": [
        {"when": "poor == true", "then": {"amount": 0, "exempt": "Hộ nghèo"}, "note": "Miễn"},
        {"when": "pages <= 2", "then": {"amount": "pages * 2000"}},
        {"when": "4000 + (pages - 2) * 1000 > 200000", "then": {"amount": 200000}},
    ],
    "default": {"amount": "4000 + (pages - 2) * 1000"},
}


@given(pages=st.integers(1, 5000))
def test_the_fee_is_exact_for_any_number_of_pages(pages: int) -> None:
    expected = pages * 2000 if pages <= 2 else min(4000 + (pages - 2) * 1000, 200_000)
    amount = evaluate(COPIES, {"pages": pages, "poor": False}).values["amount"]
    assert (amount, type(amount)) == (expected, int)


def test_an_exemption_says_why() -> None:
    outcome = evaluate(COPIES, {"pages": 3, "poor": True})
    assert outcome.values == {"amount": 0, "exempt": "Hộ nghèo"}
    assert outcome.why == ("Miễn",)


def test_what_was_not_answered_does_not_match() -> None:
    assert evaluate(
        {"inputs": ["x"], "rows": [{"when": "x > 1", "then": {"amount": 5}}], "default": {"amount": 1}}, {}
    ).values == {"amount": 1}


def test_unique_refuses_two_rows_and_collect_adds_up() -> None:
    rows = [{"when": "true", "then": {"amount": 2}}, {"when": "n > 0", "then": {"amount": 3}}]
    with pytest.raises(BadTable):
        evaluate({"hit": "unique", "rows": rows}, {"n": 1})
    assert evaluate({"hit": "collect", "rows": rows}, {"n": 1}).values["amount"] == 5


@pytest.mark.parametrize("when", ["10 / n > 1", "(n + 2) * 9223372036854775807 > 1", "[n][3] == 0", "n.x == 1", "n >"])
def test_a_condition_that_cannot_be_computed_does_not_hold(when: str) -> None:
    rows = [{"when": when, "then": {"amount": 5}}]
    assert evaluate({"inputs": ["n"], "rows": rows, "default": {"amount": 1}}, {"n": 0}).values == {"amount": 1}


def test_a_formula_that_cannot_be_computed_is_said_and_fractions_add_up_too() -> None:
    with pytest.raises(BadTable, match="10 / n"):
        evaluate({"rows": [{"then": {"amount": "10 / n"}}]}, {"n": 0})
    rows = [{"then": {"amount": "double(n) * 0.5"}}, {"then": {"amount": 2}}]
    assert evaluate({"hit": "collect", "rows": rows}, {"n": 3}).values == {"amount": 3.5}


def test_faults_are_told_by_row() -> None:
    faults = check({"hit": "maybe", "rows": [{"when": "((", "then": {"amount": "1 +"}}]})
    assert len(faults) == 3
    assert check(COPIES) == []
