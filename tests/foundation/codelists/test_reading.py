"""What is wrong with a list is told with the file and line; nothing in a file raises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hienluong.foundation.codelists import reading
from hienluong.foundation.codelists.rows import CodeRow, by_depth, row_problems

from .sample import loaded, trees, written

Spoil = Callable[[dict[str, Any]], Any]


def codes(data: dict[str, Any], edition: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data["editions"][edition]["codes"]
    return found


#: What is spoilt, the line that must be named, and words of the message.
BROKEN: dict[str, tuple[Spoil, str, str]] = {
    "unknown part": (lambda d: d.update(colour="x"), "colour:", "colour"),
    "capital name": (lambda d: d.update(code="Trees"), "code: Trees", "code"),
    "no editions": (lambda d: d.update(editions=[], mappings=[]), "editions:", "editions"),
    "edition without source": (lambda d: d["editions"][0].pop("source"), "- code: '2020'", "source"),
    "edition twice": (lambda d: d["editions"][1].update(code="2020"), "code: '2020'", "lặp"),
    "ends before it begins": (lambda d: d["editions"][0].update(valid_to="2019-01-01"), "valid_to:", "sau ngày"),
    "editions overlap": (lambda d: d["editions"][1].update(valid_from="2025-06-30"), "valid_from:", "chồng"),
    "no codes": (lambda d: d["editions"][1].update(codes=[]), "codes:", "không có mã"),
    "code without name": (lambda d: codes(d)[1].pop("name"), "- code: G1", "name"),
    "blank name": (lambda d: codes(d)[1].update(name="  "), "- code: G1", "tên phải"),
    "blank code": (lambda d: codes(d)[1].update(code=""), "- code: ''", "mã phải"),
    "code with blanks around": (lambda d: codes(d)[1].update(code=" G1"), "- code: ' G1'", "mã phải"),
    "long code": (lambda d: codes(d)[1].update(code="x" * 41), "- code: xxx", "mã phải"),
    "the same twice": (lambda d: codes(d).append({"code": "G1", "parent": "G", "name": "x"}), "- code: G1", "đã có"),
    "parent that is none": (lambda d: codes(d)[1].update(parent="Z"), "- code: G1", "mã cha"),
    "its own parent": (lambda d: codes(d)[0].update(parent="G"), "- code: G", "vòng"),
    "a ring": (lambda d: codes(d)[0].update(parent="G1"), "- code: G", "vòng"),
    "code ends before it begins": (
        lambda d: codes(d)[4].update(valid_from="2024-02-01"),
        "- code: T1",
        "sau ngày",
    ),
    "no such day": (lambda d: codes(d)[4].update(valid_to="2024-02-30"), "valid_to:", "ngày"),
    "computed by nobody": (lambda d: d["editions"][0].update(computed="units_now"), "computed:", "cách tính"),
    "table that is not there": (lambda d: d["editions"][0].update(table="x.csv"), "table:", "x.csv"),
    "table somewhere else": (lambda d: d["editions"][0].update(table="../x.csv"), "table:", "../x.csv"),
    "maps from nothing": (lambda d: d["mappings"][0].update({"from": "1999"}), "from:", "1999"),
    "maps to itself": (lambda d: d["mappings"][0].update({"to": "2020"}), "to:", "khác nhau"),
    "maps what is none": (lambda d: d["mappings"][0]["pairs"][0].update({"from": "Z"}), "- from: Z", "Z"),
    "maps to what is none": (lambda d: d["mappings"][0]["pairs"][0].update({"to": "Z"}), "- from: G", "Z"),
    "maps twice": (lambda d: d["mappings"][0]["pairs"].append({"from": "G", "to": "G"}), "- from: G", "lặp"),
    "kind that is none": (lambda d: d["mappings"][0]["pairs"][0].update(kind="eaten"), "kind: eaten", "kind"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_list_is_told_with_its_line(tmp_path: Path, name: str) -> None:
    spoil, line, words = BROKEN[name]
    data = trees()
    spoil(data)
    path = written(tmp_path, data)
    faults = reading.load(path).faults
    lines = path.read_text("utf-8").splitlines()
    said = [f"{lines[fault.line - 1].strip()} ⇒ {fault.message}" for fault in faults]
    assert any(line in one and words in one.split("⇒")[1] for one in said), said


@pytest.mark.parametrize(
    ("table", "line", "words"),
    [
        ("", 1, "tiêu đề"),
        ("code,title\nA,B\n", 1, "name"),
        ("code,name,code\n", 1, "lặp"),
        ("code,name\nA,B\nA,C\n", 3, "đã có ở dòng 2"),
        ("code,name\nA,B,C\n", 2, "nhiều ô"),
        ("code,name\n\nA,\n", 3, "tên phải"),
        ("code,name,parent\nA,B,Z\n", 2, "mã cha"),
        ("code,name,valid_from\nA,B,hôm qua\n", 2, "không phải ngày"),
        ('code,name\nA,"B\n', 2, "CSV"),
        ('code,name\n"A","two\nlines"\nA,x\n', 4, "đã có ở dòng 2"),
    ],
)
def test_a_broken_table_is_told_with_its_own_line(tmp_path: Path, table: str, line: int, words: str) -> None:
    data = trees(mappings=[])
    data["editions"][0]["table"] = "cay.csv"
    faults = loaded(tmp_path, data, cay=table).faults
    assert any(fault.file == "cay.csv" and fault.line == line and words in fault.message for fault in faults), faults


def test_a_table_in_another_alphabet_is_told(tmp_path: Path) -> None:
    data = trees(mappings=[])
    data["editions"][0]["table"] = "cay.csv"
    (tmp_path / "cay.csv").write_bytes("code,name\nA,cây\n".encode("utf-16"))
    assert any("UTF-8" in fault.message for fault in loaded(tmp_path, data).faults)


def test_a_table_may_bring_more_columns_and_apostrophes_of_spreadsheets(tmp_path: Path) -> None:
    data = trees(mappings=[])
    data["editions"][0]["table"] = "cay.csv"
    found = loaded(tmp_path, data, cay="code,name,group\n'=A,Lim,II\nB,Keo,\n")
    assert found.faults == []
    assert [(row.value, row.attributes) for row in found.rows["2020"]] == [("=A", (("group", "II"),)), ("B", ())]


def test_a_kind_that_is_not_said_follows_from_how_many_became_how_many(tmp_path: Path) -> None:
    pairs = loaded(tmp_path).pairs["2020", "2025"]
    assert {(pair.source, pair.target): pair.kind for pair in pairs} == {
        ("G", "G"): "same",
        ("G1", "G1"): "split",
        ("G1", "G11"): "split",
        ("G2", "G3"): "same",
        ("T", "T"): "merged",
        ("T1", "T"): "merged",
    }


def test_a_file_named_otherwise_is_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    other = path.rename(tmp_path / "bushes.yaml")
    assert any("trees.yaml" in fault.message for fault in reading.load(other).faults)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["", *"abcdef"])), max_size=8))
def test_whatever_has_no_problem_is_a_tree(pairs: list[tuple[str, str]]) -> None:
    rows = [CodeRow(value, parent, "tên") for value, parent in pairs]
    if list(row_problems(rows)):
        return
    levels = by_depth(rows)
    assert sum(map(len, levels)) == len(rows)
    known: set[str] = set()
    for level in levels:
        values = {row.value for _place, row in level}
        assert all(row.parent in known or not row.parent for _place, row in level)
        known |= values


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["", "a", "b"])), min_size=1, max_size=6))
def test_a_ring_is_always_found(pairs: list[tuple[str, str]]) -> None:
    parents = dict(pairs)
    rings = {value for value in parents if _comes_back(value, parents)}
    rows = [CodeRow(value, parent, "tên") for value, parent in parents.items()]
    if rings:
        assert any("vòng" in message for _line, message in row_problems(rows))


def _comes_back(value: str, parents: dict[str, str]) -> bool:
    at, steps = parents.get(value, ""), 0
    while at and at != value and steps < 10:
        at, steps = parents.get(at, ""), steps + 1
    return at == value
