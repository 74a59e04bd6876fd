"""The working time of a week as pages of organisations show it."""

from __future__ import annotations

from datetime import date

from hienluong.foundation.organisations.fields import WEEKDAYS
from hienluong.foundation.organisations.models import Organization

from . import schedule


def weekly(org: Organization, on: date) -> dict[str, list[list[str]]]:
    """Weekday → stretches: ``{"mon": [["07:30", "11:30"], …], …}``, of the calendar in force on a day."""
    week = schedule.schedule_of(org.path).week(on)
    return {
        day: [[_clock(opens), _clock(closes)] for opens, closes in stretches]
        for day, stretches in zip(WEEKDAYS, week, strict=True)
    }


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
