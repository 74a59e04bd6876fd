"""The day a change takes effect: today's name and place follow the versions, and work is handed over.

A change with a later day is written into the versions at once and into nothing else. What repeats the present
(`Organization.name`, `parent`, `path`: permissions hang on the path) is brought up to date on the day itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, action

from ..models import Organization, OrganizationVersion, Succession
from ..naming import sort_name

#: Moves wait for one another, or two of them together could close a circle. "organis" as a number.
_MOVES = 0x6F7267616E6973


@action("organisations.take_effect")
def take_effect(act: Act, *, on: date | None = None) -> int:
    """Do what falls due on a day (today by default): names, places, hand-overs. Returns how many changes there were.

    Doing it again changes nothing. For the background; every hour, so a missed hour costs nothing.
    """
    act.require("organisations.manage", "/")
    day = on or timezone.localdate()
    lock_moves()
    done = bring_up_to_date(act, [version.organization for version in changed_by(day)], day)
    for step in hand_overs_due(day).select_related("predecessor", "successor").select_for_update(of=("self",)):
        hand_over_work(act, step)
        done += 1
    act.record(_root(), after={"on": day.isoformat(), "changes": done})
    return done


def is_due(on: date | None = None) -> bool:
    """Whether :func:`take_effect` has anything to do on a day."""
    day = on or timezone.localdate()
    return changed_by(day).exists() or hand_overs_due(day).exists()


def changed_by(day: date) -> QuerySet[OrganizationVersion]:
    """Versions in force on a day that today's row does not repeat yet."""
    place, now = Coalesce("parent_id", 0), Coalesce("organization__parent_id", 0)
    due = (
        OrganizationVersion.objects.filter(valid__contains=day)
        .annotate(place=place, place_now=now)
        .filter(~Q(name=F("organization__name")) | ~Q(place=F("place_now")))
    )
    return due.select_related("organization").order_by("organization__path")


def hand_overs_due(day: date) -> QuerySet[Succession]:
    """Hand-overs whose day has come and whose work has not been handed over."""
    return Succession.objects.filter(effective_on__lte=day, work_moved_at__isnull=True).order_by(
        "effective_on", "-is_primary", "pk"
    )


def bring_up_to_date(act: Act, orgs: Iterable[Organization], day: date) -> int:
    """Let each organisation's row say what its version of a day says; returns how many changed."""
    changed = 0
    for stale in orgs:
        org = Organization.objects.select_for_update().get(pk=stale.pk)
        version = OrganizationVersion.objects.filter(organization=org, valid__contains=day).first()
        if version is None:
            continue
        changed += _renamed(act, org, version) + _moved(act, org, version)
        stale.name, stale.sort_name, stale.parent, stale.path = org.name, org.sort_name, org.parent, org.path
    return changed


def _renamed(act: Act, org: Organization, version: OrganizationVersion) -> int:
    if org.name == version.name:
        return 0
    before, org.name, org.sort_name = org.name, version.name, sort_name(version.name)
    org.save(update_fields=["name", "sort_name"])
    act.record(org, verb="organisations.renamed", before={"name": before}, after={"name": org.name})
    act.emit("organization.renamed", org, {"code": org.code, "on": _first_day(version)})
    return 1


def _moved(act: Act, org: Organization, version: OrganizationVersion) -> int:
    if org.parent_id == version.parent_id:
        return 0
    before, old_path = org.parent, org.path
    org.parent = Organization.objects.get(pk=version.parent_id) if version.parent_id else None
    org.path = f"{org.parent.path if org.parent else '/'}{org.pk}/"
    org.save(update_fields=["parent", "path"])
    _rebase_paths(old_path, org.path)
    codes: dict[str, Any] = {
        "before": before.code if before else None,
        "after": org.parent.code if org.parent else None,
    }
    act.record(org, verb="organisations.moved", before={"parent": codes["before"]}, after={"parent": codes["after"]})
    act.emit(
        "organization.moved",
        org,
        {"code": org.code, "parent": codes["after"], "old_path": old_path, "path": org.path},
    )
    return 1


def hand_over_work(act: Act, step: Succession) -> None:
    """Tell those who hold work of the predecessor that it follows to the successor now, and keep when that was.

    The event is in the same transaction as the mark: it is handed on at least once.
    """
    step.work_moved_at = timezone.now()
    step.save(update_fields=["work_moved_at"])
    old, new = step.predecessor, step.successor
    act.record(
        step,
        verb="organisations.hand_over_work",
        after={"predecessor": old.code, "successor": new.code, "on": step.effective_on.isoformat()},
        note=step.legal_basis,
    )
    act.emit(
        "organization.succeeded",
        old,
        {
            "predecessor_id": old.pk,
            "successor_id": new.pk,
            "predecessor": old.code,
            "successor": new.code,
            "path": old.path,  # what is below ended with it
            "succession_id": step.pk,
            "is_primary": step.is_primary,
            "on": step.effective_on.isoformat(),
        },
    )


def refuse_circle(org: Organization, parent: Organization, on: date) -> None:
    """InvalidInput when, on a day or on a later one that is on record, `parent` would stand below `org`."""
    later = OrganizationVersion.objects.filter(valid__startswith__gt=on).values_list("valid", flat=True)
    for day in sorted({on, *(valid.lower for valid in later)}):
        if org.pk in _above(parent, day):
            raise InvalidInput(
                _("Không thể chuyển một cơ quan vào chính nó hoặc vào đơn vị trực thuộc nó."),
                code="organisations.move_into_itself",
                field="parent",
            )


def lock_moves() -> None:
    """Until the end of the transaction, no other move is made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MOVES])


def _above(org: Organization, day: date) -> set[int]:
    """`org` and what stood above it on a day; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE above (id) AS (
                SELECT %s::bigint
                UNION
                SELECT v.parent_id FROM organisations_organizationversion v JOIN above ON above.id = v.organization_id
                WHERE v.valid @> %s::date AND v.parent_id IS NOT NULL
            )
            SELECT id FROM above
            """,
            [org.pk, day],
        )
        return {row[0] for row in cursor.fetchall()}


def _rebase_paths(old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organisations_organization SET path = %s || substr(path, %s) WHERE starts_with(path, %s)",
            [new, len(old) + 1, old],
        )


def _first_day(version: OrganizationVersion) -> str | None:
    return version.valid.lower.isoformat() if version.valid.lower else None


def _root() -> Organization:
    root = Organization.objects.filter(parent__isnull=True, valid__contains=timezone.localdate()).order_by("pk").first()
    return root or Organization.objects.order_by("pk")[0]
