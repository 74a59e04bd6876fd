"""A row to be written into a register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Row:
    """One record to be written: its data, from when they are true (None: now), and the day whose definition they were
    given for (None: the same day)."""

    data: Mapping[str, Any]
    since: datetime | date | None = None
    meant_for: date | None = None
