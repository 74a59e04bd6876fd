"""A verdict is exact, bounded, never worse for a better answer, and equal to what a naive reader of the form computes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.scoring.definition import Node, ScoringSpec
from hienluong.capabilities.scoring.engine import judge, rounded

from .sample import FORM, GOOD, SPEC

AGGREGATORS = ("all", "any", "sum", "min", "weighted", "levels", "deduct")


@pytest.mark.parametrize(
    ("changed", "score", "level"),
    [
        # 1.5 × 40 + 30 + 4 of 1.5 × 40 + 30 + 4
        ({}, "94.00", "A"),
        # The floor is worth a third of its third: 40 × (2 + 1/3) / 3 × 1.5 = 46.666…
        ({"floor": {"value": "fair"}}, "80.67", "A"),
        # Left out, the water alone is the site; the stage before is skipped without holding the later ones back.
        ({"floor": {"value": "na"}, "plan": {"value": "na"}}, "94.00", "A"),
        # 2.5 for each of three people are lost, and 8 for the cold store.
        ({"without_gloves": {"value": "3"}, "cold": {"value": "5.5", "photos": 1}}, "78.50", "B"),
        # One paper is enough; when neither applies, the stage is skipped; when neither is there, the stages end at one.
        ({"haccp": {"value": "na"}, "iso": {"value": "na"}}, "94.00", "A"),
        ({"iso": {"value": "no"}}, "91.00", "A"),
        # The smaller of 1 and 4 is below what passes.
        ({"inward": {"value": "1"}}, "92.00", "A"),
        # Critical: whatever the rest says.
        ({"water": {"value": "no"}}, "54.00", "C"),
        # A major fault bars the first level at any score, and a bad floor needs its note and photo.
        ({"floor": {"value": "bad", "note": "nứt", "photos": 1}}, "74.00", "B"),
    ],
)
def test_verdicts_of_a_kitchen(changed: dict[str, Any], score: str, level: str) -> None:
    verdict = judge(SPEC, {**GOOD, **changed})
    assert (verdict["score"], verdict["level"], verdict["missing"]) == (score, level, [])


def test_what_is_missing_is_named_and_there_is_no_level_yet() -> None:
    verdict = judge(SPEC, {"floor": {"value": "bad", "note": " \n"}, "cold": {"value": "51"}, "haccp": {"value": "na"}})
    assert not verdict["complete"]
    assert verdict["level"] == ""
    assert ["floor", "photo"] in verdict["missing"]
    assert ["floor", "note"] in verdict["missing"]
    assert ["cold", "answer"] in verdict["missing"]  # outside what can be measured
    assert verdict["nodes"]["papers"]["state"] == "open"


@given(st.fractions(), st.integers(0, 6))
def test_rounding_is_half_up(value: Fraction, decimals: int) -> None:
    exact = Decimal(rounded(value, decimals))
    assert abs(Fraction(exact) - value) <= Fraction(1, 2 * 10**decimals)
    if 2 * abs(value) * 10**decimals % 2 == 1:
        assert abs(Fraction(exact)) > abs(value)


NUMBERS = st.decimals(0, 20, places=1)
CHILDREN = st.lists(
    st.tuples(st.decimals("0.5", 9, places=1), NUMBERS, st.sampled_from(("yes", "no", "na", ""))),
    min_size=1,
    max_size=6,
)


def _flat(aggregate: str, children: list[tuple[Decimal, Decimal, str]]) -> tuple[ScoringSpec, dict[str, Any]]:
    weighs = aggregate in ("sum", "weighted", "deduct")
    items = [
        {"code": f"i{n}", "title": "i", "points": points, "not_applicable": True, **({"weight": w} if weighs else {})}
        for n, (w, points, _answer) in enumerate(children)
    ]
    spec = ScoringSpec.model_validate(
        {
            **{name: FORM[name] for name in ("code", "title", "version", "effective_from", "owner")},
            "decimals": 6,
            "levels": [{"code": "X", "label": "x"}],
            "tree": {"code": "tree", "title": "t", "aggregate": aggregate, "items": items},
        }
    )
    return spec, {f"i{n}": {"value": answer} for n, (_w, _points, answer) in enumerate(children) if answer}


def _naive(aggregate: str, children: list[tuple[Decimal, Decimal, str]]) -> Fraction:
    """What somebody with a pencil gets."""
    there = [(Fraction(w), Fraction(p), answer == "yes") for w, p, answer in children if answer in ("yes", "no")]
    if not there:
        return Fraction(0)
    if aggregate == "all":
        return Fraction(all(met for _w, _p, met in there))
    if aggregate == "any":
        return Fraction(any(met for _w, _p, met in there))
    if aggregate == "sum":
        return sum((w * p for w, p, met in there if met), Fraction(0))
    if aggregate == "min":
        return min(p if met else Fraction(0) for _w, p, met in there)
    if aggregate == "weighted":
        return 100 * sum((w for w, p, met in there if met and p), Fraction(0)) / sum(w for w, _p, _met in there)
    if aggregate == "deduct":
        return max(100 - sum((w * p for w, p, met in there if not met), Fraction(0)), Fraction(0))
    reached = 0
    for number, (_w, _p, answer) in enumerate(children, start=1):
        if answer in ("no", ""):
            break
        reached = number if answer == "yes" else reached
    return Fraction(reached)


@settings(max_examples=50)
@given(st.sampled_from(AGGREGATORS), CHILDREN, st.data())
def test_aggregators_agree_with_a_pencil_keep_their_bounds_and_never_punish_a_better_answer(
    aggregate: str, children: list[tuple[Decimal, Decimal, str]], data: st.DataObject
) -> None:
    spec, answers = _flat(aggregate, children)
    verdict = judge(spec, answers)
    assert verdict["score"] == rounded(_naive(aggregate, children), 6)
    assert 0 <= Decimal(verdict["score"]) <= Decimal(verdict["max"]) or verdict["nodes"]["tree"]["state"] != "counted"
    failed = [code for code, answer in answers.items() if answer["value"] == "no"]
    if failed:
        better = judge(spec, {**answers, data.draw(st.sampled_from(failed)): {"value": "yes"}})
        assert Decimal(better["score"]) >= Decimal(verdict["score"])


def test_every_number_of_a_definition_stays_exact() -> None:
    again = ScoringSpec.model_validate(SPEC.model_dump(mode="json", by_alias=True))
    assert again.digest == SPEC.digest
    node: Node = again.nodes["without_gloves"]
    assert (str(node.each), str(Node.model_validate({"code": "a", "title": "a", "points": "1e3"}).points)) == (
        "-2.5",
        "1000",
    )
