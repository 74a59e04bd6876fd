"""Letting the powers of a post or a role rest, and letting them work again."""

from __future__ import annotations

from typing import Literal

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action
from hienluong.foundation.organisations.models import Organization, Position

from .actions import MANAGE
from .models import RoleGrant, Suspension


def resting(what: Literal["position", "grant"] = "position") -> Exists:
    """Whether a post (or a role that was given) rests: for ``exclude`` on positions (or on grants)."""
    return Exists(Suspension.objects.filter(**{what: OuterRef("pk")}, lifted_at=None))


@action("identity.suspend")
def suspend(act: Act, *, held: Position | RoleGrant, reason: str, by: str = MANAGE) -> Suspension:
    """Take the powers of a post or a role away from now on, without ending it; `by` is the permission that allows it.

    Suspending again changes nothing.
    """
    act.require(by, held.organization.path)
    reason = reason.strip()
    if not reason:
        raise InvalidInput(_("Phải nêu lý do."), code="identity.no_reason", field="reason")
    which = {"position": held} if isinstance(held, Position) else {"grant": held}
    suspension, fresh = Suspension.objects.get_or_create(
        **which, lifted_at=None, defaults={"reason": reason[:300], "since": timezone.now()}
    )
    act.record(held, after={"suspended": True, "fresh": fresh}, note=reason, organization_id=held.organization_id)
    if fresh:
        act.emit("powers.suspended", held, {"organization_id": held.organization_id})
    return suspension


@action("identity.lift_suspension")
def lift(act: Act, *, suspension: Suspension, reason: str) -> Suspension:
    """Let the powers work again."""
    held = suspension.position or suspension.grant
    assert held is not None
    organization: Organization = held.organization
    act.actor.require_lasting(MANAGE, organization.path)
    reason = reason.strip()
    if not reason:
        raise InvalidInput(_("Phải nêu lý do."), code="identity.no_reason", field="reason")
    if suspension.lifted_at is not None:
        raise DomainError(_("Quyền này không bị tạm dừng."), code="identity.not_suspended")
    suspension.lifted_at = timezone.now()
    suspension.save(update_fields=["lifted_at"])
    act.record(held, after={"suspended": False}, note=reason, organization_id=organization.pk)
    act.emit("powers.restored", held, {"organization_id": organization.pk})
    return suspension
