"""A computed field is computed whether whole numbers or fractions were typed."""

from __future__ import annotations

from typing import Any

import pytest

from hienluong.foundation.schemas.computing import computed

MONEY, FRACTION, TEXT = {"x-kind": "money", "type": "integer"}, {"type": "number"}, {"type": "string"}


@pytest.mark.parametrize(
    ("formula", "data", "prop", "value"),
    [
        ("luu_luong * gia * 365", {"luu_luong": 2.5, "gia": 3000}, MONEY, 2_737_500),
        ("luu_luong * gia * 365", {"luu_luong": 2, "gia": 3000}, MONEY, 2_190_000),
        ("dien_tich.value * gia", {"dien_tich": {"value": 12.3, "unit": "m2"}, "gia": 5}, MONEY, 62),
        ("gia * 1.5", {"gia": 3}, MONEY, 5),
        ("dong[0].so * 1.5", {"dong": [{"so": 4}]}, FRACTION, 6.0),
        ("tong / so", {"tong": 7, "so": 2}, FRACTION, 3.5),
        ("tong / so", {"tong": 7, "so": 2}, MONEY, 3),
        ("ten + ' 12'", {"ten": "Giếng"}, TEXT, "Giếng 12"),
        ("gia * 365", {}, MONEY, None),
    ],
)
def test_whole_numbers_and_fractions_count_together(
    formula: str, data: dict[str, Any], prop: dict[str, Any], value: object
) -> None:
    assert computed(formula, data, prop) == value
