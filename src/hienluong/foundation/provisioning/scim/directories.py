"""Which organisations a system keeps up to date, and as whom it acts: within them, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from allauth.idp.oidc.models import Token
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, Grant, InvalidInput, action
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.sso import actions as sso
from hienluong.foundation.sso.models import System

from ..models import Directory, ExternalId

SCOPE = "scim"
#: What a system may do in its organisations: what an administrator of them may do with officials.
POWERS = frozenset({organisations.APPOINT, identity.MANAGE})


@action("provisioning.open_directory")
def open_directory(act: Act, *, system: System, organizations: Sequence[Organization], reason: str) -> Directory:
    """Let a system keep the officials of these organisations up to date. Nobody hands on more than they have."""
    act.require(sso.MANAGE, system.owner.path)
    for organization in organizations:
        for power in sorted(POWERS):
            act.actor.require_lasting(power, organization.path)
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput(_("Phải nêu lý do."), code="identity.no_reason", field="reason")
    if not organizations:
        raise InvalidInput(_("Chọn ít nhất một cơ quan."), code="provisioning.no_organizations", field="organizations")
    if SCOPE not in system.client.get_scopes():
        raise InvalidInput(
            _("Hệ thống chưa được đăng ký quyền “scim”."), code="provisioning.no_scope", field="organizations"
        )
    directory, _made = Directory.objects.update_or_create(
        system=system, defaults={"reason": reason[:300], "since": timezone.now()}
    )
    before = sorted(directory.organizations.values_list("code", flat=True))
    directory.organizations.set(organizations)
    act.record(
        system,
        before={"organizations": before},
        after={"organizations": sorted(org.code for org in organizations)},
        note=reason,
        organization_id=system.owner_id,
    )
    return directory


@action("provisioning.close_directory")
def close_directory(act: Act, *, system: System) -> None:
    """Let a system see and change nothing any more."""
    act.require(sso.MANAGE, system.owner.path)
    Directory.objects.filter(system=system).delete()
    act.record(system, after={"organizations": []}, organization_id=system.owner_id)


def caller(request: HttpRequest) -> Directory | None:
    """The directory that the bearer token of a request opens: of a system itself, with the scope, not ended meanwhile."""
    kind, _blank, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not value.strip():
        return None
    token = Token.objects.valid().by_value(value.strip()).filter(type=Token.Type.ACCESS_TOKEN, user=None).first()
    if token is None or SCOPE not in token.get_scopes():
        return None
    held = Directory.objects.select_related("system__client", "system__owner").prefetch_related("organizations")
    return held.filter(system=token.client_id, system__disabled_at=None).first()


def actor_of(directory: Directory, request: HttpRequest) -> Actor:
    """The system as an actor, with its powers where it is registered for."""
    name = directory.system.client.name
    source = _("Danh bạ SCIM của hệ thống “%(name)s”") % {"name": name}
    grants = tuple(Grant(POWERS, org.pk, org.path, source) for org in directory.organizations.all())
    return Actor(
        kind="account",
        label=name,
        organization_id=directory.system.owner_id,
        grants=grants,
        ip=str(request.META.get("REMOTE_ADDR", "")),
        request_id=getattr(request, "request_id", ""),
        purpose="scim",
    )


def officials(actor: Actor, system: System) -> QuerySet[Official]:
    """Whom a system sees: who has a post that is not over where it is registered, and whom it keeps itself."""
    here = reach.below(actor.paths_with(organisations.APPOINT), "organization__path")
    posts = Position.objects.filter(here, official=OuterRef("pk"), valid__isempty=False).filter(not_over())
    kept = ExternalId.objects.filter(system=system, official=OuterRef("pk"))
    return Official.objects.filter(Exists(posts) | Exists(kept))


def not_over() -> Q:
    """Posts that hold today or will."""
    return Q(valid__upper_inf=True) | Q(valid__endswith__gt=timezone.localdate())
