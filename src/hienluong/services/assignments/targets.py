"""To whom a task can be given: organisations that somebody heads, and officials by name; in few queries, however many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, InvalidInput
from hienluong.foundation.identity.models import Role
from hienluong.foundation.identity.suspending import resting
from hienluong.foundation.organisations.agencies import AGENCY_KINDS
from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.organisations.queries import in_force

from .rights import GIVE

#: A group of choices as a select box takes it: its heading, then key and words of each.
Group = tuple[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Target:
    """One that a task can be given to."""

    organization: Organization
    official: Official | None = None

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"p{self.official.pk}-{self.organization.pk}" if self.official else f"o{self.organization.pk}"


class Targets:
    """The targets below one organisation or several."""

    def __init__(self, units: list[Target], people: list[tuple[Target, str]]) -> None:
        self.units = units
        self.people = people
        self._by_key = {target.key: target for target in (*units, *(target for target, _title in people))}

    def of(self, key: str, field: str = "to") -> Target:
        """The target with this key; InvalidInput for one that is not offered."""
        found = self._by_key.get(key)
        if found is None:
            raise InvalidInput(_("Chọn đơn vị hoặc cán bộ trong danh sách."), field=field)
        return found

    def groups(self) -> list[Group]:
        """The choices of a select box: organisations, then people by where their post is."""
        groups: dict[str, list[tuple[str, str]]] = {}
        if self.units:
            groups[_("Đơn vị")] = [(target.key, target.organization.name) for target in self.units]
        for target, title in self.people:
            assert target.official is not None
            heading = target.organization.name
            groups.setdefault(heading, []).append((target.key, f"{target.official.full_name} ({title})"))
        return list(groups.items())

    def unit_choices(self) -> list[tuple[str, str]]:
        """The organisations alone."""
        return [(target.key, target.organization.name) for target in self.units]


def within(roots: Iterable[Organization], actor: Actor, *, agencies_below: bool = False) -> Targets:
    """Everybody in these organisations and their divisions, but not the actor; with `agencies_below` the agencies right
    below them, too, as organisations."""
    today = timezone.localdate()
    units: dict[int, Organization] = {}
    for root in roots:
        below = (
            in_force(today).filter(path__startswith=root.path).only("pk", "name", "path", "kind", "valid", "sort_name")
        )
        other = [each for each in below if each.pk != root.pk and each.kind in AGENCY_KINDS]
        other_paths = tuple(each.path for each in other)
        for each in below:
            own = not each.path.startswith(other_paths) if other_paths else True
            direct = agencies_below and each in other and each.parent_id == root.pk
            if own or direct:
                units[each.pk] = each
    agencies = {pk for pk, each in units.items() if each.kind in AGENCY_KINDS}
    roles = list(Role.objects.filter(permissions__contains=[GIVE]).values_list("code", flat=True))
    posts = list(
        Position.objects.filter(~resting(), organization__in=units, valid__contains=today)
        .select_related("official")
        .order_by("official__sort_name", "pk")
    )
    own_root = {root.pk for root in roots}
    headed = {post.organization_id for post in posts if post.role in roles and post.official_id != actor.official_id}
    found_units = sorted(
        (Target(each) for pk, each in units.items() if pk in headed and (pk not in own_root)),
        key=lambda target: (target.organization.kind in AGENCY_KINDS, target.organization.sort_name),
    )
    people: dict[str, tuple[Target, str]] = {}
    for post in posts:
        if post.official_id == actor.official_id:
            continue
        if post.organization_id in agencies and post.organization_id not in own_root:
            continue  # of an agency below, its leader decides who
        target = Target(units[post.organization_id], post.official)
        people.setdefault(target.key, (target, post.title))
    order = {pk: place for place, pk in enumerate(sorted(units, key=lambda pk: units[pk].path))}
    listed = sorted(people.values(), key=lambda pair: order[pair[0].organization.pk])
    return Targets(found_units, listed)


def of_actor(actor: Actor) -> Targets:
    """Those to whom an actor may give a task directly: in their own part, and the agencies right below it."""
    held = [grant.organization_id for grant in actor.grants if GIVE in grant.permissions]
    return within(Organization.objects.filter(pk__in=held).order_by("path"), actor, agencies_below=True)
