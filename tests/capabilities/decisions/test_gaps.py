"""The reporter of gaps and overlaps finds what asking every input finds, with an example that proves it."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.decisions import DecisionSpec, evaluate
from hienluong.capabilities.decisions.definition import condition
from hienluong.capabilities.decisions.gaps import Input, look
from hienluong.capabilities.decisions.tables import holds
from hienluong.services.procedures import naming, packs

INPUTS = {
    "n": Input("integer", minimum=0, maximum=6),
    "b": Input("boolean"),
    "s": Input("string", enum=("x", "y", "z")),
    "d": Input("date"),
}
EVERY: dict[str, list[Any]] = {
    "n": list(range(7)),
    "b": [True, False],
    "s": ["x", "y", "z"],
    "d": [f"2026-03-{day:02}" for day in range(1, 10)],
}
NUMBER = st.integers(-1, 7).map(str)
DAY = st.integers(2, 8).map(lambda day: f"'2026-03-{day:02}'")
SIGN = st.sampled_from(("<", "<=", ">", ">=", "==", "!="))
ATOM = st.one_of(
    st.tuples(st.just("n"), SIGN, NUMBER).map(" ".join),
    st.tuples(NUMBER, SIGN, st.just("n")).map(" ".join),
    st.tuples(st.just("d"), SIGN, DAY).map(" ".join),
    st.sampled_from(("b", "!b", "b == true", "s == 'x'", 's != "y"', "s in ['x', 'z']", "n in [1, 3]", "true")),
)
CONDITION = st.recursive(
    ATOM,
    lambda below: (
        st.tuples(below, st.sampled_from(("&&", "||")), below).map(lambda parts: f"({' '.join(parts)})")
        | below.map(lambda one: f"!({one})")
    ),
    max_leaves=4,
)


@settings(max_examples=50)
@given(st.lists(CONDITION, min_size=1, max_size=4), st.sampled_from(("first", "unique")))
def test_it_agrees_with_asking_every_input(conditions: list[str], hit: str) -> None:
    table = {"hit": hit, "rows": [{"when": when, "then": {"amount": 1}} for when in conditions]}
    report = look(table, INPUTS)
    matches = {
        values: [holds(when, dict(zip(EVERY, values, strict=True))) for when in conditions]
        for values in product(*EVERY.values())
    }
    assert report.certain
    assert (report.gap is None) == all(any(found) for found in matches.values())
    if report.gap is not None:
        assert not any(holds(when, report.gap) for when in conditions)
    assert bool(report.overlaps) == (hit == "unique" and any(sum(found) > 1 for found in matches.values()))
    for first, second, facts in report.overlaps:
        assert holds(conditions[first], facts)
        assert holds(conditions[second], facts)
    used = [found.index(True) for found in matches.values() if any(found)] if hit == "first" else []
    if hit == "first":
        assert report.unreachable == [number for number in range(len(conditions)) if number not in used]


def test_where_it_cannot_tell_it_says_so_and_still_shows_what_it_found() -> None:
    rows = [{"when": "n * 2 > 6", "then": {"a": 1}}, {"when": "n < 2", "then": {"a": 2}}]
    report = look({"rows": rows}, INPUTS)
    assert not report.certain
    assert "dòng 1" in report.why
    assert report.gap is not None
    assert not any(holds(str(row["when"]), report.gap) for row in rows)
    many = {"rows": [{"when": " || ".join(f"i{n} == {n}" for n in range(12)), "then": {"a": 1}}]}
    assert "tổ hợp" in look(many, {f"i{n}": Input("integer") for n in range(12)}).why
    assert not look({"rows": [{"when": "t < 'm'", "then": {"a": 1}}]}, {"t": Input("string")}).certain


def test_an_unanswered_input_is_a_gap_where_it_may_be_unanswered() -> None:
    rows = [{"when": "n >= 0", "then": {"a": 1}}]
    assert look({"rows": rows}, {"n": Input("integer", minimum=0)}).gap is None
    assert look({"rows": rows}, {"n": Input("integer", minimum=0, optional=True)}).gap == {"n": None}


@pytest.mark.parametrize(
    ("cells", "meant"),
    [
        ({"n": "<= 2", "s": "in ['x', 'y']"}, "(n <= 2) && (s in ['x', 'y'])"),
        ({"n": 3, "b": True, "s": "-"}, "(n == 3) && (b == true)"),
        ({"s": "s != 'x' || b"}, "(s != 'x' || b)"),
        ({}, "true"),
        ("n > 1", "n > 1"),
    ],
)
def test_cells_are_joined(cells: Any, meant: str) -> None:
    assert condition(cells) == meant


FEE = """\
title: Lệ phí
hit: unique
inputs:
  pages: {type: integer, minimum: 1}
  channel: {type: string, enum: [online, counter]}
rows:
  - when: {pages: "<= 2", channel: "== 'online'"}
    then: {amount: "pages * 1000"}
  - when: {pages: "<= 3", channel: "== 'counter'"}
    then: {amount: 2000}
  - when: {pages: "> 2"}
    then: {amount: 5000}
"""


def test_pack_check_tells_them_by_line(tmp_path: Path) -> None:
    (tmp_path / "decisions").mkdir()
    (tmp_path / "pack.yaml").write_text("name: test.fees\ntitle: Phí\nversion: 1.0.0\n", "utf-8")
    file = tmp_path / "decisions/fee.yaml"
    file.write_text(FEE, "utf-8")
    assert [str(fault) for fault in packs.load(tmp_path).faults] == [
        "decisions/fee.yaml:11: dòng 2 và dòng 3 cùng khớp (unique), ví dụ pages = 3, channel = “counter”"
    ]
    file.write_text(FEE.replace("<= 3", "<= 2").replace('"> 2"', '"> 3"'), "utf-8")
    assert [str(fault) for fault in packs.load(tmp_path).faults] == [
        "decisions/fee.yaml:6: không dòng nào khớp và không có default, ví dụ pages = 3, channel = “online”"
    ]
    file.write_text(FEE.replace("<= 3", "<= 2").replace("pages * 1000", "page * 1000"), "utf-8")
    assert ["page" in str(fault) for fault in packs.load(tmp_path).faults] == [True]
    file.write_text(FEE.replace("<= 3", "<= 2"), "utf-8")
    loaded = packs.load(tmp_path)
    assert not loaded.faults
    assert not loaded.notes
    spec: DecisionSpec = loaded.decisions["fee"]
    assert evaluate(spec.table("fee"), {"pages": 2, "channel": "online"}).values == {"amount": 2000}
    file.write_text(FEE.replace("<= 3", "<= 2").replace('"> 2"', '"pages * 2 > 4"'), "utf-8")
    assert ["dòng 3" in str(note) for note in packs.load(tmp_path).notes] == [True]


def test_procedures_name_tables_for_charges_and_deadlines() -> None:
    limit = DecisionSpec.model_validate(
        {
            "title": "Thời hạn",
            "inputs": {"urgent": {"type": "boolean"}},
            "rows": [{"when": {"urgent": True}, "then": {"amount": 1}, "legal_basis": "Điều 5"}],
            "default": {"amount": 5},
        }
    )
    written: dict[str, Any] = {
        "charges": [{"code": "LP", "table": "time"}, {"code": "X", "table": "nothing"}],
        "ways": [{"channel": "online", "deadlines": "time"}, {"channel": "counter", "deadlines": [{"amount": 3}]}],
    }
    assert [place for place, _message in naming.put_in(written, {"time": limit})] == [("charges", 1, "table")]
    assert written["charges"][0]["table"]["rows"][0]["when"] == "(urgent == true)"
    assert written["ways"][0]["deadlines"] == [
        {"amount": 1, "when": "(urgent == true)", "legal_basis": "Điều 5"},
        {"amount": 5, "legal_basis": ""},
    ]
