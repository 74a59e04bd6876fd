"""Numbers, notations and dates, as they are written and as they are misread."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hienluong.services.documents.layout.content import date_in_words, number_in_words
from hienluong.services.documents.reading.parsing import Code, bare, parse_code, parse_date
from hienluong.services.documents.types import TYPES

abbreviations = st.sampled_from([found.abbreviation for found in TYPES.values() if found.abbreviation])
groups = st.text("ABCDĐEGHIKLMNOPQRSTUVXY", min_size=2, max_size=6)


@given(number=st.integers(1, 99_999), first=abbreviations, second=groups)
def test_every_code_that_we_write_is_read_again(number: int, first: str, second: str) -> None:
    written = f"Số: {number_in_words(number)}/{first}-{second}"
    assert parse_code(written) == Code(number, f"{first}-{second}")
    assert parse_code(f"  {written}   Quảng Trị, ngày 05 tháng 02 năm 2026") == Code(number, f"{first}-{second}")
    assert str(parse_code(written)) == f"{number:02d}/{first}-{second}"


@given(
    date=st.dates(dt.date(1945, 9, 2), dt.date(2100, 12, 31)), place=st.sampled_from(["Quảng Trị", "Đông Hà", "Hà Nội"])
)
def test_every_date_that_we_write_is_read_again(date: dt.date, place: str) -> None:
    day, month, year = date_in_words(date)
    assert parse_date(f"{place}, ngày {day} tháng {month} năm {year}") == date
    assert parse_date(f"ngày{day}tháng{month}năm{year}") == date
    assert parse_date(f"{date:%d/%m/%Y}") == parse_date(f"{date:%d-%m-%Y}") == date


@given(st.text(max_size=200))
def test_any_text_is_looked_at_without_breaking(text: str) -> None:
    parse_code(text)
    parse_date(text)
    bare(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Số: 30/2020/NĐ-CP", Code(30, "NĐ-CP", 2020)),
        ("Số: 12a/QĐ-UBND", Code(12, "QĐ-UBND", series="a")),
        ("Số: 125/UBND-TH", Code(125, "UBND-TH")),
        ("S6: l2/QÐ - UBND", Code(12, "QĐ-UBND")),
        ("Số:O7 / TTr – SNNMT", Code(7, "TTr-SNNMT")),
        ("Số:        /SNNMT-VP", Code(None, "SNNMT-VP")),
        ("Số: 05/GM-VP&TH", Code(5, "GM-VP&TH")),
        ("Căn cứ 3/4 số xã", None),
        ("Điện thoại 0233/3852", None),
        ("", None),
    ],
)
def test_codes_as_they_are_found(text: str, code: Code | None) -> None:
    assert parse_code(text) == code


@pytest.mark.parametrize(
    "text", ["ngày 31 tháng 02 năm 2026", "ngày 00 tháng 5 năm 2026", "32/01/2026", "1/1/1200", "ngày tháng năm 2026"]
)
def test_dates_that_there_are_not_are_not_read(text: str) -> None:
    assert parse_date(text) is None


def test_a_date_without_marks_is_read() -> None:
    assert parse_date("Quang Tri, ngay 5 thang 2 nam 2026") == dt.date(2026, 2, 5)
