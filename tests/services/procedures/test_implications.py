"""Rules that hold only in some cases: CEL that people write, read as one says it."""

from __future__ import annotations

import pytest

from hienluong.services.procedures import implications
from hienluong.services.procedures.implications import read, written

from .test_conditions import FIELDS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("grade != '1' || depth != null", "Nếu “Hạng” là Một thì “Chiều sâu” đã được điền"),
        ("opened == null || opened <= today", "Nếu “Ngày mở” đã được điền thì “Ngày mở” không sau hôm nay"),
        (
            "name != 'a || (b' || stalls > 1 || area > 2.0",
            "Nếu “Tên” là a || (b thì “Số quầy” lớn hơn 1 hoặc “Diện tích” lớn hơn 2",
        ),
        ("!name.contains('x') || night == true", "Nếu “Tên” có chứa x thì “Chợ đêm” là có"),
        ("!('fish' in goods) || stalls > 1", "Nếu “Hàng” có chứa fish thì “Số quầy” lớn hơn 1"),
        ("!(depth.value > 3) || (stalls > 1 && night == false)", None),
        ("night != true || stalls != null", "Nếu “Chợ đêm” là có thì “Số quầy” đã được điền"),
    ],
)
def test_what_people_write_is_read_and_written_again(text: str, words: str | None) -> None:
    rule = read(text, FIELDS)
    assert rule is not None
    assert rule.where is not None
    assert written(rule, FIELDS) == text
    if words:
        assert implications.in_words(text, FIELDS) == words


@pytest.mark.parametrize(
    "text",
    [
        "name == 'a' || stalls > 1",
        "name != null || stalls != null",
        "stalls > 1 && name != 'a'",
        "stalls > 1",
    ],
)
def test_what_is_no_case_is_a_condition_as_before(text: str) -> None:
    rule = read(text, FIELDS)
    assert rule is not None
    assert rule.where is None
    assert written(rule, FIELDS) == text


@pytest.mark.parametrize(
    "text",
    [
        "name != 'a' || (stalls > 1 && area > 2.0) || night == true",
        "name != 'a' || days_between(opened, closed) < 3",
        "(name != 'a' || stalls > 1) && night == true",
        "!(stalls > 1 && area > 2.0) || night == true",
    ],
)
def test_what_menus_cannot_say_stays_a_formula(text: str) -> None:
    assert read(text, FIELDS) is None
