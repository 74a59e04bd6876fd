"""Proofs of who somebody is: a passkey, a code, the password. What is wrong is said in the form."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hienluong.foundation.identity import entering, limits, throttle
from hienluong.foundation.identity.models import Account

from . import warnings
from .factors import Factors
from .forms import CodeForm, CredentialForm, PasswordAgainForm

#: Tries with a code, of one account: from one address in a quarter of an hour, from everywhere in an hour and in a day. A
#: stranger who knows the password closes this door for so long at most, and passkeys stay open.
CODES_FROM_HERE, CODES_FROM_ANYWHERE, CODES_IN_A_DAY = 8, 60, 200
#: After so many wrong codes in an hour the owner is told: whoever types them has the password.
CODES_TO_TELL = 5
#: Tries with a passkey from one address in a minute: a whole office may share one.
PASSKEYS_PER_ADDRESS = 60


def by_code(request: HttpRequest, form: CodeForm, account: Account, *, again: bool = False) -> bool:
    """Whether the code of this form is one of the account's: of its app, or a recovery code that was not used yet."""
    if not form.is_valid():
        return False
    if _too_many_codes(request, account):
        form.add_error("code", _("Đã thử sai nhiều lần. Hãy chờ một lúc rồi thử lại."))
        return False
    for factor in Authenticator.objects.filter(user=account).exclude(type=Authenticator.Type.WEBAUTHN):
        if factor.wrap().validate_code(form.cleaned_data["code"]):
            factor.user = account
            post_authentication(request, factor, reauthenticated=again)
            return True
    if not again and limits.counted("signin.wrong-code", str(account.pk), seconds=3600) == CODES_TO_TELL:
        warnings.wrong_codes(account)
    form.add_error("code", _("Mã không đúng, hoặc đã dùng rồi."))
    return False


def by_passkey(
    request: HttpRequest, form: CredentialForm, account: Account | None, *, again: bool = False
) -> Account | None:
    """The account that the passkey of this form belongs to: `account`, or when nobody is named whose it says it is.

    Without a named account the device must have verified its user (PIN, finger, face), so it stands for both factors.
    """
    if not form.is_valid():
        return None
    credential: Any = form.cleaned_data["credential"]
    alone = account is None
    if limits.too_many("signin.passkey", _address(request), limit=PASSKEYS_PER_ADDRESS, seconds=60):
        form.add_error(None, _("Đã thử nhiều lần. Hãy chờ một lúc rồi thử lại."))
        return None
    try:
        if not isinstance(credential, dict):
            raise ValidationError(_unknown())
        answer = webauthn.parse_authentication_response(credential)
        owner = account or webauthn.extract_user_from_response(credential)
        assert isinstance(owner, Account)
        owner = entering.lead(owner)
        factor = webauthn.complete_authentication(owner, credential)
        if alone and not answer.response.authenticator_data.is_user_verified():
            raise ValidationError(_unknown())
    except (ValidationError, ValueError, TypeError, KeyError):
        form.add_error(None, _unknown())
        return None
    if not owner.is_active:
        form.add_error(None, _("Tài khoản này đã bị khóa."))
        return None
    factor.user = owner
    post_authentication(request, factor, reauthenticated=again, passwordless=alone)
    return owner


def by_password_again(request: HttpRequest, form: PasswordAgainForm, account: Account, held: Factors) -> bool:
    """Whether the password of this form proves once more that it is the owner (:meth:`Factors.password_confirms`)."""
    if not held.password_confirms(account) or not form.is_valid():
        return False
    admission = throttle.admit_from(request, account.username)
    if isinstance(admission, throttle.Refused):
        form.add_error("password", _("Đã thử sai nhiều lần. Hãy chờ một lúc rồi thử lại."))
        return False
    if not account.check_password(form.cleaned_data["password"]):
        form.add_error("password", _("Mật khẩu không đúng."))
        return False
    throttle.succeeded(admission)
    record_authentication(request, account, "password", reauthenticated=True)
    return True


def _unknown() -> str:
    return _("Khóa truy cập này không đăng nhập được ở đây. Hãy thử lại, hoặc chọn cách khác.")


def _too_many_codes(request: HttpRequest, account: Account) -> bool:
    """Six digits are soon guessed: few tries from one place, and not many more from all places together."""
    here = limits.too_many("signin.code", f"{account.pk}@{_address(request)}", limit=CODES_FROM_HERE, seconds=15 * 60)
    hour = limits.too_many("signin.code", str(account.pk), limit=CODES_FROM_ANYWHERE, seconds=3600)
    day = limits.too_many("signin.code", f"{account.pk} a day", limit=CODES_IN_A_DAY, seconds=86_400)
    return here or hour or day


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
