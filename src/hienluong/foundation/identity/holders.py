"""Whom to tell: the accounts of those who may do something at an organisation."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from hienluong.foundation.organisations.models import Organization, Position

from .models import Account, Role, RoleGrant
from .suspending import resting

#: Most people who are told one thing.
MOST = 30


def holders(permission: str, organization: Organization) -> list[Account]:
    """Those whose role gives `permission` at the organisation, by a post or given without one (as administrators' and
    auditors' are); else in a part of it, else nearest above it. What rests gives nothing."""
    roles = list(Role.objects.filter(permissions__contains=[permission]).values_list("code", flat=True))
    today = timezone.localdate()
    above = [Q(organization_id=int(part)) for part in organization.path.strip("/").split("/") if part]
    places = [Q(organization_id=organization.pk), Q(organization__path__startswith=organization.path)]
    for place in (*places, *reversed(above[:-1])):
        posts = Position.objects.filter(place, ~resting(), role__in=roles, valid__contains=today)
        given = RoleGrant.objects.filter(place, ~resting("grant"), role__in=roles, valid__contains=today)
        theirs = Q(official__positions__in=posts) | Q(role_grants__in=given)
        found = Account.objects.filter(theirs, is_active=True).distinct().order_by("pk")
        if there := list(found[:MOST]):
            return there
    return []
