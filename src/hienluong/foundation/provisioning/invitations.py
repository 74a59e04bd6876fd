"""Inviting the owner of a new account to choose the first password. No password is ever written or sent."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity import provisioned
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.providers import Message, NotDelivered, Refused, provider_of

from . import tasks
from .models import Invitation, Sheet

#: How long a link can be used.
LASTS = timedelta(days=7)


@action("provisioning.invite")
def invite(act: Act, *, account: Account, sheet: Sheet | None = None) -> Invitation:
    """Invite the owner of an account without a password; an earlier invitation is worth nothing any more."""
    if not identity.may_manage(act.actor, account):
        raise NotAllowed(_("Bạn không quản lý tài khoản này."))
    if not account.is_active:
        raise DomainError(_("Tài khoản này đã bị khóa."), code="identity.already_inactive")
    if account.has_usable_password():
        raise DomainError(
            _("Chủ tài khoản đã đặt mật khẩu. Nếu quên, hãy cấp lại mật khẩu dùng một lần."),
            code="provisioning.has_password",
        )
    if not account.email:
        raise InvalidInput(_("Tài khoản chưa có địa chỉ thư điện tử."), code="provisioning.no_address")
    Invitation.objects.filter(account=account, used_at=None, cancelled_at=None).update(cancelled_at=timezone.now())
    invitation = Invitation.objects.create(account=account, sheet=sheet, address=account.email)
    act.record(account, after={"invited": account.email})
    act.emit("account.invited", account)
    tasks.send_invitation.defer(invitation_id=invitation.pk)
    return invitation


@action("provisioning.set_up")
def set_up(act: Act, *, invitation: Invitation, new: str) -> Account:
    """Choose the first password with an invitation; it is worth nothing afterwards."""
    held = Invitation.objects.select_for_update().select_related("account").get(pk=invitation.pk)
    if not is_good(held):
        raise spent()
    account = provisioned.choose_first_password(act, account=held.account, new=new)
    held.used_at, held.secret_hash = timezone.now(), ""
    held.save(update_fields=["used_at", "secret_hash"])
    act.record(account, after={"set_up": True})
    return account


@action("provisioning.make_link")
def make_link(act: Act, *, invitation: Invitation) -> str:
    """The secret of a link that is about to be mailed, for the process that mails it; empty when there is nothing to mail.

    Only a hash is kept. Made again (the mail was not taken), the one before is worth nothing: nobody has read it.
    """
    held = _waiting(act, invitation)
    if held is None:
        return ""
    secret = secrets.token_urlsafe(32)
    held.secret_hash, held.expires_at = hashed(secret), timezone.now() + LASTS
    held.save(update_fields=["secret_hash", "expires_at"])
    act.record(held.account, after={"invitation": "link made", "until": held.expires_at.isoformat()})
    return secret


@action("provisioning.note_sent")
def note_sent(act: Act, *, invitation: Invitation) -> None:
    """Write down that the mail server took an invitation; it is not mailed again."""
    held = _waiting(act, invitation)
    if held is not None:
        held.sent_at = timezone.now()
        held.save(update_fields=["sent_at"])
        act.record(held.account, after={"invitation": "sent"})
        act.emit("account.invitation_sent", held.account)


@action("provisioning.note_refused")
def note_refused(act: Act, *, invitation: Invitation, why: str) -> None:
    """End an invitation whose address the mail server refuses for good; `why` as it said it, without personal data."""
    held = _waiting(act, invitation)
    if held is not None:
        held.secret_hash, held.expires_at, held.cancelled_at = "", None, timezone.now()
        held.save(update_fields=["secret_hash", "expires_at", "cancelled_at"])
        act.record(held.account, after={"invitation": "refused"}, note=why[:500])
        act.emit("account.invitation_refused", held.account)


def send(actor: Actor, invitation: Invitation) -> None:
    """Mail an invitation, between two actions: nothing says that it was sent before the server took it.

    Raises NotDelivered for what is to be tried again.
    """
    if not (secret := make_link(actor, invitation=invitation)):
        return
    invitation.refresh_from_db()
    try:
        _mail(invitation, secret)
    except Refused as refused:
        note_refused(actor, invitation=invitation, why=str(refused))
    else:
        note_sent(actor, invitation=invitation)


def _waiting(act: Act, invitation: Invitation) -> Invitation | None:
    """The invitation, locked, while it waits to be mailed; for the process that mails."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Bạn không có quyền thực hiện việc này."))
    held = Invitation.objects.select_for_update(of=("self",)).select_related("account").get(pk=invitation.pk)
    if held.sent_at or held.used_at or held.cancelled_at:
        act.record(held.account, after={"invitation": "left alone"})
        return None
    return held


def _mail(invitation: Invitation, secret: str) -> None:
    assert invitation.expires_at is not None
    link = f"{settings.BASE_URL}{reverse('provisioning:invited', args=[secret])}"
    words = _(
        "Chào %(name)s,\n\nTài khoản “%(username)s” đã mở cho bạn. Hãy đặt mật khẩu tại liên kết sau, dùng được một lần "
        "đến %(until)s:\n\n%(link)s\n\nKhông ai hỏi mật khẩu của bạn qua thư hay điện thoại. Nếu bạn không phải người "
        "nhận, hãy bỏ qua thư này."
    )
    until = timezone.localtime(invitation.expires_at).strftime("%H:%M %d/%m/%Y")
    account = invitation.account
    body = words % {"name": account.display_name, "username": account.username, "until": until, "link": link}
    provider = provider_of("email")
    if provider is None:
        raise NotDelivered("no provider")
    provider.send(Message(invitation.address, _("Đặt mật khẩu cho tài khoản của bạn"), body, f"moi-{invitation.pk}"))


def hashed(secret: str) -> str:
    """What is kept of a secret; it is long and random, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def of_secret(secret: str) -> Invitation | None:
    """The good invitation with this secret."""
    found = Invitation.objects.select_related("account").filter(secret_hash=hashed(secret)).first()
    return found if found and is_good(found) else None


def is_good(invitation: Invitation) -> bool:
    """Whether a password can still be chosen with it."""
    unused = invitation.used_at is None and invitation.cancelled_at is None
    in_time = invitation.expires_at is not None and invitation.expires_at > timezone.now()
    return unused and in_time and invitation.account.is_active and not invitation.account.has_usable_password()


def spent() -> DomainError:
    """The refusal of a link that is no longer good."""
    return DomainError(
        _("Liên kết đã dùng rồi hoặc hết hạn. Hãy nhờ người quản trị gửi lại thư mời."), code="provisioning.spent"
    )
