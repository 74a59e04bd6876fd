"""What stands in an address after the question mark: anybody may type anything there, so nothing here ever raises."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING

from django.utils.dateparse import parse_date

if TYPE_CHECKING:  # the simulated bank reads messages with this module and is no web application of Django's
    from django.http import HttpRequest

_AS_PEOPLE_WRITE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
#: Days outside these years are a slip of the finger; periods around them would leave the calendar.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)


def plain(value: str) -> str:
    """Composed letters (NFC), and no NUL, which no text of the database can hold."""
    return unicodedata.normalize("NFC", value.replace("\x00", ""))


def text(request: HttpRequest, name: str, most: int) -> str:
    """A trimmed text of at most `most` characters; empty when it was not given."""
    return plain(request.GET.get(name, "")[: most * 4]).strip()[:most]


def day(request: HttpRequest, name: str) -> date | None:
    """A day written ``2026-11-23`` or ``23/11/2026``, between 1990 and 2100; None for anything else."""
    return day_in(request.GET.get(name, ""))


def day_in(given: str) -> date | None:
    """The same of a text that came some other way."""
    given = given.strip()[:10]
    written = _AS_PEOPLE_WRITE.fullmatch(given)
    try:
        found = date(int(written[3]), int(written[2]), int(written[1])) if written else parse_date(given)
    except ValueError:
        return None
    return found if found and FIRST_DAY <= found <= LAST_DAY else None


def number(request: HttpRequest, name: str, first: int, last: int) -> int | None:
    """A whole number from `first` to `last`; None for anything else."""
    given = request.GET.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        return None
    found = int(given)
    return found if first <= found <= last else None
