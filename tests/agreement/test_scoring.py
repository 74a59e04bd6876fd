"""A verdict on a scoring form is the same in the browser and on the server, to the last digit."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.capabilities.scoring import engine
from hienluong.capabilities.scoring.definition import Node, ScoringSpec
from tests.capabilities.scoring.sample import FORM, GOOD, SPEC

from .browser import BrowserJudge

#: Answers that are what they look like, and some that are nearly.
CASES: list[dict[str, Any]] = [
    {},
    GOOD,
    *(
        {**GOOD, "cold": {"value": value, "photos": 1}}
        for value in ("5.499999", "5.5", "-50", "50.000001", "1e1", "５", "")
    ),
    *({**GOOD, "without_gloves": {"value": value}} for value in ("1", "3.333333", "4", "999999999", "-1", "-0", "na")),
    *({**GOOD, "floor": {"value": "bad", "note": note}} for note in ("", " \n\u00a0", "\u2003", "nứt")),
    *(
        {**GOOD, code: {"value": value}}
        for code in ("water", "haccp", "plan")
        for value in ("yes", "no", "na", "maybe")
    ),
    {code: {"value": "na"} for code in GOOD},
]


def _both(judge: BrowserJudge, spec: ScoringSpec, answers: dict[str, Any]) -> None:
    sent = spec.model_dump(mode="json", by_alias=True)
    assert judge.ask("scoring", spec=sent, answers=answers) == engine.judge(spec, answers), answers


def test_the_table_of_cases(judge: BrowserJudge) -> None:
    for answers in CASES:
        _both(judge, SPEC, answers)


NUMBER = st.decimals(0, 30, places=2).map(str)
ITEM = st.fixed_dictionaries(
    {"ask": st.just("yes_no"), "points": NUMBER, "critical": st.booleans(), "not_applicable": st.booleans()},
    optional={"fault": st.just("minor")},
) | st.fixed_dictionaries(
    {"ask": st.just("number"), "points": NUMBER, "each": st.decimals(-3, 3, places=2).map(str), "base": NUMBER}
)
TREE = st.recursive(
    ITEM,
    lambda below: st.fixed_dictionaries(
        {
            "aggregate": st.sampled_from(("all", "any", "sum", "min", "weighted", "levels", "deduct")),
            "items": st.lists(below, min_size=1, max_size=4),
            "weight": st.decimals("0.01", 5, places=2).map(str),
        },
        optional={"pass_from": NUMBER, "points": st.decimals(1, 50, places=1).map(str)},
    ),
    max_leaves=10,
).filter(lambda node: "items" in node)
VALUE = st.sampled_from(("yes", "no", "na", "", "0", "2", "7.25", "-1.5"))


def _named(node: dict[str, Any], path: str = "n") -> dict[str, Any]:
    items = [_named(item, f"{path}_{number}") for number, item in enumerate(node.get("items", ()))]
    return {**node, "code": path, "title": path, **({"items": items} if items else {})}


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(tree=TREE, measure=st.sampled_from(("points", "percent")), decimals=st.integers(0, 3), data=st.data())
def test_any_tree_with_any_answers(
    judge: BrowserJudge, tree: dict[str, Any], measure: str, decimals: int, data: st.DataObject
) -> None:
    spec = ScoringSpec.model_validate({**FORM, "measure": measure, "decimals": decimals, "tree": _named(tree)})
    asked: list[Node] = spec.asked
    _both(judge, spec, {node.code: {"value": data.draw(VALUE), "photos": 1} for node in asked})
