"""Formulas as people write them, and what is said of those that cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from hienluong.foundation.schemas import expressions, formulas

FIELDS: dict[str, dict[str, Any]] = {
    "so_long": {"type": "integer", "title": "Số lồng"},
    "von": {"x-kind": "money", "title": "Vốn đầu tư một lồng"},
    "von_khac": {"x-kind": "money", "title": "Vốn"},
    "the_tich": {"x-kind": "quantity", "title": "Thể tích"},
    "ten": {"type": "string", "title": "Tên"},
}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("so_long * von", "so_long * von"),
        ("  Số lồng * Vốn đầu tư một lồng ", "so_long * von"),
        ("số lồng × Vốn + Vốn đầu tư một lồng", "so_long * von_khac + von"),  # the longest label first
        ("Số lồng * Thể tích", "so_long * the_tich.value"),
        ("Thể tích ≥ 30 && Thể tích != null", "the_tich.value >= 30 && the_tich != null"),
        ("Tên == 'Số lồng' ? 1 : 2", "ten == 'Số lồng' ? 1 : 2"),  # a text is not a field
        ("Số lồng * Giá", "Số lồng * Giá"),  # no such field: told of what was typed
        ("", ""),
    ],
)
def test_a_field_may_be_called_by_its_label(typed: str, kept: str) -> None:
    assert formulas.in_names(typed, FIELDS) == kept


@pytest.mark.parametrize(
    ("formula", "is_wrong"),
    [
        ("so_long * the_tich", True),
        ("the_tich*so_long", True),
        ("so_long * the_tich.value", False),
        ("the_tich == null ? 0.0 : the_tich.value * 2.0", False),
        ("so_long * 2", False),
        ("the_tich > 30", True),
        ("30 <= the_tich", True),
        ("the_tich == 30", True),
        ("the_tich != null && the_tich.value > 30", False),
    ],
)
def test_a_number_with_its_unit_is_not_a_number(formula: str, is_wrong: bool) -> None:
    said = formulas.quantity_fault(formula, FIELDS)
    assert ("“Thể tích” là số có đơn vị" in said and "the_tich.value" in said) is is_wrong


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Số lồng * 2", "viết chưa đúng ở chỗ “Số lồng * 2”"),
        ("so_long *", "viết chưa hết: thiếu phần cuối"),
        ("so_long von", "viết chưa đúng ở chỗ “von”"),
        ("gia * 2", "không có trường gia"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(typed: str, said: str) -> None:
    fault = expressions.check(typed, FIELDS)
    assert said in fault
    assert "Failed" not in fault
    assert "token" not in fault


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Số lồng * Đơn giá", "không có trường “Đơn giá”"),
        ("Số lông * Vốn", "không có trường “Số lông”. Có phải: “Số lồng”"),
        ("the_tic.value > 3 && Tên == 'Đơn giá'", "không có trường “the_tic”. Có phải: “Thể tích”?"),
        ("so_lon > 3", "không có trường “so_lon”. Có phải: “Số lồng”?"),
        ("so_long *", "viết chưa hết: thiếu phần cuối"),
        ("so_long von", "viết chưa đúng ở chỗ “von”"),
        ("tinh(so_long)", "không có hàm tinh"),
        ("age(competent) > 1", ""),
        ("['a'].exists(x, x == ten)", ""),
        ("so_long * 2", ""),
    ],
)
def test_a_field_that_is_not_there_is_named_with_those_that_may_be_meant(typed: str, said: str) -> None:
    fault = formulas.fault(formulas.in_names(typed, FIELDS), FIELDS, ("competent",))
    assert (said in fault) if said else fault == ""
