"""Units, and roles within them, as SCIM groups. Units follow decisions; whoever holds a role there can be written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from scim2_models import GroupMember, InvalidValueException, Meta, MutabilityException

from hienluong.foundation.actions import Act, Actor, action
from hienluong.foundation.identity.models import Role
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations import queries, reach
from hienluong.foundation.organisations.models import Official, Organization, Position

from . import directories
from .resources import Place, UnitGroup


@dataclass(frozen=True)
class Unit:
    """One group: an organisation, and maybe one role in it."""

    organization: Organization
    role: Role | None = None

    @property
    def key(self) -> str:
        """The id: ``H50.08``, or ``H50.08:officer``."""
        return f"{self.organization.code}:{self.role.code}" if self.role else self.organization.code

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.organization.name}: {self.role.name}" if self.role else self.organization.name


def units(actor: Actor) -> list[Unit]:
    """Every group that a system sees, in the order of the tree; two queries."""
    here = reach.below(actor.paths_with(organisations.APPOINT))
    roles = list(Role.objects.order_by("code"))
    places = queries.in_force().filter(here).select_related("parent").order_by("path")
    return [unit for org in places for unit in (Unit(org), *(Unit(org, role) for role in roles))]


def members_of(found: Iterable[Unit]) -> dict[str, list[Official]]:
    """Who holds a post today in each unit, by the key of the group; one query."""
    wanted = list(found)
    posts = Position.objects.filter(
        organization__in={unit.organization.pk for unit in wanted}, valid__contains=timezone.localdate()
    )
    held = list(posts.select_related("official").order_by("official__sort_name", "official_id"))
    members: dict[str, dict[int, Official]] = {unit.key: {} for unit in wanted}
    for unit in wanted:
        for post in held:
            if post.organization_id == unit.organization.pk and (unit.role is None or post.role == unit.role.code):
                members[unit.key][post.official_id] = post.official
    return {key: list(people.values()) for key, people in members.items()}


def shown(unit: Unit, members: list[Official]) -> Any:
    """A group with its members."""
    base = settings.BASE_URL
    group = UnitGroup(
        id=unit.key,
        display_name=unit.label,
        members=[
            GroupMember(
                value=str(official.pk),
                ref=_reference(base + reverse("scim:user", args=[official.pk])),
                type="User",
                display=official.full_name,
            )
            for official in members
        ]
        or None,
    )
    parent = unit.organization.parent
    group[Place] = Place(
        organization=unit.organization.code,
        role=unit.role.code if unit.role else None,
        parent=parent.code if parent else None,
    )
    state = f"{unit.label} {sorted(official.pk for official in members)}"
    version = f'W/"{hashlib.sha256(state.encode()).hexdigest()[:24]}"'
    group.meta = Meta(resource_type="Group", location=base + reverse("scim:group", args=[unit.key]), version=version)
    return group


def _reference(address: str) -> Any:
    return address


@action("scim.replace_group")
def replace(act: Act, *, unit: Unit, group: Any, system: Any) -> None:
    """Let exactly these officials hold the role in the unit: others' posts end today, new ones begin."""
    if group.display_name != unit.label:
        raise MutabilityException(detail="Units and roles are renamed by decision, not over SCIM.")
    today = timezone.localdate()
    wanted = {member.value for member in group.members or ()}
    if unit.role is None:
        if wanted != {str(official.pk) for official in members_of([unit])[unit.key]}:
            raise MutabilityException(detail="The members of a unit are those who hold a role in it: write that group.")
        act.record(unit.organization, after={"members": len(wanted)}, organization_id=unit.organization.pk)
        return
    posts = Position.objects.filter(organization=unit.organization, role=unit.role.code, valid__contains=today)
    held = {str(post.official_id): post for post in posts.select_related("organization", "official")}
    seen = directories.officials(act.actor, system)
    for value in sorted(wanted - held.keys()):
        official = seen.filter(pk=int(value)).first() if value.isascii() and value.isdigit() else None
        if official is None:
            raise InvalidValueException(detail=f"There is no user {value[:40]}.")
        organisations.appoint(
            act, official=official, organization=unit.organization, title=unit.role.name, role=unit.role.code
        )
    for value in sorted(held.keys() - wanted):
        organisations.end_position(act, position=held[value], on=max(today, held[value].valid.lower))
    act.record(
        unit.organization, after={"group": unit.key, "members": len(wanted)}, organization_id=unit.organization.pk
    )
