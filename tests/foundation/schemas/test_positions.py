"""Declarations as anybody may send them: what cannot be held or read is told with its line, and nothing brings down the process."""

from __future__ import annotations

import pytest

from hienluong.foundation.schemas.positions import MAX_DEPTH, parse
from hienluong.services.packs import signatures
from hienluong.services.packs.contents import MANIFEST, SIGNATURE, Content


@pytest.mark.parametrize("opening", ["[", "- ", "{a: ", "? "])
def test_depth_is_refused_before_it_overruns_the_stack(opening: str) -> None:
    found = parse("a: 1\nb:\n  " + opening * 100_000, "f.yaml")  # composed, the process would be gone
    assert found.value is None
    assert [(fault.file, fault.line) for fault in found.faults] == [("f.yaml", 3)]
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f.yaml").faults == []


@pytest.mark.parametrize(
    "value",
    [
        '"x\\0y"',
        '{"x\\0y": 1}',
        ".inf",
        "-.INF",
        ".nan",
        "1" + "0" * 400 + ".0",
        "1" + "0" * 16,
        "9" * 5000,
        "0x" + "f" * 9000,
        "1:" * 3000 + "1",
        "!!binary aGVsbG8=",
        "!!set {x, y}",
        "!!omap [x: 1]",
        "!!timestamp x",
        "!!bool x",
        "!!int x",
        "!!python/object:os.system {}",
        "2026-02-30",
        "{2026-01-01: x}",
        "{~: x}",
        "{[a]: b}",
        "{<<: {a: 1}}",
        "&x [*x]",
        "{? [&x [1], &y [*x, *x]] : 1}",
    ],
)
def test_what_no_definition_can_hold_is_told_with_its_line(value: str) -> None:
    found = parse(f"a: 1\nb: {value}\n", "f.yaml")
    assert found.value is None
    assert {fault.line for fault in found.faults} == {2}


def test_what_json_can_say_is_taken() -> None:
    found = parse("a: {b: [1, -2.5, true, null, 'x'], 7: 2026-02-28}\nc: !!str 12\n", "f.yaml")
    assert found.faults == []
    assert found.value["c"] == "12"


@pytest.mark.parametrize(
    "body", [b"[" * 5000, b"- " * 100_000, b"\xff\xfe", b"a: &a [*a]", b"key: !!bool x", b"format: 1\n" * 10**6]
)
def test_a_hostile_signature_is_a_fault_of_its_file(body: bytes) -> None:
    found = signatures.standing(Content({MANIFEST: b"", SIGNATURE: body}))
    assert [fault.file for fault in found.faults] == [SIGNATURE]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: c: d\n", 2, "cột 5: dấu hai chấm không được đứng ở đây"),
        (
            "a: 1\nb: [1, 2\nc: 3\n",
            3,
            "cột 2: danh sách mở bằng “[” thiếu dấu phẩy hoặc “]”; phần này bắt đầu ở dòng 2",
        ),
        ("a: 1\nb: {c: 1\nd: 3\n", 3, "cột 2: nhóm mở bằng “{” thiếu dấu phẩy hoặc “}”; phần này bắt đầu ở dòng 2"),
        ("a:\n\t- x\n", 2, "cột 1: ký tự này không mở đầu được một giá trị; hãy thụt dòng bằng dấu cách"),
        ('a: 1\nb: "x\n', 3, "ngoặc kép mở ra mà không đóng lại; phần này bắt đầu ở dòng 2"),
        ("- a\nb: 1\n", 2, "cột 1: các mục của danh sách phải thụt vào như nhau"),
        ("a: 1\nbé: \x01\n", 2, "cột 5: có ký tự điều khiển không nhìn thấy được"),
        ("a: 1\n---\nb: 2\n", 2, "dấu “---”"),
        ("a: !<x y\n", 1, "cột 7: chỗ này không theo cú pháp YAML (bộ đọc YAML: "),
    ],
)
def test_what_the_parser_refuses_is_told_in_vietnamese_with_line_and_column(text: str, line: int, said: str) -> None:
    (fault,) = parse(text, "f.yaml").faults
    assert str(fault).startswith(f"f.yaml:{line}: YAML không đúng, ")
    assert said in fault.message
    assert "(bộ đọc YAML: " in fault.message, "the words of the parser, for engineers"
