"""Passwords: those given once to be changed, and what a chosen one must be."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import DomainError, InvalidInput

from .models import Account

#: How long a one-time password can be used.
ONE_TIME_LASTS = timedelta(days=3)
#: Without those that are taken for one another when read aloud or off paper.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


def one_time() -> str:
    """A password that can be read aloud: four groups of four signs, about 79 bits."""
    return "-".join("".join(secrets.choice(_SIGNS) for _n in range(4)) for _group in range(4))


def in_time(account: Account) -> Account:
    """The account. DomainError when its one-time password can no longer be used."""
    if account.one_time_until and account.one_time_until < timezone.now():
        raise DomainError(
            _("Mật khẩu dùng một lần đã hết hạn. Hãy nhờ người quản trị cấp lại."), code="identity.one_time_expired"
        )
    return account


def check(account: Account, new: str, old: str) -> None:
    """InvalidInput when `new` is too short, too common, like the account's name, too long, or the old one."""
    if len(new) > 1000:  # longer only costs time to hash
        raise InvalidInput(_("Mật khẩu quá dài."), code="identity.password_too_long", field="new")
    if new == old:
        raise InvalidInput(_("Mật khẩu mới phải khác mật khẩu cũ."), code="identity.same_password", field="new")
    try:
        validate_password(new, account)
    except ValidationError as error:
        words = " ".join(_in_words(fault) for fault in error.error_list)
        raise InvalidInput(words, code="identity.weak_password", field="new") from None


def _in_words(fault: ValidationError) -> str:
    """Why a password is too weak; Django's own words are not translated into Vietnamese."""
    if fault.code == "password_too_short":
        return _("Mật khẩu quá ngắn: cần ít nhất %(count)d ký tự.") % {"count": (fault.params or {})["min_length"]}
    if fault.code == "password_too_common":
        return _("Mật khẩu này nhiều người dùng, dễ đoán. Hãy chọn mật khẩu khác.")
    if fault.code == "password_too_similar":
        return _("Mật khẩu giống tên hoặc thông tin của tài khoản. Hãy chọn mật khẩu khác.")
    return " ".join(fault.messages)
