"""``scoring/<code>.yaml``: what is looked at, how answers become a score, and what the score is called.

One tree of groups and items. All numbers are exact decimals; docs/engineers/scoring.md is the reference.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Set
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Place = tuple[str | int, ...]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def _plain(number: Decimal) -> Decimal:
    """The same number written without an exponent, as the browser reads it."""
    return Decimal(f"{number:f}")


#: Numbers of a definition: exact, at most six digits after the point.
Number = Annotated[
    Decimal, Field(ge=-1_000_000, le=1_000_000, decimal_places=6, allow_inf_nan=False), AfterValidator(_plain)
]
Weight = Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=6, allow_inf_nan=False), AfterValidator(_plain)]
Aggregator = Literal["all", "any", "sum", "min", "weighted", "levels", "deduct"]
Wanted = Literal["no", "may", "when_failed", "must"]

#: The answer that an item does not apply, where the definition allows it.
NOT_APPLICABLE = "na"
YES, NO = "yes", "no"
MAX_NODES = 500
MAX_DEPTH = 6
#: A group that somebody above asks "passed or not" says from which score it is; these two know by themselves.
KNOW_WHETHER_PASSED = ("all", "any")
ASK_WHETHER_PASSED = ("all", "any", "levels")


class Part(BaseModel):
    """A part of a definition: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Choice(Part):
    """One answer that can be chosen. `fails`: the item is not met by it; `fault`: what kind of fault it counts as."""

    value: Code
    label: str = Field(min_length=1, max_length=200)
    points: Number = Decimal(0)
    fails: bool = False
    fault: Code | Literal[""] = ""


class Band(Part):
    """What a number is worth from `from` on, up to the next band."""

    since: Number = Field(alias="from")
    points: Number
    fails: bool = False
    fault: Code | Literal[""] = ""


class Evidence(Part):
    """What is kept with an answer: not at all, if one likes, when the item is not met, or always."""

    photo: Wanted = "may"
    note: Wanted = "may"
    place: Wanted = "no"


class Node(Part):
    """A group (it has `items`) or an item (it is answered)."""

    code: Code
    title: str = Field(min_length=1, max_length=500)
    help: str = Field("", max_length=2000)
    legal_basis: str = Field("", max_length=500)
    weight: Weight = Decimal(1)
    critical: bool = False  # not met: the outcome is what `critical_failed` says, whatever the score

    # A group.
    items: list[Node] = []
    aggregate: Aggregator | None = None
    points: Number | None = None  # full marks: of all, any, weighted, deduct; of an item that is met or not, or counted
    pass_from: Number | None = None

    # An item.
    ask: Literal["yes_no", "choice", "number"] = "yes_no"
    choices: list[Choice] = Field([], max_length=20)
    bands: list[Band] = Field([], max_length=20)
    min: Number | None = None
    max: Number | None = None
    unit: str = Field("", max_length=20)
    base: Number = Decimal(0)
    each: Number = Decimal(1)  # without bands a number is worth base + each × value, from 0 to `points`
    fault: Code | Literal[""] = ""  # of a yes_no that is not met
    not_applicable: bool = False
    evidence: Evidence = Evidence()

    @property
    def is_group(self) -> bool:
        """Whether it holds others."""
        return bool(self.items)

    @cached_property
    def options(self) -> tuple[Choice, ...]:
        """What can be chosen, those of a yes_no written out."""
        if self.ask == "choice":
            return tuple(self.choices)
        if self.ask == "yes_no":
            return (
                Choice(value=YES, label="Đạt", points=self.full),
                Choice(value=NO, label="Không đạt", fails=True, fault=self.fault),
            )
        return ()

    @cached_property
    def full(self) -> Decimal:
        """Full marks of an item, or of a group that has its own."""
        if self.is_group:
            return self.points if self.points is not None else Decimal(100 if self.aggregate in _HUNDRED else 1)
        if self.ask == "choice":
            return max((choice.points for choice in self.choices), default=Decimal(0))
        if self.ask == "number" and self.bands:
            return max(band.points for band in self.bands)
        return self.points if self.points is not None else Decimal(1)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, from top to bottom."""
        yield self
        for item in self.items:
            yield from item.walk()


_HUNDRED = ("weighted", "deduct")


class Level(Part):
    """One name of an outcome, best first: from which score on, and how many faults of a kind it bears at most."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,19}$")]
    label: str = Field(min_length=1, max_length=100)
    since: Number | None = Field(None, alias="from")
    at_most: dict[Code, Annotated[int, Field(ge=0, le=1000)]] = {}
    passes: bool = True


class ScoringSpec(Part):
    """One version of a scoring form."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=60)
    title: str = Field(min_length=1, max_length=200)
    title_en: str = Field("", max_length=200)
    description: str = Field("", max_length=2000)
    version: int = Field(ge=1, le=9999)
    effective_from: date
    effective_to: date | None = None
    legal_basis: list[str] = []
    owner: str = Field(min_length=1, max_length=200)  # the organisation, by its name or code
    targets: list[str] = Field([], max_length=10)  # registers whose records are assessed; none: free text
    measure: Literal["points", "percent"] = "points"  # what levels are compared with
    decimals: int = Field(2, ge=0, le=6)  # scores are rounded to these, half up, before they are compared or shown
    faults: dict[Code, Annotated[str, Field(min_length=1, max_length=100)]] = {}  # kinds of faults and their names
    critical_failed: str = ""  # the level when a critical item is not met; empty: the last one
    levels: list[Level] = Field(min_length=1, max_length=10)
    tree: Node

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Everything in the tree by code."""
        return {node.code: node for node in self.tree.walk()}

    @cached_property
    def asked(self) -> list[Node]:
        """The items in the order in which they are answered."""
        return [node for node in self.tree.walk() if not node.is_group]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the definition's text, hexadecimal."""
        text = json.dumps(self.model_dump(mode="json", by_alias=True), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def level(self, code: str) -> Level | None:
        """The level with this code."""
        return next((level for level in self.levels if level.code == code), None)

    def colour(self, level: Level | None) -> str:
        """The colour of a level's tag: red for what does not pass, yellow for the lowest of several that do, else green."""
        if level is None or not level.passes:
            return "red"
        passing = [one for one in self.levels if one.passes]
        return "yellow" if len(passing) > 1 and level is passing[-1] else "green"

    @model_validator(mode="after")
    def _dated(self) -> ScoringSpec:
        if self.effective_to and self.effective_to <= self.effective_from:
            raise ValueError("ngày hết hiệu lực phải sau ngày có hiệu lực")
        return self


def problems(spec: ScoringSpec) -> Iterator[tuple[Place, str]]:
    """What a definition must satisfy beyond its shape, each with its place."""
    if not spec.tree.is_group:
        yield ("tree", "items"), "cây chấm điểm phải có ít nhất một tiêu chí (items)"
        return
    codes = Counter(node.code for node in spec.tree.walk())
    if sum(codes.values()) > MAX_NODES:
        yield ("tree",), f"quá {MAX_NODES} nhóm và tiêu chí"
    for place, node, depth in _placed(spec.tree, ("tree",), 1):
        if codes[node.code] > 1:
            yield (*place, "code"), f"mã “{node.code}” bị lặp"
        if depth > MAX_DEPTH:
            yield place, f"lồng quá {MAX_DEPTH} tầng"
        for inner, message in _group_problems(node) if node.is_group else _item_problems(node, spec):
            yield (*place, *inner), message
    yield from _level_problems(spec)


def _placed(node: Node, place: Place, depth: int) -> Iterator[tuple[Place, Node, int]]:
    yield place, node, depth
    for number, item in enumerate(node.items):
        yield from _placed(item, (*place, "items", number), depth + 1)


_OF_ITEMS = frozenset(("points", "fault", "choices", "bands", "min", "max", "unit", "base", "each"))


def _said(node: Node, names: Set[str]) -> set[str]:
    """Which of these are not as they are by default."""
    return {name for name in names if getattr(node, name) != Node.model_fields[name].default}


def _group_problems(node: Node) -> Iterator[tuple[Place, str]]:
    if node.aggregate is None:
        yield ("aggregate",), "nhóm phải nói cách tổng hợp: all, any, sum, min, weighted, levels, deduct"
    for name in sorted(_said(node, {*_OF_ITEMS, "ask", "not_applicable", "evidence"} - {"points"})):
        yield (name,), f"“{name}” là của tiêu chí, nhóm không có"
    if node.points is not None and node.aggregate in ("sum", "min", "levels"):
        yield ("points",), f"điểm tối đa của nhóm {node.aggregate} tính từ bên trong, không ghi points"
    if node.points is not None and node.points <= 0:
        yield ("points",), "điểm tối đa phải lớn hơn 0"
    weighs = node.aggregate in ("sum", "weighted", "deduct")
    for number, item in enumerate(node.items):
        if not weighs and _said(item, {"weight"}):
            yield ("items", number, "weight"), f"nhóm {node.aggregate} không dùng trọng số"
        if (
            node.aggregate in ASK_WHETHER_PASSED
            and item.is_group
            and item.aggregate not in KNOW_WHETHER_PASSED
            and item.pass_from is None
        ):
            yield ("items", number), f"nhóm {node.aggregate} cần biết nhóm này đạt hay không: ghi pass_from"
        if item.is_group is False and node.aggregate == "weighted" and item.full <= 0:
            yield ("items", number), "tiêu chí trong nhóm weighted phải có điểm tối đa lớn hơn 0"
    if node.critical and node.aggregate not in KNOW_WHETHER_PASSED and node.pass_from is None:
        yield ("critical",), "nhóm then chốt phải ghi pass_from"


def _item_problems(node: Node, spec: ScoringSpec) -> Iterator[tuple[Place, str]]:
    for name in ("aggregate", "pass_from"):
        if getattr(node, name) is not None:
            yield (name,), f"“{name}” là của nhóm; đây là tiêu chí vì không có items"
    belongs = {
        "yes_no": {"points", "fault"},
        "choice": {"choices"},
        "number": {"points", "bands", "min", "max", "unit", "base", "each"},
    }[node.ask]
    for name in sorted(_said(node, _OF_ITEMS - belongs)):
        yield (name,), f"“{name}” không dùng cho tiêu chí {node.ask}"
    if node.points is not None and node.points < 0:
        yield ("points",), "điểm tối đa không được âm"
    if node.ask == "choice":
        yield from _choice_problems(node)
    if node.ask == "number":
        yield from _number_problems(node)
    for place, fault in (
        (("fault",), node.fault),
        *((("choices", number, "fault"), choice.fault) for number, choice in enumerate(node.choices)),
        *((("bands", number, "fault"), band.fault) for number, band in enumerate(node.bands)),
    ):
        if fault and fault not in spec.faults:
            yield place, f"không có loại lỗi “{fault}” trong faults"
    if node.critical and not _can_fail(node):
        yield ("critical",), "tiêu chí then chốt phải có câu trả lời không đạt (fails)"


def _can_fail(node: Node) -> bool:
    return node.ask == "yes_no" or any(
        [*(choice.fails for choice in node.choices), *(band.fails for band in node.bands)]
    )


def _choice_problems(node: Node) -> Iterator[tuple[Place, str]]:
    if len(node.choices) < 2:
        yield ("choices",), "phải có ít nhất hai lựa chọn"
    seen = set()
    for number, choice in enumerate(node.choices):
        if choice.value in seen or choice.value == NOT_APPLICABLE:
            yield ("choices", number, "value"), f"giá trị “{choice.value}” bị lặp hoặc là từ dành riêng"
        seen.add(choice.value)
        if choice.points < 0:
            yield ("choices", number, "points"), "điểm không được âm; để trừ điểm, dùng nhóm deduct"


def _number_problems(node: Node) -> Iterator[tuple[Place, str]]:
    if node.min is not None and node.max is not None and node.min > node.max:
        yield ("min",), "min lớn hơn max"
    if node.bands:
        for name in sorted(_said(node, {"points", "base", "each"})):
            yield (name,), f"đã có bands thì không dùng “{name}”"
        if node.min is None or node.min < node.bands[0].since:
            yield ("min",), "phải có min, và khoảng đầu tiên của bands bắt đầu từ min trở xuống"
        for number, (before, band) in enumerate(zip(node.bands, node.bands[1:], strict=False), start=1):
            if band.since <= before.since:
                yield ("bands", number, "from"), "các khoảng phải xếp tăng dần"
        for number, band in enumerate(node.bands):
            if band.points < 0:
                yield ("bands", number, "points"), "điểm không được âm; để trừ điểm, dùng nhóm deduct"
    elif node.points is None:
        yield ("points",), "tiêu chí số không có bands phải ghi điểm tối đa (points)"


def _level_problems(spec: ScoringSpec) -> Iterator[tuple[Place, str]]:
    codes = Counter(level.code for level in spec.levels)
    before: Decimal | None = None
    for number, level in enumerate(spec.levels):
        where: Place = ("levels", number)
        if codes[level.code] > 1:
            yield (*where, "code"), f"mức “{level.code}” bị lặp"
        for fault in level.at_most:
            if fault not in spec.faults:
                yield (*where, "at_most", fault), f"không có loại lỗi “{fault}” trong faults"
        is_last = number == len(spec.levels) - 1
        if is_last and (level.since is not None or level.at_most):
            yield where, "mức cuối nhận mọi kết quả còn lại: không ghi from, at_most"
        if not is_last and level.since is None and not level.at_most:
            yield where, "mức này nhận mọi kết quả, các mức sau không bao giờ đạt tới"
        if level.since is not None:
            if before is not None and level.since > before:
                yield (*where, "from"), "các mức xếp từ cao xuống thấp"
            before = level.since
    if spec.critical_failed and spec.critical_failed not in codes:
        yield ("critical_failed",), f"không có mức “{spec.critical_failed}”"
