"""The product's clock in tests: set to any moment, and a month with known weekdays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

#: Sets the clock of the product; the fixture `at` is one.
Clock = Callable[[datetime], None]


def march(day: int, hour: int = 7, minute: int = 0) -> datetime:
    """A moment in March 2027 in Việt Nam; the 1st is a Monday, 7 o'clock is when people are reminded."""
    return datetime(2027, 3, day, hour, minute, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
