"""Dates, money and numbers as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from hienluong.ui import dates, money

MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 10:00 in Việt Nam


def test_a_date_names_its_weekday_in_vietnamese() -> None:
    assert dates.full(MONDAY) == "thứ Hai, 23/11/2026"
    assert dates.full(MONDAY + timedelta(days=6)) == "Chủ Nhật, 29/11/2026"


def test_a_moment_is_shown_in_vietnamese_time() -> None:
    late = datetime(2026, 11, 23, 18, 5, tzinfo=UTC)  # already the 24th in Việt Nam
    assert dates.full(late) == "01:05 thứ Ba, 24/11/2026"
    assert dates.short(late) == "01:05 24/11/2026"


def test_english_keeps_the_order_of_day_and_month() -> None:
    with translation.override("en"):
        assert dates.full(MONDAY) == "Monday, 23/11/2026"


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(seconds=-20), "vừa xong"),
        (timedelta(seconds=20), "trong chốc lát"),
        (timedelta(minutes=-5), "5 phút trước"),
        (timedelta(hours=3), "còn 3 giờ"),
        (timedelta(days=1), "ngày mai"),
        (timedelta(days=-1), "hôm qua"),
        (timedelta(days=4), "còn 4 ngày"),
        (timedelta(days=-30), "30 ngày trước"),
    ],
)
def test_relative_words(ahead: timedelta, words: str) -> None:
    assert dates.relative(NOW + ahead, NOW) == words


def test_relative_days_are_days_of_the_vietnamese_calendar() -> None:
    before_midnight_utc = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # 23:30 on the 23rd in Việt Nam
    assert dates.relative(date(2026, 11, 24), before_midnight_utc) == "ngày mai"
    assert dates.relative(date(2026, 11, 24), before_midnight_utc + timedelta(hours=1)) == "hôm nay"


def test_english_counts_one_and_many() -> None:
    with translation.override("en"):
        assert dates.relative(NOW - timedelta(minutes=1), NOW) == "1 minute ago"
        assert dates.relative(NOW - timedelta(minutes=2), NOW) == "2 minutes ago"


def test_counts_within_words_are_grouped_and_no_part_of_a_code_or_a_day() -> None:
    assert money.grouped_in("≤ 10000 ms, 999 lượt (mức báo: 2500).") == "≤ 10.000 ms, 999 lượt (mức báo: 2.500)."
    for words in ("DKSK-2026-0001", "28/11/2026", "10.000", "1234,5678", "dat2026/v1", "127.0.0.1:8093", "0001"):
        assert money.grouped_in(words) == words


def test_money_is_grouped_for_the_language() -> None:
    assert money.dong(1_234_567) == "1.234.567\N{NO-BREAK SPACE}đ"
    assert money.dong(0) == "0\N{NO-BREAK SPACE}đ"
    with translation.override("en"):
        assert money.grouped(1_234_567) == "1,234,567"


@pytest.mark.parametrize("typed", ["1500000", "1.500.000", "1,500,000", "1 500 000", "1.500.000 đ", "1.500.000 VNĐ"])
def test_money_is_understood_as_people_type_it(typed: str) -> None:
    assert money.parse(typed) == 1_500_000


@pytest.mark.parametrize(
    "typed", ["", "một triệu", "1.5", "-5", "1.50.000", "12e3", "1,500.00", "300.5", "1.500,000", "0.300"]
)
def test_money_that_is_not_whole_dong_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="whole amount"):
        money.parse(typed)
