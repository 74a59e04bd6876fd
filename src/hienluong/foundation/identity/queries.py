"""From an account to an actor: positions, delegations and direct grants that hold today."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import ANONYMOUS, Actor, Grant, purposes
from hienluong.foundation.organisations.models import Delegation, Organization, Position
from hienluong.foundation.people.models import Representation

from .models import Account, Role, RoleGrant

if TYPE_CHECKING:
    from collections.abc import Iterator


def actor_for(request: HttpRequest) -> Actor:
    """The actor of this request, for the purpose of its page; a stranger when nobody is signed in."""
    ip = request.META.get("REMOTE_ADDR", "") or ""
    request_id = getattr(request, "request_id", "")
    purpose = purpose_of(request)
    if not request.user.is_authenticated:
        return Actor(ip=ip, request_id=request_id, purpose=purpose)
    assert isinstance(request.user, Account)
    return actor_of(request.user, ip=ip, request_id=request_id).with_purpose(purpose)


def purpose_of(request: HttpRequest) -> str:
    """What the page that was asked for is there for; empty before its address is resolved."""
    match = request.resolver_match
    return purposes.of_page(match.view_name) if match else ""


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
    own = Position.objects.filter(official_id=account.official_id, valid__contains=day).select_related("organization")
    for position in own.order_by("-is_primary", "pk"):
        source = _("Chức vụ: %(post)s, %(org)s") % {"post": position.title, "org": position.organization.name}
        yield _grant(position.organization, roles.get(position.role, frozenset()), source)
    lent = Delegation.objects.filter(
        delegate_id=account.official_id, valid__contains=day, revoked_at__isnull=True, position__valid__contains=day
    )
    for delegation in lent.select_related("position__organization", "position__official").order_by("position_id", "pk"):
        yield _grant(
            delegation.position.organization,
            lent_permissions(delegation, roles.get(delegation.position.role, frozenset())),
            source_of(delegation),
        )


def lent_permissions(delegation: Delegation, of_the_post: frozenset[str]) -> frozenset[str]:
    """What a delegation lends: the permissions it names, or all that the post has; never more than the post has."""
    return of_the_post & set(delegation.permissions) if delegation.permissions else of_the_post


def source_of(delegation: Delegation) -> str:
    """Where lent powers come from, in words."""
    post = delegation.position
    return _("Ủy quyền của %(official)s: %(post)s, %(org)s") % {
        "official": post.official.full_name,
        "post": post.title,
        "org": post.organization.name,
    }


def _direct_grants(account: Account, day: date, roles: dict[str, frozenset[str]]) -> Iterator[Grant]:
    for grant in RoleGrant.objects.filter(account=account, valid__contains=day).select_related("organization", "role"):
        source = _("Vai trò được giao: %(role)s, %(org)s") % {"role": grant.role.name, "org": grant.organization.name}
        yield _grant(grant.organization, roles.get(grant.role_id, frozenset()), source)


def _grant(organization: Organization, permissions: frozenset[str], source: str) -> Grant:
    return Grant(permissions=permissions, organization_id=organization.pk, path=organization.path, source=source)
