"""When an organisation is open: its own hours where they are on record, else the working time of its calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext as _

from .fields import WEEKDAYS
from .models import Organization, OrganizationVersion

Hours = dict[str, list[list[str]]]
#: The weekly working time of an organisation on a day, in the form of `OrganizationVersion.opening_hours`.
Source = Callable[[Organization, date], Hours]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Let the app above that keeps calendars answer (called from ``ready()``)."""
    _sources[:] = [source]


def hours_of(org: Organization, version: OrganizationVersion | None, on: date) -> tuple[Hours, bool]:
    """The hours of a week around a day, and whether they are the organisation's own; empty when it did not exist."""
    if version is None:
        return {}, False
    if version.opening_hours:
        return version.opening_hours, True
    return (_sources[0](org, on) if _sources else {}), False


def in_words(hours: Hours) -> list[tuple[str, str]]:
    """The days and hours on which it is open, days that follow each other with the same hours in one line."""
    runs: list[tuple[list[str], str]] = []
    for day in WEEKDAYS:
        text = ", ".join(f"{opens}–{closes}" for opens, closes in hours.get(day, []))
        if runs and runs[-1][1] == text:
            runs[-1][0].append(day)
        else:
            runs.append(([day], text))
    return [(_days(days), text) for days, text in runs if text]


def _days(days: list[str]) -> str:
    first, last = WEEKDAYS[days[0]], WEEKDAYS[days[-1]]
    if len(days) == 1:
        return str(first)
    return _("%(first)s đến %(last)s") % {"first": first, "last": last}
