"""What was given to a verb, checked and tidied: names, ranges of days, the legal basis."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput

#: Days outside these years are a slip of the finger.
FIRST_DAY, LAST_DAY = date(1945, 1, 1), date(2100, 12, 31)
_WEEKDAYS = frozenset(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def named(name: str) -> str:
    """A name with single blanks; InvalidInput when nothing is left."""
    tidy = " ".join(name.split())
    if not tidy:
        raise InvalidInput(_("Tên không được để trống."), code="organisations.no_name", field="name")
    return tidy


def founded(legal_basis: str) -> str:
    """The legal basis without blanks around it; InvalidInput when there is none."""
    tidy = legal_basis.strip()
    if not tidy:
        raise InvalidInput(_("Phải nêu căn cứ pháp lý."), code="organisations.no_legal_basis", field="legal_basis")
    return tidy


def day(on: date, field: str = "on") -> date:
    """A day that can be meant; InvalidInput for one outside 1945–2100."""
    if not FIRST_DAY <= on <= LAST_DAY:
        raise InvalidInput(_("Chọn ngày trong khoảng 1945–2100."), code="organisations.far_day", field=field)
    return on


def days(valid_from: date | None, valid_to: date | None) -> DateRange:
    """From a day (today by default) to before another (None: open)."""
    start = day(valid_from or timezone.localdate(), "valid_from")
    if valid_to is not None and day(valid_to, "valid_to") <= start:
        raise InvalidInput(_("Ngày kết thúc phải sau ngày bắt đầu."), code="organisations.bad_range", field="valid_to")
    return DateRange(start, valid_to)


def opening_hours(hours: Mapping[str, Any]) -> dict[str, list[list[str]]]:
    """Hours of a week, as ``{"mon": [["07:30", "11:30"], …], …}``; InvalidInput when a stretch is none or they overlap."""
    tidy: dict[str, list[list[str]]] = {}
    for weekday, stretches in hours.items():
        clocks = sorted([str(opens), str(closes)] for opens, closes in stretches)
        ends = [clock for stretch in clocks for clock in stretch]
        if (
            weekday not in _WEEKDAYS
            or not all(_CLOCK.fullmatch(clock) for clock in ends)
            or any(first >= second for first, second in clocks)
            or any(before[1] > after[0] for before, after in pairwise(clocks))
        ):
            raise InvalidInput(
                _("Giờ mở cửa không hợp lệ: mỗi buổi mở trước, đóng sau, không chồng lên nhau."),
                code="organisations.bad_hours",
                field="opening_hours",
            )
        tidy[weekday] = clocks
    return tidy


def iso(valid: DateRange) -> list[str | None]:
    """A range of days for the audit log."""
    ends: list[date | None] = [valid.lower, valid.upper]
    return [end.isoformat() if end else None for end in ends]


def close_rows(table: str, column: str, ids: list[int], on: date) -> None:
    """End dated rows on a day; what would only have begun later becomes empty."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET valid = daterange(lower(valid), greatest(lower(valid), %s))"  # noqa: S608  (our names)
            f" WHERE {column} = ANY(%s) AND (upper_inf(valid) OR upper(valid) > %s)",
            [on, ids, on],
        )
