"""From an account to an actor: positions, delegations and direct grants that hold today."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from hienluong.foundation.actions import ANONYMOUS, Actor, Grant
from hienluong.foundation.organisations.models import Position
from hienluong.foundation.people.models import Representation

from .models import Account, Role, RoleGrant

if TYPE_CHECKING:
    from collections.abc import Iterator


def actor_for(request: HttpRequest) -> Actor:
    """The actor of this request; a stranger when nobody is signed in."""
    ip = request.META.get("REMOTE_ADDR", "") or ""
    request_id = getattr(request, "request_id", "")
    if not request.user.is_authenticated:
        return Actor(ip=ip, request_id=request_id)
    assert isinstance(request.user, Account)
    return actor_of(request.user, ip=ip, request_id=request_id)


def actor_of(account: Account, *, on: date | None = None, ip: str = "", request_id: str = "") -> Actor:
    """The actor of an account with the grants that hold on a day (today in Việt Nam by default)."""
    if not account.is_active:
        return ANONYMOUS
    day = on or timezone.localdate()
    roles = {role.code: frozenset(role.permissions) for role in Role.objects.all()}
    grants = tuple(_position_grants(account, day, roles)) + tuple(_direct_grants(account, day, roles))
    represented = (
        frozenset(
            Representation.objects.filter(representative_id=account.party_id, valid__contains=day).values_list(
                "represented_id", flat=True
            )
        )
        if account.party_id
        else frozenset()
    )
    return Actor(
        kind="account",
        label=account.display_name,
        account_id=account.pk,
        party_id=account.party_id,
        official_id=account.official_id,
        organization_id=grants[0].organization_id if grants else None,
        grants=grants,
        represented=represented,
        ip=ip,
        request_id=request_id,
    )


def _position_grants(account: Account, day: date, roles: dict[str, frozenset[str]]) -> Iterator[Grant]:
    if not account.official_id:
        return
    own = Q(official_id=account.official_id)
    lent = Q(
        delegations__delegate_id=account.official_id,
        delegations__valid__contains=day,
        delegations__revoked_at__isnull=True,
    )
    held = (
        Position.objects.filter(own | lent, valid__contains=day).select_related("organization", "official").distinct()
    )
    for position in held.order_by("-is_primary", "pk"):
        by_delegation = position.official_id != account.official_id
        source = f"Ủy quyền của {position.official}" if by_delegation else "Chức vụ"
        yield Grant(
            permissions=roles.get(position.role, frozenset()),
            organization_id=position.organization_id,
            path=position.organization.path,
            source=f"{source}: {position.title}, {position.organization.name}",
        )


def _direct_grants(account: Account, day: date, roles: dict[str, frozenset[str]]) -> Iterator[Grant]:
    for grant in RoleGrant.objects.filter(account=account, valid__contains=day).select_related("organization", "role"):
        yield Grant(
            permissions=roles.get(grant.role_id, frozenset()),
            organization_id=grant.organization_id,
            path=grant.organization.path,
            source=f"Vai trò được giao: {grant.role.name}, {grant.organization.name}",
        )
