"""What a flow says is what is done: random flows against a simple model of them; what cannot be used is told by line."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.services.flows import calling, language, replaying
from hienluong.services.flows.replaying import Done, Gone, Known

TODAY = date(2026, 11, 27)
CALL = {"service": "viec", "version": 1, "operation": "order", "agreement": "TTDV-2026-0001"}


class Tree:
    """Makes flows at random, and with each the function that says what comes of it, by Python's own means."""

    def __init__(self, dice: random.Random, fails: float) -> None:
        self.dice, self.fails = dice, fails
        self.count = 0
        self.failing: set[str] = set()

    def name(self) -> str:
        self.count += 1
        return f"b{self.count}"

    def sum(self, seen: list[str]) -> tuple[str, Callable[[dict[str, Any]], int]]:
        """An expression over what may be read, and the same in Python."""
        of = self.dice.sample(seen, min(len(seen), 3))
        plus = self.dice.randrange(9)
        text = " + ".join([str(plus), "input.n", *(f"({each} == null ? 0 : {each})" for each in of)])
        return text, lambda at: plus + at["n"] + sum(at.get(each) or 0 for each in of)

    def steps(self, seen: list[str], depth: int) -> tuple[list[dict[str, Any]], Callable[[dict[str, Any]], None]]:
        made, does = [], []
        for _step in range(self.dice.randint(1, 3)):
            kind = self.dice.choice(("call", "map", *(("branch", "parallel") if depth < 3 and self.count < 25 else ())))
            told, do = getattr(self, kind)(seen, depth)
            made.append(told)
            does.append(do)
        return made, lambda at: [do(at) for do in does] and None

    def call(self, seen: list[str], depth: int) -> tuple[dict[str, Any], Callable[[dict[str, Any]], None]]:
        name, (text, value) = self.name(), self.sum(seen)
        told: dict[str, Any] = {"name": name, "call": {**CALL, "parameters": {"number": text}}}
        if self.dice.random() < 0.5:
            told["compensate"] = {**CALL, "parameters": {"number": f"{name} + 1"}}
        if self.dice.random() < self.fails:
            self.failing.add(name)
        seen.append(name)

        def do(at: dict[str, Any]) -> None:
            at["calls"].append(name)
            if name in self.failing:
                raise Failed(name)
            at[name] = answer(value(at))

        return told, do

    def map(self, seen: list[str], depth: int) -> tuple[dict[str, Any], Callable[[dict[str, Any]], None]]:
        name, (text, value) = self.name(), self.sum(seen)
        seen.append(name)
        return {"name": name, "map": text}, lambda at: at.update({name: value(at)})

    def branch(self, seen: list[str], depth: int) -> tuple[dict[str, Any], Callable[[dict[str, Any]], None]]:
        before, options, ways = list(seen), [], []
        for _option in range(self.dice.randint(1, 3)):
            text, value = self.sum(before)
            inner = list(before)
            steps, do = self.steps(inner, depth + 1)
            options.append({"when": f"({text}) % 3 == 0", "steps": steps})
            ways.append((lambda at, value=value: value(at) % 3 == 0, do))
            seen += inner[len(before) :]
        told: dict[str, Any] = {"branch": options}
        if self.dice.random() < 0.5:
            inner = list(before)
            told["otherwise"], do = self.steps(inner, depth + 1)
            ways.append((lambda at: True, do))
            seen += inner[len(before) :]

        def take(at: dict[str, Any]) -> None:
            for holds, do in ways:
                if holds(at):
                    do(at)
                    return

        return told, take

    def parallel(self, seen: list[str], depth: int) -> tuple[dict[str, Any], Callable[[dict[str, Any]], None]]:
        before, branches, ways = list(seen), [], []
        for _branch in range(self.dice.randint(2, 3)):
            inner = list(before)
            steps, do = self.steps(inner, depth + 1)
            branches.append(steps)
            ways.append(do)
            seen += inner[len(before) :]
        return {"parallel": branches}, lambda at: [do(at) for do in ways] and None


class Failed(Exception):
    """A call of the model failed."""


def answer(number: int) -> int:
    return number * 7 % 101


def made(seed: int, fails: float) -> tuple[Tree, language.Flow, Callable[[dict[str, Any]], int]]:
    tree = Tree(random.Random(seed), fails)
    seen: list[str] = []
    steps, do = tree.steps(seen, 0)
    text, value = tree.sum(seen)
    source = yaml.safe_dump({"input": {"type": "object"}, "steps": steps, "answer": {"sum": text}}, sort_keys=False)

    def model(at: dict[str, Any]) -> int:
        do(at)
        return value(at)

    return tree, language.read(source), model


class Driver:
    """Does what a replay asks for, one call at a time in any order, and keeps what a database would."""

    def __init__(self, tree: Tree, flow: language.Flow, n: int, dice: random.Random) -> None:
        self.tree, self.flow, self.n, self.dice = tree, flow, n, dice
        self.known: dict[str, Known] = {}
        self.made: list[str] = []
        self.ended: list[str] = []
        self.fault: replaying.Fault | None = None

    def look(self) -> replaying.Position:
        return replaying.replay(
            self.flow, {"n": self.n}, dict(self.known), TODAY, ended=list(self.ended), stopped=self.fault
        )

    def run(self) -> replaying.Position:
        while True:
            at = self.look()
            for path, value in at.kept.items():
                assert path not in self.known
                self.known[path] = Done(json.loads(json.dumps(value)))
            self.fault = self.fault or at.fault
            if not at.ready:
                return at
            request = self.dice.choice(at.ready)
            path = request.call.path
            assert path not in self.made, "a call that was made is not asked for again"
            self.made.append(path)
            if path in self.tree.failing:
                self.known[path] = Gone("từ chối")
            else:
                self.known[path] = Done(answer(int(request.parameters["number"])))
                self.ended.append(path)


@settings(max_examples=300)
@given(st.integers(0, 2**32), st.integers(0, 20), st.integers(0, 2**32))
def test_a_flow_comes_to_what_its_model_does(seed: int, n: int, order: int) -> None:
    tree, flow, model = made(seed, 0.0)
    at: dict[str, Any] = {"n": n, "calls": []}
    expected = model(at)
    driver = Driver(tree, flow, n, random.Random(order))
    position = driver.run()
    assert position.answered
    assert position.answer == {"sum": expected}
    assert sorted(driver.made) == sorted(at["calls"])


@settings(max_examples=300)
@given(st.integers(0, 2**32), st.integers(0, 20), st.integers(0, 2**32))
def test_what_failed_is_undone_from_the_last_and_nothing_else_begins(seed: int, n: int, order: int) -> None:
    tree, flow, model = made(seed, 0.3)
    at: dict[str, Any] = {"n": n, "calls": []}
    try:
        expected = model(at)
    except Failed:
        expected = None
    driver = Driver(tree, flow, n, random.Random(order))
    position = driver.run()
    assert position.answered == (expected is not None)
    if expected is not None:
        assert position.answer == {"sum": expected}
        return
    assert position.undone
    assert driver.fault
    assert driver.fault.path in tree.failing
    forth = [path for path in driver.made if not path.endswith("/undo")]
    assert driver.made[: len(forth)] == forth, "what undoes comes last"
    assert forth[-1] in tree.failing, "nothing begins once a step failed"
    undoable = {call.path for call in flow.calls() if call.undo}
    expected_back = [f"{path}/undo" for path in reversed(forth) if path in undoable and path not in tree.failing]
    assert driver.made[len(forth) :] == expected_back


SOURCE = """input:
  type: object
  properties:
    so: {type: integer}
steps:
  - name: thua
    call:
      service: thua-dat
      version: 1
      operation: parcel
      agreement: TTDV-2026-0001
      parameters:
        id: string(input.so)
  - name: gia
    map: thua.price * 2
answer: gia
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("map: thua", "mapp: thua", 15, "mapp"),
        ("version: 1", "version: mot", 9, "version"),
        ("string(input.so)", "string(dau_vao.so)", 13, "dau_vao"),
        ("thua.price * 2", "thua.price *", 15, "CEL"),
        ("name: gia", "name: thua", 14, "hai bước cùng tên"),
        ("name: gia", "name: input", 14, "đã có nghĩa khác"),
        ("name: gia", "name: Giá", 14, "name"),
        ("answer: gia", "answer: khac", 16, "khac"),
        ("answer: gia\n", "", 1, "answer"),
        ("map: thua.price * 2", "branch: []", 15, "branch"),
        ("map: thua.price * 2", "map: 1\n    retry: {attempts: 2}", 16, "retry"),
        ("map: thua.price * 2", "map: 2026-01-01", 15, "ngày"),
        ("  type: object\n", "  type: string\n", 1, "type: object"),
        ("{type: integer}", "{type: so-nguyen}", 1, "JSON Schema"),
        ("{type: integer}", "{$ref: 'http://example.vn/x'}", 1, "JSON Schema"),
        ("parameters:\n", "lap_lai: 3\n      parameters:\n", 12, "lap_lai"),
        ("steps:\n", "steps: &a\n", 5, ""),
    ],
)
def test_what_cannot_be_used_is_told_by_line(old: str, new: str, line: int, words: str) -> None:
    assert old in SOURCE
    text = SOURCE.replace(old, new, 1)
    if not words:
        language.read(text)  # an anchor that nothing names is no alias
        return
    with pytest.raises(language.Faults) as refused:
        language.read(text)
    assert (line, True) in [(fault.line, words in fault.message or words == "CEL") for fault in refused.value.faults]


def test_limits_of_a_declaration() -> None:
    step = {"name": "a", "map": "1"}

    def refused(*steps: Any, **more: Any) -> str:
        text = yaml.safe_dump({"input": {"type": "object"}, "steps": list(steps), "answer": "1", **more})
        with pytest.raises(language.Faults) as found:
            language.read(text)
        return str(found.value)

    many = [{"name": f"b{number}", "map": "1"} for number in range(language.MOST_STEPS + 1)]
    assert "quá 100 bước" in refused(*many)
    deep: dict[str, Any] = {"branch": [{"when": "true", "steps": [step]}]}
    for _level in range(language.MOST_NESTING):
        deep = {"branch": [{"when": "true", "steps": [deep]}]}
    assert "lồng quá" in refused(deep)
    assert "parallel" in refused({"parallel": [[{"name": f"b{n}", "map": "1"}] for n in range(9)]})
    assert "64 KB" in refused({"name": "a", "map": f"'{'x' * 70_000}'"})
    assert "compensate" in refused({**step, "compensate": {**CALL}})
    assert "đúng một trong" in refused({**step, "branch": [{"when": "true", "steps": [{"name": "b", "map": "1"}]}]})


def test_branches_at_once_do_not_see_each_other_and_what_comes_after_sees_all() -> None:
    both = {"parallel": [[{"name": "a", "map": "1"}], [{"name": "b", "map": "a"}]]}
    told = {"input": {"type": "object"}, "steps": [both], "answer": "a + b"}
    with pytest.raises(language.Faults, match="a"):
        language.read(yaml.safe_dump(told))
    both["parallel"][1][0]["map"] = "2"
    position = replaying.replay(language.read(yaml.safe_dump(told)), {}, {}, TODAY)
    assert position.answer == 3


@pytest.mark.parametrize("value", ["b'ab'", "timestamp('2026-01-01T00:00:00Z')", "1 / 0", "input.khac", "{1: 2}"])
def test_what_is_no_json_fails_the_run_and_does_not_break_it(value: str) -> None:
    told = {"input": {"type": "object"}, "steps": [{"name": "a", "map": value}], "answer": "1"}
    position = replaying.replay(language.read(yaml.safe_dump(told)), {}, {}, TODAY)
    assert position.fault is not None
    assert position.fault.path == "a"
    assert position.undone


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "a\\b", None, ["a"], {"a": 1}])
def test_a_parameter_leads_to_no_other_address(value: Any) -> None:
    call = next(iter(language.read(SOURCE).calls()))
    with pytest.raises(calling.Unspoken):
        calling.asked(replaying.Request(call, {"id": value}), {"method": "GET", "template": "/parcels/{id}"})


def test_parameters_go_into_the_path_and_the_query() -> None:
    call = next(iter(language.read(SOURCE).calls()))
    request = replaying.Request(call, {"id": "Đông Hà?x=1", "trang": 2, "co": True, "bo": None, "nhieu": ["a", "b"]})
    asked = calling.asked(request, {"method": "GET", "template": "/parcels/{id}"})
    assert asked.path == "/lgsp/thua-dat/v1/parcels/%C4%90%C3%B4ng%20H%C3%A0%3Fx%3D1?trang=2&co=true&nhieu=a&nhieu=b"
    assert calling.Asked.of(asked.stored()) == asked


def test_the_example_of_the_documentation_runs() -> None:
    text = (Path(__file__).parents[3] / "docs/engineers/flows.md").read_text()
    flow = language.read(text.split("```yaml\n")[1].split("```")[0])
    land = Done({"code": "19333-12-101", "area": 96, "price": 4_800_000})
    known: dict[str, Known] = {"thua": land, "giu": Done({"id": 7})}
    assert replaying.replay(flow, {"thua": "x"}, known, TODAY).answer == {"gia": 0.0}
    known["thua"] = Done({"code": "19333-12-102", "area": 133.5, "price": 2})
    assert replaying.replay(flow, {"thua": "x"}, known, TODAY).answer == {"gia": 267.0}
    undone = replaying.replay(flow, {"thua": "x"}, known, TODAY, ended=["giu"], stopped=replaying.Fault("a", "x"))
    assert [(one.call.operation, one.parameters) for one in undone.ready] == [("release", {"id": 7})]
