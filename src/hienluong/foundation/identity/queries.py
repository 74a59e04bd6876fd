"""From an account to an actor: positions, delegations and direct grants that hold today."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import ANONYMOUS, Actor, Grant, Limit, purposes
from hienluong.foundation.people.models import Representation

from .models import Account

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def actor_for(request: HttpRequest) -> Actor:
    """The actor of this request, for the purpose of its page; a stranger when nobody is signed in."""
    ip = request.META.get("REMOTE_ADDR", "") or ""
    request_id = getattr(request, "request_id", "")
    purpose = purpose_of(request)
    told: Actor | None = getattr(request, "token_actor", None)  # a system with an access token, without a person
    if told is not None:
        return told.with_purpose(purpose)
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
    given = list(_grants(account, day))
    grants = tuple(grant for grant, _emergency in given)
    held: list[Representation] = []
    if account.party_id:
        held = list(Representation.objects.filter(representative_id=account.party_id, valid__contains=day))
    return Actor(
        kind="account",
        label=account.display_name,
        account_id=account.pk,
        party_id=account.party_id,
        official_id=account.official_id,
        organization_id=grants[0].organization_id if grants else None,
        grants=grants,
        represented=frozenset(each.represented_id for each in held),
        limits=tuple(limit for each in held if (limit := limit_of(each))),
        emergency=next((emergency for _grant, emergency in given if emergency is not None), None),
        ip=ip,
        request_id=request_id,
    )


def limit_of(held: Representation) -> Limit | None:
    """To what a representation is limited; None when it is for everything."""
    if held.legal or not (held.acts or held.procedures or held.most is not None):
        return None
    return Limit(held.represented_id, frozenset(held.acts), frozenset(held.procedures), held.most)


#: Posts held, posts lent, roles given on a day and emergency powers open now, with what each role allows; what is
#: suspended gives nothing. It is asked on every request of an official, so it is one statement instead of five.
_HELD = """
SELECT 'post', o.id, o.path, o.name, p.title, '', NULL::bigint, r.permissions, NULL::varchar[], NOT p.is_primary, p.id, 0
  FROM organisations_position p JOIN organisations_organization o ON o.id = p.organization_id
  LEFT JOIN identity_role r ON r.code = p.role
 WHERE p.official_id = %(official)s AND p.valid @> %(day)s
   AND NOT EXISTS (SELECT FROM identity_suspension s WHERE s.position_id = p.id AND s.lifted_at IS NULL)
UNION ALL
SELECT 'lent', o.id, o.path, o.name, p.title, f.full_name, f.id, r.permissions, d.permissions, false, p.id, d.id
  FROM organisations_delegation d JOIN organisations_position p ON p.id = d.position_id
  JOIN organisations_organization o ON o.id = p.organization_id
  JOIN organisations_official f ON f.id = p.official_id
  LEFT JOIN identity_role r ON r.code = p.role
 WHERE d.delegate_id = %(official)s AND d.valid @> %(day)s AND d.revoked_at IS NULL AND p.valid @> %(day)s
   AND NOT EXISTS (SELECT FROM identity_suspension s WHERE s.position_id = p.id AND s.lifted_at IS NULL)
UNION ALL
SELECT 'role', o.id, o.path, o.name, r.name, '', NULL, r.permissions, NULL, false, g.id, 0
  FROM identity_rolegrant g JOIN organisations_organization o ON o.id = g.organization_id
  JOIN identity_role r ON r.code = g.role_id
 WHERE g.account_id = %(account)s AND g.valid @> %(day)s
   AND NOT EXISTS (SELECT FROM identity_suspension s WHERE s.grant_id = g.id AND s.lifted_at IS NULL)
UNION ALL
SELECT 'emergency', o.id, o.path, o.name, r.name, '', NULL, r.permissions, NULL, false, e.id, 0
  FROM identity_emergency e JOIN organisations_organization o ON o.id = e.organization_id
  JOIN identity_role r ON r.code = e.role_id
 WHERE e.account_id = %(account)s AND e.ended_at IS NULL AND e.began_at <= %(now)s AND e.ends_at > %(now)s
"""
_ORDER = {"post": 0, "lent": 1, "role": 2, "emergency": 3}


def _grants(account: Account, day: date) -> Iterator[tuple[Grant, int | None]]:
    """Own posts (the primary one first), then what is lent, then roles given directly, then emergency powers, each of
    these with its number."""
    with connection.cursor() as cursor:
        told = {"official": account.official_id, "account": account.pk, "day": day, "now": timezone.now()}
        cursor.execute(_HELD, told)
        rows = sorted(cursor.fetchall(), key=lambda row: (_ORDER[row[0]], *row[9:]))
    for kind, organization, path, name, title, official, lender, allowed, lent, *order in rows:
        permissions = frozenset(allowed or ())
        if kind == "post":
            source = _("Chức vụ: %(post)s, %(org)s") % {"post": title, "org": name}
        elif kind == "lent":
            permissions = lent_permissions(lent, permissions)
            source = source_of(official, title, name)
        elif kind == "role":
            source = _("Vai trò được giao: %(role)s, %(org)s") % {"role": title, "org": name}
        else:
            source = _("Quyền khẩn cấp: %(role)s, %(org)s") % {"role": title, "org": name}
        lent_by = official if kind == "lent" else ""
        taken = kind == "emergency"
        yield Grant(permissions, organization, path, source, lent_by, taken, lender), order[1] if taken else None


def lent_permissions(named: Sequence[str] | None, of_the_post: frozenset[str]) -> frozenset[str]:
    """What a delegation lends: the permissions it names, or all that the post has; never more than the post has."""
    return of_the_post & set(named) if named else of_the_post


def source_of(official: str, post: str, organization: str) -> str:
    """Where lent powers come from, in words."""
    return _("Ủy quyền của %(official)s: %(post)s, %(org)s") % {
        "official": official,
        "post": post,
        "org": organization,
    }
