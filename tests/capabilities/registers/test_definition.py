"""What is wrong with a definition is said with the line it stands on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from hienluong.capabilities.registers.definition import RegisterSpec, break_of, problems
from hienluong.foundation.schemas.kinds import expanded
from hienluong.foundation.schemas.positions import Document, read, validated

from .sample import WELLS

Spoil = Callable[[dict[str, Any]], Any]


def checked(path: Path) -> Document:
    """A definition file as a pack reads it."""
    document = read(path, path.name)
    spec = validated(document, RegisterSpec)
    if spec is not None:
        for where, message in problems(spec):
            document.fault(where, message)
    return document


def field(spec: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = spec["schema"]["properties"][name]
    return found


BROKEN: dict[str, tuple[Spoil, str, str]] = {
    "unknown part": (lambda s: s.update(colour="x"), "colour:", "colour"),
    "no code": (lambda s: s.pop("code"), "", "code"),
    "code without a dot": (lambda s: s.update(code="gieng"), "code:", "code"),
    "capital code": (lambda s: s.update(code="Thu.Gieng"), "code:", "code"),
    "no title": (lambda s: s.update(title=""), "title:", "title"),
    "version nought": (lambda s: s.update(version=0), "version:", "version"),
    "version as a word": (lambda s: s.update(version="một"), "version:", "version"),
    "no such day": (lambda s: s.update(effective_from="2026-02-30"), "effective_from:", "effective_from"),
    "ends before it begins": (lambda s: s.update(effective_to="2019-01-01"), "effective_to:", "sau ngày"),
    "no owner": (lambda s: s.pop("owner"), "", "owner"),
    "no key": (lambda s: s.update(key={}), "key:", "khóa"),
    "two keys": (lambda s: s["key"].update(series="G-{n}"), "key:", "khóa"),
    "series without number": (lambda s: s.update(key={"series": "G-{year}"}), "key:", "{n}"),
    "series with a stranger": (lambda s: s.update(key={"series": "G-{n}-{year.real}"}), "key:", "{year}"),
    "key is no field": (lambda s: s.update(key={"field": "none"}), "field: none", "none"),
    "key not required": (lambda s: s["schema"].update(required=["name"]), "field: code", "bắt buộc"),
    "name is no field": (lambda s: s.update(name="none"), "name: none", "none"),
    "subject is no field": (lambda s: s.update(subject="none"), "subject:", "none"),
    "responsible is no field": (lambda s: s.update(responsible="none"), "responsible: none", "none"),
    "map is no geometry": (lambda s: s.update(map="depth"), "map:", "điểm"),
    "schema is a list": (lambda s: s.update(schema=[]), "schema:", "schema"),
    "schema of no object": (lambda s: s["schema"].update(type="array"), "schema:", "đối tượng"),
    "no fields": (lambda s: s["schema"].update(properties={}), "schema:", "properties"),
    "type that is none": (lambda s: field(s, "code").update(type="chuoi"), "schema:", "lược đồ"),
    "pattern that is none": (lambda s: field(s, "code").update(pattern="["), "schema:", "lược đồ"),
    "kind that is none": (lambda s: field(s, "name").update({"x-kind": "tien"}), "x-kind: tien", "tien"),
    "field name with a blank": (lambda s: s["schema"]["properties"].update({"a b": {"title": "x"}}), "a b:", "a b"),
    "field without title": (lambda s: field(s, "fee").pop("title"), "fee:", "chưa có tên gọi"),
    "code list without name": (lambda s: field(s, "note").update({"x-kind": "code"}), "note:", "chưa chọn danh mục"),
    "reference to nothing": (
        lambda s: field(s, "note").update({"x-kind": "reference"}),
        "note:",
        "chưa chọn cơ sở dữ liệu",
    ),
    "table without columns": (lambda s: field(s, "tests").pop("items"), "tests:", "chưa có cột"),
    "requires what is not there": (lambda s: s["schema"]["required"].append("none"), "required:", "none"),
    "requires what is computed": (lambda s: s["schema"]["required"].append("deep"), "required:", "deep"),
    "computes what is not there": (lambda s: s["computed"].update(none="1"), "none: ", "none"),
    "computes nonsense": (lambda s: s["computed"].update(deep="depth >"), "deep: depth >", ""),
    "computes from a stranger": (lambda s: s["computed"].update(deep="width > 1"), "deep: width", "width"),
    "calls a stranger": (lambda s: s["computed"].update(deep="open('x') == 1"), "deep: open", "open"),
    "rule without message": (lambda s: s["rules"][0].pop("message"), "- field: owner_number", "message"),
    "rule at no field": (lambda s: s["rules"][0].update(field="none"), "field: none", "none"),
    "rule that is nonsense": (lambda s: s["rules"][0].update(when="fee =="), "when: fee ==", ""),
    "reads what is not there": (lambda s: s["access"]["public"]["read"].append("none"), "- none", "none"),
    "writes what it may not read": (lambda s: s["access"]["public"].update(write=["note"]), "write:", "note"),
    "standing that is none": (lambda s: s["access"].update(friends={}), "friends:", "friends"),
    "searches what is not there": (lambda s: s["search"].append("none"), "- none", "none"),
    "indexes what has no order": (lambda s: s["index"].append("flow"), "flow:", "flow"),
    "list without columns": (lambda s: s["lists"][0].update(columns=[]), "columns:", "columns"),
    "column that is none": (lambda s: s["lists"][0]["columns"].append("none"), "- none", "none"),
    "sorts by what is none": (lambda s: s["lists"][0].update(sort="-none"), "sort:", "none"),
    "filter that is none": (lambda s: s["lists"][0]["filters"].append("none"), "- none", "none"),
    "kept for no time": (lambda s: s.update(retention={"years": 0}), "years:", "years"),
    "event that is none": (lambda s: s.update(events=["explode"]), "explode", "events"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_definition_is_told_with_its_line(tmp_path: Path, name: str) -> None:
    spoil, line, words = BROKEN[name]
    spec = yaml.safe_load(yaml.safe_dump(WELLS, allow_unicode=True))
    spoil(spec)
    path = tmp_path / "gieng.yaml"
    path.write_text(yaml.safe_dump(spec, allow_unicode=True, sort_keys=False), "utf-8")
    faults = checked(path).faults
    assert faults, "nothing was found"
    lines = path.read_text("utf-8").splitlines()
    said = [f"{lines[fault.line - 1].strip()} ⇒ {fault.message}" for fault in faults]
    assert any(line in one and words in one.split("⇒")[1] for one in said), said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n- b\n",
        "code: [",
        "code: a\ncode: b\n",
        "a: &a [1]\nb: *a\n",
        "\x00",
        "code: !!python/object:os.system x",
    ],
)
def test_a_file_that_is_no_definition_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "gieng.yaml"
    path.write_text(text, "utf-8")
    assert checked(path).faults


def test_the_good_one_has_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "gieng.yaml"
    path.write_text(yaml.safe_dump(WELLS, allow_unicode=True), "utf-8")
    assert checked(path).faults == []


def test_an_address_that_loses_its_street_breaks_records_of_before() -> None:
    whole = expanded({"x-kind": "address", "title": "Nơi ở"})
    alone = expanded({"x-kind": "address", "title": "Nơi ở", "x-unit-only": True})
    assert break_of(whole, alone) == "địa chỉ chỉ còn xã, phường"
    assert break_of(alone, whole) == ""
