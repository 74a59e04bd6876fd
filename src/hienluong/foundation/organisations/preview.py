"""What a hand-over will move, counted before anybody decides it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise

from . import queries
from .models import Delegation, Organization, Position

#: How much of some kind of work lies in these organisations (ids).
Counter = Callable[[Collection[int]], int]
_kinds: list[tuple[str | Promise, Counter]] = []


def register_work(label: str | Promise, count: Counter) -> None:
    """Let an app above say how much of its work would move (called from ``ready()``)."""
    if not any(counter is count for _label, counter in _kinds):
        _kinds.append((label, count))


@dataclass(frozen=True)
class Ending:
    """One organisation that ends: what ends with it, and what moves to whoever takes its work."""

    org: Organization
    heir: Organization
    below: list[str]
    posts: int
    delegations: int
    work: list[tuple[str, int]] = field(default_factory=list)


def endings(predecessors: Sequence[Organization], successors: Sequence[Organization], on: date) -> list[Ending]:
    """What each predecessor that does not go on would leave, on a day."""
    going_on = {org.pk for org in successors}
    return [_ending(org, successors[0], on) for org in predecessors if org.pk not in going_on]


def _ending(org: Organization, heir: Organization, on: date) -> Ending:
    ids = queries.ids_below_on(org, on)
    below = Organization.objects.filter(pk__in=ids).exclude(pk=org.pk).order_by("path").values_list("name", flat=True)
    posts = Position.objects.filter(organization_id__in=ids, valid__contains=on)
    lent = Delegation.objects.filter(position__in=posts, valid__contains=on, revoked_at__isnull=True)
    return Ending(
        org=org,
        heir=heir,
        below=list(below),
        posts=posts.count(),
        delegations=lent.count(),
        work=[(str(label), count(ids)) for label, count in _kinds],
    )
