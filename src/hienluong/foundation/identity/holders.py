"""Whom to tell: the accounts of those who may do something at an organisation."""

from __future__ import annotations

from django.utils import timezone

from hienluong.foundation.organisations.models import Organization, Position

from .models import Account, Role

#: Most people who are told one thing.
MOST = 30


def holders(permission: str, organization: Organization) -> list[Account]:
    """Those whose role gives `permission` in a post at the organisation, or at the nearest one above where somebody has one."""
    roles = list(Role.objects.filter(permissions__contains=[permission]).values_list("code", flat=True))
    today = timezone.localdate()
    for place in reversed([int(part) for part in organization.path.strip("/").split("/") if part]):
        posts = Position.objects.filter(organization_id=place, role__in=roles, valid__contains=today)
        found = Account.objects.filter(official__positions__in=posts, is_active=True).distinct().order_by("pk")
        if there := list(found[:MOST]):
            return there
    return []
