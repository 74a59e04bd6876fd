"""Values as a person reads them."""

from __future__ import annotations

import pytest

from hienluong.foundation.schemas.display import show, table

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1200, "1.200"),
        (1250.5, "1.250,5"),
        (0.2, "0,2"),
        (120.5, "120,5"),
        (2026.0, "2.026"),
        (1234567.5, "1.234.567,5"),
        (-12345.678, "-12.345,678"),
        (0.1 + 0.2, "0,3"),
        (0.0, "0"),
        (1e-9, "1e-09"),
    ],
)
def test_a_decimal_is_written_out(value: float, said: str) -> None:
    assert show(value, {"type": "number"}) == said


TABLE = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "segment": {"type": "string", "title": "Đoạn ống"},
            "diameter": {"type": "number", "title": "Đường kính"},
            "length": {"type": "number", "title": "Chiều dài"},
            "note": {"type": "string", "title": "Ghi chú"},
        },
    },
}
#: As the database gives it back: the shortest name first.
KEPT = [{"length": 12.5, "segment": "Ống chống", "diameter": 168}, {"length": 30, "segment": "Ống lọc", "old": "x"}]


def test_columns_of_a_table_stand_as_they_are_declared() -> None:
    first, second = show(KEPT, TABLE).split("\n")
    assert first == "Đoạn ống: Ống chống; Đường kính: 168; Chiều dài: 12,5"
    assert second == "Đoạn ống: Ống lọc; Chiều dài: 30; old: x", "what the schema does not know comes last"


def test_rows_of_a_table_under_its_filled_columns() -> None:
    found = table(KEPT, TABLE)
    assert found is not None
    assert found.headings == ["Đoạn ống", "Đường kính", "Chiều dài"]
    assert found.rows == [["Ống chống", "168", "12,5"], ["Ống lọc", "", "30"]]


@pytest.mark.parametrize("value", [None, [], "x", ["a"], [{}]])
def test_what_has_no_rows_is_no_table(value: object) -> None:
    assert table(value, TABLE) is None
    assert table(KEPT, {"type": "array", "items": {"type": "string"}}) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("m3/ngày", "m³/ngày"),
        ("m2", "m²"),
        ("km2", "km²"),
        ("kg/m3", "kg/m³"),
        ("mg CO2/l", "mg CO2/l"),
        ("m", "m"),
        ("M3", "M3"),
        ("m30", "m30"),
    ],
)
def test_squares_and_cubes_of_units_are_printed_as_such(code: str, said: str) -> None:
    assert show({"value": 12.5, "unit": code}, {"type": "object", "x-kind": "quantity"}) == f"12,5 {said}"


def test_only_years_stay_whole() -> None:
    assert show(2019, {"type": "integer", "title": "Năm xây dựng"}) == "2019"
    assert show(2019, {"type": "integer", "minimum": 1900, "maximum": 2100}) == "2019"
    assert show(2019, {"type": "integer", "title": "Số cây trồng mỗi năm"}) == "2.019"
    assert show(2019, {"type": "integer", "minimum": 1000, "maximum": 9000}) == "2.019"
    assert show(2019.5, {"type": "number", "title": "Năm nay thu"}) == "2.019,5"
