"""Whom to tell: the accounts of those who may do something at an organisation."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from hienluong.foundation.organisations.models import Organization, Position

from .models import Account, Role
from .suspending import resting

#: Most people who are told one thing.
MOST = 30


def holders(permission: str, organization: Organization) -> list[Account]:
    """Those whose role gives `permission` in a post at the organisation; else in a part of it, else nearest above it."""
    roles = list(Role.objects.filter(permissions__contains=[permission]).values_list("code", flat=True))
    above = [Q(organization_id=int(part)) for part in organization.path.strip("/").split("/") if part]
    places = [Q(organization_id=organization.pk), Q(organization__path__startswith=organization.path)]
    for place in (*places, *reversed(above[:-1])):
        posts = Position.objects.filter(place, ~resting(), role__in=roles, valid__contains=timezone.localdate())
        found = Account.objects.filter(official__positions__in=posts, is_active=True).distinct().order_by("pk")
        if there := list(found[:MOST]):
            return there
    return []
