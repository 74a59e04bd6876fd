"""The territory a figure is asked for: a commune, a district of before 2025-07-01, a department.

A commune of today counts with the communes it was made of, and a former district with the communes of today that took
its territory over, so that a year across the change is one figure. Every commune of before went to its successor whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor
from hienluong.foundation.organisations.models import Organization
from hienluong.services.dossiers.access import under

Kind = Organization.Kind


@dataclass(frozen=True)
class Group:
    """Areas of one kind to choose from: (code, name)."""

    title: str
    areas: list[tuple[str, str]]


def groups(actor: Actor | None = None) -> list[Group]:
    """The areas to choose from; for an official, those below the places whose figures it may see."""
    today = timezone.localdate()
    wanted = Q(kind__in=(Kind.COMMUNE, Kind.DEPARTMENT), valid__contains=today) | Q(kind=Kind.DISTRICT)
    found = Organization.objects.filter(wanted)
    if actor is not None:
        found = found.filter(under(actor.paths_with("oversight.view"), "path"))
    by_kind: dict[str, list[tuple[str, str]]] = {Kind.COMMUNE: [], Kind.DISTRICT: [], Kind.DEPARTMENT: []}
    for kind, code, name in found.order_by("sort_name").values_list("kind", "code", "name"):
        by_kind[kind].append((code, name))
    titles = {
        Kind.COMMUNE: _("Xã, phường"),
        Kind.DISTRICT: _("Huyện cũ (đến 30/6/2025)"),
        Kind.DEPARTMENT: _("Sở, ngành"),
    }
    return [Group(titles[Kind(kind)], areas) for kind, areas in by_kind.items() if areas]


def paths_of(code: str) -> tuple[str, ...] | None:
    """The paths of the organisations whose dossiers belong to this area, in one query; None for a code nobody has."""
    heirs = Q(
        kind=Kind.COMMUNE, successions_in__predecessor__code=code, successions_in__predecessor__kind=Kind.DISTRICT
    )
    before = Q(successions_out__successor__code=code) & ~Q(kind=Kind.DISTRICT)
    found = Organization.objects.filter(Q(code=code) | heirs | before).distinct()
    rows = list(found.values_list("code", "path"))
    return tuple(path for _code, path in rows) if code in {row[0] for row in rows} else None
