"""Which organisation receives and sends documents for another: the nearest with a records office (văn thư) of its own."""

from __future__ import annotations

from collections.abc import Iterable

from hienluong.foundation.actions import Actor

from . import queries as organisations
from .models import Organization

#: Kinds of organisations that have their own number, notation and seal.
AGENCY_KINDS = (
    Organization.Kind.PROVINCE,
    Organization.Kind.DEPARTMENT,
    Organization.Kind.DISTRICT,
    Organization.Kind.COMMUNE,
)


def agency_of(organization: Organization) -> Organization:
    """`organization` itself when it has a seal, else the nearest above it that has; itself when none has."""
    if organization.kind in AGENCY_KINDS:
        return organization
    above = [found for found in organisations.ancestors(organization) if found.kind in AGENCY_KINDS]
    return above[-1] if above else organization


def agencies_at(paths: Iterable[str]) -> frozenset[int]:
    """The ids of the agencies of the organisations with these paths, by today's tree; one query."""
    return frozenset(agencies_by_path(paths).values())


def agencies_by_path(paths: Iterable[str]) -> dict[str, int]:
    """By the path of an organisation the id of its agency, by today's tree; one query."""
    lines = {path: organisations.path_ids(path) for path in set(paths)}
    wanted = {each for line in lines.values() for each in line}
    found = set(Organization.objects.filter(pk__in=wanted, kind__in=AGENCY_KINDS).values_list("pk", flat=True))
    return {
        path: next((each for each in reversed(line) if each in found), line[-1]) for path, line in lines.items() if line
    }


def agencies_of_actor(actor: Actor) -> dict[str, int]:
    """By the path of each grant the id of its agency; asked once for an actor, who lives no longer than a request."""
    known: dict[str, int] | None = actor.__dict__.get("_agencies")
    if known is None:
        known = agencies_by_path(grant.path for grant in actor.grants) if actor.grants else {}
        actor.__dict__["_agencies"] = known
    return known
