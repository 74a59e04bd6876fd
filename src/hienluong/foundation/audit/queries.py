"""Reading the audit log: newest first, a page at a time, at the same cost however long the log is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from .models import Entry

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which entries: about what, by whom, from when to before when, in which organisations (None: everywhere)."""

    target: str = ""
    actor_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    organizations: Collection[int] | None = None


@dataclass(frozen=True)
class Page:
    """Entries, newest first; `older` and `newer` are the sequence numbers to go on from, None at the ends."""

    entries: list[Entry]
    older: int | None
    newer: int | None


def page(wanted: Wanted, *, before: int | None = None, after: int | None = None, size: int = PAGE) -> Page:
    """One page: entries older than `before`, or newer than `after`, or the newest. At most three queries."""
    found = Entry.objects.filter(_condition(wanted))
    if after is not None:
        rows = list(found.filter(seq__gt=after).order_by("seq")[: size + 1])
        more_newer, more_older = len(rows) > size, True
        rows = rows[:size][::-1]
    else:
        if before is not None:
            found = found.filter(seq__lt=before)
        rows = list(found.order_by("-seq")[: size + 1])
        more_newer, more_older = before is not None, len(rows) > size
        rows = rows[:size]
    return Page(
        rows,
        older=rows[-1].seq if rows and more_older else None,
        newer=rows[0].seq if rows and more_newer else None,
    )


def _condition(wanted: Wanted) -> Q:
    condition = _between(wanted.since, wanted.until)
    if wanted.target:
        condition &= _about(wanted.target)
    if wanted.actor_id is not None:
        condition &= Q(actor_id=wanted.actor_id)
    if wanted.organizations is not None:
        condition &= Q(organization_id__in=wanted.organizations)
    return condition


def _about(text: str) -> Q:
    """A thing by the name the log knows it by (a dossier's code), or as ``dossiers.dossier:12``."""
    condition = Q(target_label=text)
    kind, colon, key = text.rpartition(":")
    if colon:
        condition |= Q(target_type=kind.lower(), target_id=key)
    return condition


def _between(since: datetime | None, until: datetime | None) -> Q:
    """A stretch of time as a stretch of the chain: times and sequence numbers grow together."""
    condition = Q()
    if since is not None:
        first = Entry.objects.filter(at__gte=since).order_by("at", "seq").values_list("seq", flat=True).first()
        condition &= Q(pk__in=[]) if first is None else Q(seq__gte=first)
    if until is not None:
        last = Entry.objects.filter(at__lt=until).order_by("-at", "-seq").values_list("seq", flat=True).first()
        condition &= Q(pk__in=[]) if last is None else Q(seq__lte=last)
    return condition
