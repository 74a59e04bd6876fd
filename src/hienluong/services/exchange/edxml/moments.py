"""Dates and times as senders write them. The standard has ``2026/03/05`` and ``2026/03/05 14:07:09``, by our clock."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "+07:00")
#: What lies outside is a slip of the sender's; the first and last days of the calendar fall out of it in another zone.
FIRST_YEAR, LAST_YEAR = 1900, 2999
_YEAR_FIRST = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", re.ASCII)
_CLOCK = re.compile(r"[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?\s*(Z|[+-]\d{2}:?\d{2})?", re.ASCII)


def day(text: str) -> date | None:
    """The date that `text` writes, with whatever time after it; None when it writes none."""
    found = _start(text)
    return found[0] if found else None


def moment(text: str) -> datetime | None:
    """The time that `text` writes; midnight when it writes only a date, the clock of Việt Nam when it names no zone."""
    found = _start(text)
    if found is None:
        return None
    on, rest = found
    clock = _CLOCK.fullmatch(rest)
    if clock is None:
        return datetime(on.year, on.month, on.day, tzinfo=VIETNAM) if not rest.strip() else None
    hour, minute, second, zone = clock.groups()
    try:
        offset = VIETNAM if not zone else _zone(zone)
        return datetime(on.year, on.month, on.day, int(hour), int(minute), int(second or 0), tzinfo=offset)
    except ValueError:
        return None


def _start(text: str) -> tuple[date, str] | None:
    tidy = text.strip()
    try:
        if found := _YEAR_FIRST.match(tidy):
            on = date(int(found[1]), int(found[2]), int(found[3]))
        elif found := _DAY_FIRST.match(tidy):
            on = date(int(found[3]), int(found[2]), int(found[1]))
        else:
            return None
    except ValueError:
        return None
    return (on, tidy[found.end() :]) if FIRST_YEAR <= on.year <= LAST_YEAR else None


def _zone(text: str) -> timezone:
    if text == "Z":
        return timezone(timedelta())
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
