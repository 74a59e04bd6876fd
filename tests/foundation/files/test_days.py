"""A day as people write it in a sheet."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hienluong.foundation.files import tables


@given(st.dates())
def test_each_way_of_writing_a_day_is_that_day(day: date) -> None:
    ways = [day.isoformat(), f"{day.isoformat()}T00:00:00", f" {day.isoformat()} 08:30 "]
    ways += [f"{day.day:02}{sign}{day.month}{sign}{day.year:04}" for sign in "/-."]
    assert {tables.day(way) for way in ways} == {day}


@pytest.mark.parametrize("text", ["31/02/2026", "2026-13-01", "26/11", "hôm nay", "20261126", "２６/11/2026", "1/1/26"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the words are the caller's
        tables.day(text)


def test_an_empty_cell_is_no_day() -> None:
    assert tables.day("  ") is None
