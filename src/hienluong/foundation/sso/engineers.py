"""The engineers of connected systems: who they are, and what they may do by themselves."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, InvalidInput, NotFound, action
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.throttle import normal_username
from hienluong.foundation.notifications.actions import notify

from .models import Engineer, System

MANAGE = "sso.manage"


def tends(actor: Actor, system: System) -> bool:
    """Whether the actor is an engineer of this system, which is in use."""
    if actor.account_id is None or system.disabled_at is not None:
        return False
    return Engineer.objects.filter(system=system, account_id=actor.account_id, account__is_active=True).exists()


@action("sso.add_engineer")
def add(act: Act, *, system: System, username: str) -> Engineer:
    """Let somebody look after a system, and tell them where."""
    act.require(MANAGE, system.owner.path)
    account = Account.objects.filter(username=normal_username(username).lower(), is_active=True).first()
    if account is None:
        raise InvalidInput(_("Không có tài khoản nào như vậy."), code="sso.no_such_account", field="username")
    added, fresh = Engineer.objects.get_or_create(system=system, account=account)
    act.record(system, after={"engineer": account.username, "fresh": fresh}, organization_id=system.owner_id)
    act.emit("sso.engineer_added", system)
    title = _("Bạn là kỹ sư của hệ thống “%(name)s”") % {"name": system.client.name}
    body = _("Cách kết nối, mã mẫu và nơi đổi mật khẩu của hệ thống ở trang dành cho kỹ sư.")
    notify(act, account=account, key=f"sso:engineer:{added.pk}", kind="sso", title=title, body=body, href="/ky-su")
    return added


@action("sso.remove_engineer")
def remove(act: Act, *, system: System, account: Account) -> None:
    """Let somebody look after a system no more."""
    act.require(MANAGE, system.owner.path)
    gone, _by = Engineer.objects.filter(system=system, account=account).delete()
    if not gone:
        raise NotFound(_("Người này không phải kỹ sư của hệ thống."))
    act.record(system, before={"engineer": account.username}, organization_id=system.owner_id)
    act.emit("sso.engineer_removed", system)
