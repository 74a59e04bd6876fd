"""The verbs of factors and sessions. The owner of the account is told of each."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from allauth.usersessions.models import UserSession
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.identity import actions as accounts
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify

from . import agents, factors
from .models import KnownBrowser
from .sessions import session_ended

#: Passkeys one account may have: a phone, a computer, a key, and some to spare.
MOST_PASSKEYS = 10
PAGE = "/tai-khoan/bao-mat"


@action("signin.add_passkey")
def add_passkey(act: Act, *, account: Account, name: str, credential: dict[str, Any]) -> Authenticator:
    """Add a passkey to one's own account. The caller has verified `credential` against its challenge."""
    _own(act, account)
    name = _named(name)
    held = factors.factors_of(_held(account))
    if len(held.passkeys) >= MOST_PASSKEYS:
        raise DomainError(
            _("Tài khoản đã có %(count)d khóa. Hãy bỏ bớt khóa không dùng nữa.") % {"count": MOST_PASSKEYS},
            code="signin.too_many_passkeys",
        )
    added: Authenticator = WebAuthn.add(account, name, credential).instance
    act.record(added, after={"name": name})
    act.emit("account.factor_added", account, {"type": "webauthn"})
    _tell(act, account, f"factor:{added.pk}", _("Đã thêm khóa truy cập “%(name)s”") % {"name": name})
    return added


@action("signin.rename_passkey")
def rename_passkey(act: Act, *, account: Account, passkey: Authenticator, name: str) -> Authenticator:
    """Call one of one's passkeys something else."""
    _own(act, account)
    name = _named(name)
    factor = _factor(account, passkey.pk, Authenticator.Type.WEBAUTHN)
    before = factor.wrap().name
    factor.data = {**factor.data, "name": name}
    factor.save(update_fields=["data"])
    act.record(factor, before={"name": before}, after={"name": name})
    return factor


@action("signin.use_codes_app")
def use_codes_app(act: Act, *, account: Account, secret: str) -> Authenticator:
    """Let an app make codes for one's own account (RFC 6238). The caller has seen a right code of `secret`."""
    _own(act, account)
    if factors.factors_of(_held(account)).codes_app:
        raise DomainError(_("Tài khoản đã có ứng dụng tạo mã."), code="signin.has_codes_app")
    added: Authenticator = TOTP.activate(account, secret).instance
    act.record(added)
    act.emit("account.factor_added", account, {"type": "totp"})
    _tell(act, account, f"factor:{added.pk}", _("Đã bật mã từ ứng dụng trên điện thoại"))
    return added


@action("signin.remove_factor")
def remove_factor(act: Act, *, account: Account, factor: Authenticator) -> None:
    """Take a passkey or the app for codes away; not the last one of an account that must have one."""
    _own(act, account)
    held = factors.factors_of(_held(account))
    gone = _factor(account, factor.pk, *factors.STRONG)
    last = len(held.passkeys) + bool(held.codes_app) == 1
    if last and factors.needed_by(account):
        raise DomainError(
            _("Tài khoản của cán bộ phải còn ít nhất một yếu tố thứ hai. Hãy thêm cái mới trước khi bỏ cái này."),
            code="signin.last_factor",
        )
    name = gone.wrap().name if gone.type == Authenticator.Type.WEBAUTHN else _("ứng dụng tạo mã")
    act.record(gone, before={"name": name, "type": gone.type})
    key = gone.pk
    gone.delete()
    if last and held.recovery:
        held.recovery.delete()
    act.emit("account.factor_removed", account, {"type": factor.type})
    _tell(act, account, f"factor-gone:{key}", _("Đã bỏ “%(name)s” khỏi cách đăng nhập") % {"name": name})


@action("signin.new_recovery_codes")
def new_recovery_codes(act: Act, *, account: Account) -> list[str]:
    """Make recovery codes, each good once; those made before are worth nothing any more."""
    _own(act, account)
    held = factors.factors_of(_held(account))
    if not held.any:
        raise DomainError(
            _("Mã dự phòng thay cho khóa hoặc ứng dụng bị mất: hãy thêm một trong hai trước."),
            code="signin.nothing_to_recover",
        )
    if held.recovery:
        held.recovery.delete()
    made = RecoveryCodes.activate(account)
    act.record(made.instance)
    act.emit("account.recovery_codes_made", account)
    _tell(act, account, f"recovery:{made.instance.pk}", _("Đã tạo mã dự phòng mới"))
    codes: list[str] = made.get_unused_codes()
    return codes


@action("signin.reset_factors")
def reset_factors(act: Act, *, account: Account, reason: str) -> None:
    """Take all factors of somebody away who lost them, after a check of who is asking, and end all sessions.

    Whoever does it must manage accounts wherever the account has powers, and it is never one's own. The person gets a
    one-time password by :func:`identity.reset_password` when that was lost, too.
    """
    reason = reason.strip()
    if not reason:
        raise InvalidInput(_("Phải nêu lý do."), code="identity.no_reason", field="reason")
    if act.actor.account_id == account.pk:
        raise DomainError(_("Không ai tự xóa yếu tố xác thực của mình theo cách này."), code="signin.reset_self")
    if not accounts.may_manage(act.actor, account):
        raise NotAllowed(_("Bạn không quản lý tài khoản này."))
    gone = Authenticator.objects.filter(user=_held(account))
    types = sorted(gone.values_list("type", flat=True))
    gone.delete()
    _end(UserSession.objects.filter(user=account))
    act.record(account, before={"factors": types}, after={"factors": []}, note=reason)
    act.emit("account.factors_reset", account)
    _tell(
        act,
        account,
        f"factors-reset:{timezone.now().isoformat()}",
        _("Các yếu tố xác thực của bạn đã được xóa"),
        reason,
    )


@action("signin.end_session")
def end_session(act: Act, *, account: Account, session: UserSession) -> None:
    """Sign one of one's own sessions out, wherever it is."""
    _own(act, account)
    mine = UserSession.objects.filter(user=account, pk=session.pk).first()
    if mine is None:
        raise NotFound(_("Không có phiên đăng nhập này."))
    act.record(account, after={"ended": 1})
    _end([mine])


@action("signin.end_other_sessions")
def end_other_sessions(act: Act, *, account: Account, but: str) -> int:
    """Sign all of one's own sessions out but the one with the key `but`; returns how many."""
    _own(act, account)
    others = list(UserSession.objects.filter(user=account).exclude(session_key=but))
    act.record(account, after={"ended": len(others)})
    _end(others)
    return len(others)


@action("signin.remember_browser")
def remember_browser(act: Act, *, account: Account, mark: str, agent: str) -> KnownBrowser:
    """Know a browser by its `mark` (a keyed hash); tell the owner when others were known before."""
    _own(act, account)
    first = not KnownBrowser.objects.filter(account=account).exists()
    browser, _made = KnownBrowser.objects.get_or_create(
        account=account, mark=mark, defaults={"last_at": timezone.now()}
    )
    act.record(account, after={"browser": mark[:8]})
    if not first:
        words = _("%(browser)s, %(at)s. Nếu không phải bạn, hãy đổi mật khẩu và đăng xuất các phiên khác ngay.")
        at = timezone.localtime().strftime("%H:%M %d/%m/%Y")
        body = words % {"browser": agents.described(agent), "at": at}
        _tell(act, account, f"browser:{browser.pk}", _("Đăng nhập từ một thiết bị mới"), body)
    return browser


def _own(act: Act, account: Account) -> None:
    if act.actor.account_id is None or act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản đổi được cách đăng nhập của mình."))


def _held(account: Account) -> Account:
    """The account, kept from others until the end of the transaction: two must not take its last factors away at once."""
    return Account.objects.select_for_update().get(pk=account.pk)


def _factor(account: Account, pk: int, *types: str) -> Authenticator:
    found = Authenticator.objects.filter(user=account, pk=pk, type__in=types).first()
    if found is None:
        raise NotFound(_("Không có yếu tố xác thực này."))
    return found


def _named(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy:
        raise InvalidInput(_("Đặt tên cho khóa, ví dụ “Điện thoại của tôi”."), code="signin.no_name", field="name")
    if len(tidy) > 60:
        raise InvalidInput(_("Tên dài nhất 60 ký tự."), code="signin.long_name", field="name")
    return tidy


def _end(sessions: Any) -> None:
    for session in sessions:
        session.end()
        session_ended.send(sender=UserSession, session_key=session.session_key)


def _tell(act: Act, account: Account, key: str, title: str, body: str = "") -> None:
    words = body or _("Nếu không phải bạn làm, hãy báo ngay cho người quản trị.")
    notify(act, account=account, key=f"signin:{key}", kind="signin", title=title, body=words, href=PAGE)
