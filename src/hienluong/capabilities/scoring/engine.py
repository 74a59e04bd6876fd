"""From answers to a verdict: exact, the same on the server and in the browser (``frontend/js/judge/scoring.js``).

Inside, scores are fractions; nothing is rounded on the way up. What is shown or compared with a threshold is rounded first,
half up, to the definition's decimals, so that what a person reads and what was decided never differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TypedDict

from .definition import NOT_APPLICABLE, Evidence, Node, ScoringSpec

#: A number as it is kept: at most nine digits before the point and six after it.
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")

#: What makes no note: said here, because the two languages mean different things by "space".
SPACES = " \t\r\n\u00a0"


class Answer(TypedDict, total=False):
    """What was answered to one item: the value, and how much evidence there is with it."""

    value: str
    note: str
    photos: int
    place: bool


class NodeVerdict(TypedDict):
    """What came out for one group or item. `state`: ``counted``, ``open`` (not answered) or ``na``."""

    state: str
    score: str
    max: str
    passed: bool | None


class Verdict(TypedDict):
    """What came out of the whole. Provisional while something is missing; then there is no level."""

    complete: bool
    missing: list[list[str]]  # [item, "answer" | "photo" | "note" | "place"]
    nodes: dict[str, NodeVerdict]
    score: str
    max: str
    measure: str  # what levels were compared with: the score, or its percentage
    critical: list[str]  # critical items and groups that are not met
    faults: dict[str, int]
    level: str


@dataclass(frozen=True)
class _Found:
    state: str
    score: Fraction = Fraction(0)
    full: Fraction = Fraction(0)
    passed: bool | None = None
    fault: str = ""


_NOT_APPLICABLE = _Found("na")
_OPEN = _Found("open")


@dataclass
class _Run:
    spec: ScoringSpec
    answers: Mapping[str, Answer]
    nodes: dict[str, NodeVerdict] = field(default_factory=dict)
    missing: list[list[str]] = field(default_factory=list)
    critical: list[str] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)


def judge(spec: ScoringSpec, answers: Mapping[str, Answer]) -> Verdict:
    """The verdict. An answer that the item cannot have counts as none; answers to unknown items are passed over."""
    run = _Run(spec, answers, faults=dict.fromkeys(spec.faults, 0))
    found = _group(run, spec.tree)
    measure = found.score
    if spec.measure == "percent":
        measure = found.score / found.full * 100 if found.full else Fraction(0)
    complete = not run.missing and found.state == "counted"
    return Verdict(
        complete=complete,
        missing=run.missing,
        nodes=run.nodes,
        score=rounded(found.score, spec.decimals),
        max=rounded(found.full, spec.decimals),
        measure=rounded(measure, spec.decimals),
        critical=run.critical,
        faults=run.faults,
        level=_level(run, Decimal(rounded(measure, spec.decimals))) if complete else "",
    )


def rounded(value: Fraction, decimals: int) -> str:
    """The value as text with exactly so many digits after the point, halves away from zero."""
    scaled = abs(value) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    digits = str(whole).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"-{text}" if value < 0 and whole else text


def accepts(node: Node, value: str) -> bool:
    """Whether this can be the answer to an item."""
    if value == NOT_APPLICABLE:
        return node.not_applicable
    if node.ask != "number":
        return any(choice.value == value for choice in node.options)
    if not NUMBER.fullmatch(value):
        return False
    number = Decimal(value)
    return (node.min is None or number >= node.min) and (node.max is None or number <= node.max)


def _level(run: _Run, measure: Decimal) -> str:
    spec = run.spec
    if run.critical:
        return spec.critical_failed or spec.levels[-1].code
    for level in spec.levels:
        borne = all(run.faults.get(fault, 0) <= most for fault, most in level.at_most.items())
        if borne and (level.since is None or measure >= level.since):
            return level.code
    return spec.levels[-1].code


def _node(run: _Run, node: Node) -> _Found:
    return _group(run, node) if node.is_group else _item(run, node)


def _item(run: _Run, node: Node) -> _Found:
    answer = run.answers.get(node.code, {})
    value = str(answer.get("value", ""))
    if not accepts(node, value):
        run.missing.append([node.code, "answer"])
        return _noted(run, node, _OPEN)
    found = _NOT_APPLICABLE if value == NOT_APPLICABLE else _answered(node, value)
    _look_for_evidence(run, node, answer, found)
    if found.fault:
        run.faults[found.fault] = run.faults.get(found.fault, 0) + 1
    return _noted(run, node, found)


def _answered(node: Node, value: str) -> _Found:
    full = Fraction(node.full)
    if node.ask != "number":
        choice = next(choice for choice in node.options if choice.value == value)
        return _Found("counted", Fraction(choice.points), full, not choice.fails, choice.fault)
    number = Fraction(value)
    if node.bands:
        band = [band for band in node.bands if Fraction(band.since) <= number][-1]
        return _Found("counted", Fraction(band.points), full, not band.fails, band.fault)
    worth = Fraction(node.base) + Fraction(node.each) * number
    return _Found("counted", min(max(worth, Fraction(0)), full), full, True)


def _look_for_evidence(run: _Run, node: Node, answer: Answer, found: _Found) -> None:
    if found.state == "na":
        return
    for kind, there in (
        ("photo", answer.get("photos", 0) > 0),
        ("note", bool(answer.get("note", "").strip(SPACES))),
        ("place", bool(answer.get("place"))),
    ):
        if not there and is_wanted(node.evidence, kind, failed=found.passed is False):
            run.missing.append([node.code, kind])


def is_wanted(evidence: Evidence, kind: str, *, failed: bool) -> bool:
    """Whether evidence of this kind must be there."""
    wanted = getattr(evidence, kind)
    return wanted == "must" or (wanted == "when_failed" and failed)


def _group(run: _Run, node: Node) -> _Found:
    children = [(item, _node(run, item)) for item in node.items]
    counted = [(item, found) for item, found in children if found.state == "counted"]
    if not counted:
        is_open = any(found.state == "open" for _item, found in children)
        return _noted(run, node, _OPEN if is_open else _NOT_APPLICABLE)
    score, full, passed = _aggregated(node, children, counted)
    if node.pass_from is not None:
        passed = Decimal(rounded(score, run.spec.decimals)) >= node.pass_from
    return _noted(run, node, _Found("counted", score, full, passed))


Children = list[tuple[Node, _Found]]


def _aggregated(node: Node, children: Children, counted: Children) -> tuple[Fraction, Fraction, bool | None]:
    """Score, full marks, and whether the group is passed where the way of summing up says so by itself."""
    zero, own = Fraction(0), Fraction(node.full)
    weights = [Fraction(item.weight) for item, _found in counted]
    found = [found for _item, found in counted]
    match node.aggregate:
        case "all":
            passed = all(one.passed is not False for one in found)
            return own if passed else zero, own, passed
        case "any":
            passed = any(one.passed is not False for one in found)
            return own if passed else zero, own, passed
        case "min":
            return min(one.score for one in found), min(one.full for one in found), None
        case "weighted":
            shares = [one.score / one.full if one.full else zero for one in found]
            mean = sum((w * share for w, share in zip(weights, shares, strict=True)), zero) / sum(weights, zero)
            return own * mean, own, None
        case "levels":
            return Fraction(_reached(children)), Fraction(_last_counted(children)), None
        case "deduct":
            lost = sum((w * (one.full - one.score) for w, one in zip(weights, found, strict=True)), zero)
            return max(own - lost, zero), own, None
    scores = sum((w * one.score for w, one in zip(weights, found, strict=True)), zero)
    return scores, sum((w * one.full for w, one in zip(weights, found, strict=True)), zero), None


def _reached(children: Children) -> int:
    """The number of the highest level that is met with all below it; what does not apply holds nobody back."""
    reached = 0
    for number, found in enumerate((found for _item, found in children), start=1):
        if found.state == "na":
            continue
        if found.state == "open" or found.passed is False:
            break
        reached = number
    return reached


def _last_counted(children: Children) -> int:
    return max(number for number, (_item, found) in enumerate(children, start=1) if found.state == "counted")


def _noted(run: _Run, node: Node, found: _Found) -> _Found:
    decimals = run.spec.decimals
    if node.critical and found.passed is False:
        run.critical.append(node.code)
    run.nodes[node.code] = NodeVerdict(
        state=found.state,
        score=rounded(found.score, decimals),
        max=rounded(found.full, decimals),
        passed=found.passed,
    )
    return found
