"""Lending the powers of a post for some days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action

from .. import roles
from ..models import Delegation, Official, Position
from . import given

DELEGATE = "organisations.delegate"
#: Powers are lent while somebody is away; for longer, somebody is appointed.
LONGEST = timedelta(days=180)


@action("organisations.delegate")
def delegate(
    act: Act,
    *,
    position: Position,
    to: Official,
    valid_from: date,
    valid_to: date,
    reason: str,
    powers: Collection[str] = (),
) -> Delegation:
    """Lend the powers of a post to another official for some days (`valid_to` is the first day without them).

    `powers` are the permissions that are lent; none: all that the post has. The holder of the post may do it for
    themself; others need the permission. It must lie within the post's dates, and powers that were lent cannot be
    lent on.
    """
    if act.actor.official_id != position.official_id or act.actor.official_id is None:
        act.actor.require_lasting(DELEGATE, position.organization.path)
    valid = given.days(valid_from, valid_to)
    if valid_to - valid_from > LONGEST:
        raise InvalidInput(
            _("Ủy quyền nhiều nhất %(days)d ngày. Lâu hơn thì phải bổ nhiệm.") % {"days": LONGEST.days},
            code="organisations.delegation_too_long",
            field="valid_to",
        )
    if not to.positions.filter(valid__contains=valid_from).exists():
        raise InvalidInput(
            _("Người được ủy quyền không giữ chức vụ nào vào ngày bắt đầu."),
            code="organisations.delegate_without_post",
            field="to",
        )
    if to.pk == position.official_id:
        raise InvalidInput(_("Không thể ủy quyền cho chính mình."), code="organisations.delegate_to_self", field="to")
    if act.actor.official_id is not None and to.pk == act.actor.official_id:
        raise DomainError(_("Không ai tự ghi ủy quyền cho mình."), code="organisations.delegate_to_actor")
    if not reason.strip():
        raise InvalidInput(_("Phải nêu lý do ủy quyền."), code="organisations.no_reason", field="reason")
    if not set(powers) <= roles.permissions_of(position.role):
        raise InvalidInput(
            _("Chỉ ủy quyền được những quyền mà chức vụ này có."), code="organisations.foreign_powers", field="powers"
        )
    if valid_from < position.valid.lower or (position.valid.upper and valid_to > position.valid.upper):
        raise InvalidInput(
            _("Thời gian ủy quyền phải nằm trong thời gian giữ chức vụ."),
            code="organisations.delegation_outside_position",
            field="valid_from",
        )
    if Delegation.objects.filter(
        position=position, delegate=to, revoked_at__isnull=True, valid__overlap=valid
    ).exists():
        raise InvalidInput(
            _("Đã có ủy quyền cho người này trong thời gian đó."), code="organisations.delegation_overlaps", field="to"
        )
    lent = Delegation.objects.create(
        position=position, delegate=to, valid=valid, reason=reason.strip(), permissions=sorted(set(powers))
    )
    act.record(
        lent,
        after={
            "position": position.pk,
            "to": to.code,
            "valid": given.iso(valid),
            "reason": lent.reason,
            "powers": lent.permissions,
        },
        organization_id=position.organization_id,
    )
    act.emit("delegation.began", lent, {"position_id": position.pk})
    return lent


@action("organisations.revoke_delegation")
def revoke_delegation(act: Act, *, delegation: Delegation) -> Delegation:
    """Take lent powers back at once."""
    position = delegation.position
    if act.actor.official_id != position.official_id or act.actor.official_id is None:
        act.require(DELEGATE, position.organization.path)
    if delegation.revoked_at:
        raise DomainError(_("Ủy quyền này đã được thu hồi."), code="organisations.already_revoked")
    delegation.revoked_at = timezone.now()
    delegation.save(update_fields=["revoked_at"])
    act.record(
        delegation, after={"revoked_at": delegation.revoked_at.isoformat()}, organization_id=position.organization_id
    )
    act.emit("delegation.revoked", delegation, {"position_id": position.pk})
    return delegation
