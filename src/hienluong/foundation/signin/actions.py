"""The verbs of factors and sessions. The owner of the account is told of each."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from allauth.usersessions.models import UserSession
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.identity import actions as accounts
from hienluong.foundation.identity import ending, throttle
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify

from . import agents, factors, warnings
from .models import KEEP, KnownBrowser
from .sessions import account_closed

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
def remove_factor(act: Act, *, account: Account, factor: Authenticator, here: str = "") -> None:
    """Take a passkey or the app for codes away; not the last one of an account that must have one.

    It may be in wrong hands: all sessions but the one with the key `here` end, and what systems were granted elsewhere.
    """
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
    ending.end_sessions(act, account, why="factor", but=here)
    _tell(act, account, f"factor-gone:{key}", _("Đã bỏ “%(name)s” khỏi cách đăng nhập") % {"name": name})


@action("signin.new_recovery_codes")
def new_recovery_codes(act: Act, *, account: Account) -> list[str]:
    """Make recovery codes, each good once; those made before are worth nothing any more."""
    _own(act, account)
    held = factors.factors_of(_held(account))
    if not held.any and factors.needed_by(account):
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
    one-time password by :func:`identity.reset_password` when that was lost, too. An official's account takes two
    administrators (``recovery.ask_as_administrator``).
    """
    reason = reason.strip()
    if not reason:
        raise InvalidInput(_("Phải nêu lý do."), code="identity.no_reason", field="reason")
    if act.actor.account_id == account.pk:
        raise DomainError(_("Không ai tự xóa yếu tố xác thực của mình theo cách này."), code="signin.reset_self")
    if not accounts.may_manage(act.actor, account):
        raise NotAllowed(_("Bạn không quản lý tài khoản này."))
    if account.official_id is not None:
        raise DomainError(
            _("Tài khoản của cán bộ cần hai người quản trị: hãy dùng “Khôi phục tài khoản”."), code="signin.four_eyes"
        )
    gone = Authenticator.objects.filter(user=_held(account))
    types = sorted(gone.values_list("type", flat=True))
    gone.delete()
    warnings.end(UserSession.objects.filter(user=account))
    account_closed.send(sender=Account, account=account)
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
    warnings.end([mine])


@action("signin.end_other_sessions")
def end_other_sessions(act: Act, *, account: Account, but: str) -> int:
    """Sign all of one's own sessions out but the one with the key `but`; returns how many."""
    _own(act, account)
    others = list(UserSession.objects.filter(user=account).exclude(session_key=but))
    act.record(account, after={"ended": len(others)})
    warnings.end(others)
    return len(others)


@action("signin.end_everywhere")
def end_everywhere(act: Act, *, account: Account) -> int:
    """Sign an account out wherever it is, because its owner has left or its powers were closed; returns how many."""
    if not accounts.may_manage(act.actor, account):
        raise NotAllowed(_("Bạn không quản lý tài khoản này."))
    ended = warnings.end(UserSession.objects.filter(user=account))
    act.record(account, after={"ended": ended})
    return ended


@action("signin.forget_all")
def forget_all(act: Act, *, account: Account) -> int:
    """Every way in, every session and every browser of an account is gone, for the process that closes accounts."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình đóng tài khoản làm được việc này."))
    factors_gone: int = Authenticator.objects.filter(user=account).delete()[0]
    sessions: int = UserSession.objects.filter(user=account).count()
    ending.end_sessions(act, account, why="closed")
    browsers: int = KnownBrowser.objects.filter(account=account).delete()[0]
    act.record(account, after={"factors": factors_gone, "sessions": sessions, "browsers": browsers})
    return factors_gone + sessions + browsers


@action("signin.remember_browser")
def remember_browser(act: Act, *, account: Account, mark: str, agent: str, ip: str = "") -> KnownBrowser:
    """Know a browser by its `mark` (a keyed hash); tell the owner when others were known before.

    What it calls itself and where it was are kept, so that the owner can say whether it was they.
    """
    held = KnownBrowser.objects.filter(account=account)
    held.filter(last_at__lt=timezone.now() - KEEP).delete()
    first = not held.exists()
    seen = {"last_at": timezone.now(), "agent": agent[:300].replace("\0", ""), "ip": ip or None}
    browser, _made = KnownBrowser.objects.get_or_create(account=account, mark=mark, defaults=seen)
    act.record(account, after={"browser": mark[:8]})
    if not first:
        body = _("%(browser)s, %(at)s, %(where)s. Không phải bạn? Mở thông báo này để đăng xuất thiết bị đó.") % {
            "browser": agents.described(agent),
            "at": timezone.localtime().strftime("%H:%M %d/%m/%Y"),
            "where": where(browser),
        }
        key, href = f"signin:browser:{browser.pk}", reverse("signin:new_browser", args=[browser.pk])
        title = _("Đăng nhập từ một thiết bị mới")
        notify(act, account=account, key=key, kind="signin", title=title, body=body, href=href)
    return browser


@action("signin.disown_browser")
def disown_browser(act: Act, *, account: Account, browser: KnownBrowser, here: str) -> int:
    """Say that a sign-in was not one's own: that browser is forgotten, all sessions but `here` and all that systems were
    granted end; returns how many sessions. The caller then leads to another password.
    """
    _own(act, account)
    mine = KnownBrowser.objects.filter(account=account, pk=browser.pk).first()
    if mine is None:
        raise NotFound(_("Không có thiết bị này."))
    act.record(account, before={"browser": mine.mark[:8]}, after={"disowned": True})
    mine.delete()
    ended = warnings.end(UserSession.objects.filter(user=account).exclude(session_key=here))
    account_closed.send(sender=Account, account=account)
    act.emit("account.browser_disowned", account)
    _tell(act, account, f"disowned:{browser.pk}", _("Đã đăng xuất mọi phiên khác vì một lần đăng nhập lạ"))
    return ended


def where(browser: KnownBrowser) -> str:
    """From where it signed in, as far as that is known without asking anybody."""
    if not browser.ip:
        return _("không rõ địa chỉ mạng")
    others = KnownBrowser.objects.filter(account=browser.account_id).exclude(pk=browser.pk).exclude(ip=None)
    known = throttle.network(browser.ip) in {throttle.network(str(ip)) for ip in others.values_list("ip", flat=True)}
    words = _("địa chỉ mạng %(ip)s (mạng bạn từng dùng)") if known else _("địa chỉ mạng %(ip)s (mạng lạ)")
    return words % {"ip": browser.ip}


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


def _tell(act: Act, account: Account, key: str, title: str, body: str = "") -> None:
    words = body or _("Nếu không phải bạn làm, hãy báo ngay cho người quản trị.")
    notify(act, account=account, key=f"signin:{key}", kind="signin", title=title, body=words, href=PAGE)
