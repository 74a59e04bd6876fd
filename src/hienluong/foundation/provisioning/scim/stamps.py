"""When an official came on record and was last changed (``meta.created``, ``meta.lastModified``), out of the audit log.

What counts is what is shown: writes of the official, of the account's name and whether it is open, of posts; and the days on
which posts begin and end by themselves. Nothing is said where the log has nothing (officials loaded before it began). A
post taken off the record as a mistake, or a unit renamed by decision, moves ``meta.version`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Max, Min, Q
from django.utils import timezone

from hienluong.foundation.audit.models import Entry
from hienluong.foundation.organisations.models import Official, Position

#: Writes of an account that change how its official is shown.
_ACCOUNT = ("identity.create_account", "identity.change_account", "identity.deactivate", "identity.reactivate")


@dataclass(frozen=True)
class Stamps:
    """When it came, and when it last changed; never before it came."""

    created: datetime
    modified: datetime


def of(found: Iterable[Official]) -> dict[int, Stamps]:
    """By the key of the official; two queries for any number of them, which have their accounts loaded."""
    officials = list(found)
    posts = list(Position.objects.filter(official__in=[official.pk for official in officials]))
    owners = {("organisations.official", str(official.pk)): official.pk for official in officials}
    owners |= {("organisations.position", str(post.pk)): post.official_id for post in posts}
    for official in officials:
        if account := getattr(official, "account", None):
            owners["identity.account", str(account.pk)] = official.pk
    born: dict[int, datetime] = {}
    moments: dict[int, list[datetime]] = {official.pk: [] for official in officials}
    for kind, key, first, last in _written(owners):
        owner = owners[kind, key]
        moments[owner].append(last)
        if kind == "organisations.official":
            born[owner] = first
    for post in posts:
        moments[post.official_id] += [_midnight(day) for day in _turns(post) if day <= timezone.localdate()]
    return {pk: Stamps(first, max([first, *moments[pk]])) for pk, first in born.items()}


def _written(owners: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str, datetime, datetime]]:
    keys: dict[str, list[str]] = {}
    for kind, key in owners:
        keys.setdefault(kind, []).append(key)
    wanted = Q(pk__in=[])
    for kind, found in keys.items():
        one = Q(target_type=kind, target_id__in=found)
        wanted |= one & Q(verb__in=_ACCOUNT) if kind == "identity.account" else one
    same = Q(verb="scim.replace_user", after__changed=False)  # what it changed otherwise, its parts have written down
    rows = Entry.objects.filter(wanted).exclude(same).order_by().values_list("target_type", "target_id")
    return rows.annotate(Min("at"), Max("at"))


def _turns(post: Position) -> list[date]:
    """The days on which a post begins and on which it is over, by themselves."""
    if post.valid.isempty:
        return []
    return [day for day in (post.valid.lower, post.valid.upper) if day is not None]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()), timezone.get_default_timezone())
