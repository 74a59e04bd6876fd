"""Accounts that are opened for many officials at once: the first password their owners choose, and taking them back."""

from __future__ import annotations

from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action

from . import ending, passwords
from .actions import USERNAME, may_manage
from .models import Account


@action("identity.choose_first_password")
def choose_first_password(act: Act, *, account: Account, new: str) -> Account:
    """Choose a password for an account that was opened without one. The caller has seen its owner's invitation.

    Whatever the account was entered by until then ends, and what systems were granted.
    """
    if act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản đặt được mật khẩu của mình."))
    passwords.check(account, new, "")
    account.set_password(new)
    account.one_time_until = None
    account.save(update_fields=["password", "one_time_until"])
    act.record(account)
    act.emit("account.password_changed", account)
    ending.end_sessions(act, account, why="first")
    return account


@action("identity.change_account")
def change_account(
    act: Act, *, account: Account, display_name: str, email: str, username: str | None = None
) -> Account:
    """Follow a change of name, address or sign-in name; for whoever manages the account."""
    if not may_manage(act.actor, account):
        raise NotAllowed(_("Bạn không quản lý tài khoản này."))
    wanted = {"display_name": display_name.strip(), "email": email.strip(), "username": username or account.username}
    wanted["username"] = wanted["username"].strip().lower()
    if not USERNAME.fullmatch(wanted["username"]):
        raise InvalidInput(
            _("Tên đăng nhập chỉ gồm chữ, chữ số và các dấu . _ - @ +, nhiều nhất 150 ký tự."),
            code="identity.bad_username",
            field="username",
        )
    if Account.objects.filter(username=wanted["username"]).exclude(pk=account.pk).exists():
        raise DomainError(_("Tên đăng nhập đã có người dùng."), code="identity.username_taken", field="username")
    before = {key: getattr(account, key) for key in wanted}
    for key, value in wanted.items():
        setattr(account, key, value)
    account.save(update_fields=list(wanted))
    changed = [key for key in wanted if before[key] != wanted[key]]
    act.record(account, before={key: before[key] for key in changed}, after={key: wanted[key] for key in changed})
    return account


@action("identity.take_back_account")
def take_back_account(act: Act, *, account: Account) -> None:
    """Take an account back that was opened by mistake and that nobody has entered; refused for any other."""
    if not may_manage(act.actor, account):
        raise NotAllowed(_("Bạn không quản lý tài khoản này."))
    entered = account.last_login is not None or account.has_usable_password() or account.party_id is not None
    if entered or account.role_grants.exists():
        raise _used()
    act.record(account, before={"username": account.username})
    try:
        account.delete()
    except ProtectedError:
        raise _used() from None


def _used() -> DomainError:
    return DomainError(_("Tài khoản đã được dùng, không rút lại được."), code="identity.account_in_use")
