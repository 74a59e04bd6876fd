"""When an organisation is open: its own hours where they are on record, else the working time of its calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

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
