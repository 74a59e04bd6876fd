"""How long an agency has for a request to correct personal data: rules with dates (``data/terms.yaml``).

Nghị định 356/2025/NĐ-CP, khoản 3 Điều 5: a reply within two working days, done within ten days, within fifteen when others
must correct it too; prolonged once, by ten days at most, with the reason told to the person. Days are calendar days where
the decree says no more than "ngày"; a term that ends on a day off ends with the next working day (Bộ luật Dân sự 2015,
Điều 148).
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from importlib.resources import files
from itertools import pairwise

import yaml
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from hienluong.foundation.calendars import deadlines
from hienluong.foundation.organisations.models import Organization


class Terms(BaseModel):
    """The terms that hold from `since` to `until` (the last day; open when left out)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: date
    until: date | None = None
    ground: str = Field(min_length=5, max_length=200)
    reply_working_days: int = Field(ge=0, le=60)
    decide_days: int = Field(ge=1, le=365)
    through_others_days: int = Field(ge=1, le=365)
    extension_days: int = Field(ge=0, le=365)

    def reply_due(self, asked_at: datetime, organization: Organization) -> datetime:
        """Until when the agency must have replied."""
        return deadlines.compute(asked_at, self.reply_working_days, "working_day", organization).due

    def decide_due(self, asked_at: datetime, organization: Organization, *, through_others: bool = False) -> datetime:
        """Until when the request must be done."""
        days = self.through_others_days if through_others else self.decide_days
        return deadlines.compute(asked_at, days, "calendar_day", organization).due


@cache
def all_of_them() -> tuple[Terms, ...]:
    """Every set of terms, the oldest first. ValueError when two hold on one day."""
    text = files(__package__).joinpath("data/terms.yaml").read_text(encoding="utf-8")
    return checked(TypeAdapter(list[Terms]).validate_python(yaml.safe_load(text)))


def checked(found: list[Terms]) -> tuple[Terms, ...]:
    """These terms in the order of their days. ValueError when there are none, or two hold on one day."""
    ordered = sorted(found, key=lambda terms: terms.since)
    if not ordered:
        raise ValueError("no terms")
    for terms, after in pairwise(ordered):
        if terms.until is None or terms.until >= after.since:
            raise ValueError(f"two sets of terms hold on {after.since}")
    return tuple(ordered)


def on(day: date) -> Terms:
    """The terms in force on a day; where none is, those that began last before it, else the first."""
    begun = [terms for terms in all_of_them() if terms.since <= day]
    return begun[-1] if begun else all_of_them()[0]


def of(asked_at: datetime) -> Terms:
    """The terms of a request that came at this moment; it keeps them."""
    return on(timezone.localdate(asked_at))
