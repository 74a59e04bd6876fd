"""Which organisation receives and sends documents for another: the nearest with a records office (văn thư) of its own."""

from __future__ import annotations

from collections.abc import Iterable

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
    lines = [organisations.path_ids(path) for path in set(paths)]
    wanted = {each for line in lines for each in line}
    found = set(Organization.objects.filter(pk__in=wanted, kind__in=AGENCY_KINDS).values_list("pk", flat=True))
    nearest = [next((each for each in reversed(line) if each in found), line[-1] if line else None) for line in lines]
    return frozenset(each for each in nearest if each is not None)
