"""Passwords: those given once to be changed, and what a chosen one must be."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import DomainError, InvalidInput

from . import breached, guessable
from .models import Account

logger = logging.getLogger(__name__)
#: How long a one-time password can be used.
ONE_TIME_LASTS = timedelta(days=3)
#: The longest password, in signs.
LONGEST = 1000
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


def check(account: Account, new: str, old: str, *, more: Iterable[str] = ()) -> None:
    """InvalidInput when `new` cannot be the password of this account; each reason is said (NIST SP 800-63B, 5.1.1.2).

    Too short, too long, the old one; used by many, leaked somewhere, or made of what is known of the person and the
    place (`more`: what else is known, such as a telephone number of a form). No kinds of signs are asked for, and a
    password stays good until it is known to have leaked.
    """
    if len(new) > LONGEST:  # longer only costs time to hash
        raise InvalidInput(_("Mật khẩu quá dài."), code="identity.password_too_long", field="new")
    if new == old:
        raise InvalidInput(_("Mật khẩu mới phải khác mật khẩu cũ."), code="identity.same_password", field="new")
    words = [_in_words(fault) for fault in _faults(account, new)]
    if has_leaked(new):
        words.append(_("Mật khẩu này đã bị lộ ở nơi khác. Đừng dùng nó ở đâu nữa; hãy chọn mật khẩu khác."))
    elif not words and (why := guessable.fault(new, account, more)):
        words.append(why)
    if words:
        raise InvalidInput(" ".join(words), code="identity.weak_password", field="new")


def has_leaked(password: str) -> bool:
    """Whether a password stands in the operator's file of leaked ones (docs/operators/passwords.md); False without one."""
    try:
        held = breached.opened(settings.BREACHED_PASSWORDS)
    except (OSError, breached.BadList) as error:
        logger.error("the file of breached passwords cannot be used: %s", error)
        return False
    return held is not None and password in held


def _faults(account: Account, new: str) -> list[ValidationError]:
    try:
        validate_password(new, account)
    except ValidationError as error:
        return list(error.error_list)
    return []


def _in_words(fault: ValidationError) -> str:
    """Why a password is too weak; Django's own words are not translated into Vietnamese."""
    if fault.code == "password_too_short":
        return _("Mật khẩu quá ngắn: cần ít nhất %(count)d ký tự.") % {"count": (fault.params or {})["min_length"]}
    if fault.code == "password_too_common":
        return _("Mật khẩu này nhiều người dùng, dễ đoán. Hãy chọn mật khẩu khác.")
    if fault.code == "password_too_similar":
        return _("Mật khẩu giống tên hoặc thông tin của tài khoản. Hãy chọn mật khẩu khác.")
    return " ".join(fault.messages)
