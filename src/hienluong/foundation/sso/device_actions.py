"""The answer of a person to a device that wants to be signed in."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, NotAllowed, action
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify

from . import actions, levels
from .models import DeviceRequest


@action("sso.answer_device")
def answer(
    act: Act, *, account: Account, device: DeviceRequest, allow: bool, shown: dict[str, Any] | None = None
) -> DeviceRequest:
    """Let a device act as oneself at its system, or refuse it; `shown` are the claims of the session that says so.

    Raises DomainError when it was answered or its time is over (``sso.device_gone``), and when the session has not shown
    what the system asks for (``sso.level_too_low``).
    """
    if act.actor.account_id is None or act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản quyết định được việc này."))
    held = (
        DeviceRequest.objects.select_for_update(of=("self",))
        .select_related("client__system")
        .filter(pk=device.pk, state=DeviceRequest.State.WAITING, expires_at__gt=timezone.now())
        .first()
    )
    if held is None:
        raise DomainError(_("Mã này đã hết hạn hoặc đã dùng. Hãy lấy mã mới trên thiết bị."), code="sso.device_gone")
    system = held.client.system
    if allow:
        if levels.LEVEL.get(str((shown or {}).get("acr")), 0) < system.level:
            raise DomainError(
                _("Hệ thống này đòi mức xác thực cao hơn mức bạn đã dùng để đăng nhập."), code="sso.level_too_low"
            )
        if not system.trusted:
            actions.consent(act, account=account, client=held.client, scopes=held.scopes)
        held.session = dict(shown or {})
    held.account = account
    held.state = DeviceRequest.State.GRANTED if allow else DeviceRequest.State.DENIED
    held.save(update_fields=["account", "state", "session"])
    act.record(
        system,
        after={"device": held.device[:8], "allowed": allow, "scopes": held.scopes},
        organization_id=system.owner_id,
    )
    act.emit("sso.device_answered", system, {"allowed": allow})
    if allow:
        words = _("Lúc %(at)s. Nếu không phải bạn, hãy rút lại ở trang Hệ thống đã đồng ý và đổi mật khẩu.")
        notify(
            act,
            account=account,
            key=f"sso:device:{held.device[:24]}",
            kind="sso",
            title=_("Đã đăng nhập trên thiết bị của %(name)s") % {"name": held.client.name},
            body=words % {"at": timezone.localtime().strftime("%H:%M %d/%m/%Y")},
            href="/tai-khoan/he-thong",
        )
    return held
