"""The verbs of accounts: signing in and out is recorded, preferences are the person's own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action

from .models import Account

_CHOICES = {"language": {"vi", "en"}, "theme": {"auto", "light", "dark"}}


@action("identity.sign_in")
def sign_in(act: Act, *, account: Account) -> Account:
    """Record that this account signed in by password. The caller has checked the password."""
    act.record(account, after={"way": "password"})
    return account


@action("identity.sign_out")
def sign_out(act: Act, *, account: Account) -> Account:
    """Record that this account signed out."""
    act.record(account)
    return account


@action("identity.set_preferences")
def set_preferences(act: Act, *, account: Account, language: str | None = None, theme: str | None = None) -> Account:
    """Keep the person's language (``vi``, ``en``) or theme (``auto``, ``light``, ``dark``); only one's own."""
    if act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản đổi được tùy chọn của mình."))
    wanted = {key: value for key, value in (("language", language), ("theme", theme)) if value is not None}
    for key, value in wanted.items():
        if value not in _CHOICES[key]:
            raise InvalidInput(_("Lựa chọn này không có."), field=key)
    before = {key: getattr(account, key) for key in wanted}
    for key, value in wanted.items():
        setattr(account, key, value)
    account.save(update_fields=list(wanted))
    act.record(account, before=before, after=wanted)
    return account
