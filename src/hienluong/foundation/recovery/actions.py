"""The verbs of getting back into an account, so that a thief with one thing in hand cannot.

No way needs one thing alone: a mailbox *and* a recovery code; a face *and* an identity paper; two administrators.
Everybody who can be reached is told at once, with a link that stops it, and what was lost is worth nothing afterwards.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.identity import actions as accounts
from hienluong.foundation.identity import ending, passwords
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.protected import blind_index
from hienluong.foundation.signin import warnings
from hienluong.foundation.signin.models import KnownBrowser
from hienluong.foundation.signin.sessions import account_closed

from . import codes, waiting
from .models import EntryCode, MailedCode, Recovery

_OPEN = (Recovery.State.ASKED, Recovery.State.WAITING)


class CodeNotOpen(DomainError):
    """The code is right, and its time has not come."""

    code = "recovery.not_open"


@action("recovery.ask_for_code")
def ask_for_code(act: Act, *, account: Account | None) -> MailedCode:
    """Send a code to the mailbox of an account; with None the same happens and nothing is sent.

    An account gets none that has no mailbox, no recovery code left, or belongs to an official (two administrators
    recover that one). Whether it gets one is looked up by the worker: the work of this request is the same for all.
    """
    asked = MailedCode.objects.create(account=account, expires_at=timezone.now() + waiting.MAILED_HOLDS)
    from .tasks import send_code

    send_code.defer(mailed_id=asked.pk)
    act.record(asked)
    return asked


@action("recovery.make_code")
def make_code(act: Act, *, asked: MailedCode) -> str:
    """Make the eight digits that are mailed, for the process that mails them; only a keyed hash is kept. Made again (the
    mail was not taken), those before are worth nothing."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Bạn không có quyền thực hiện việc này."))
    held = MailedCode.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    code = f"{secrets.randbelow(10**8):08d}"
    held.hash = blind_index(code)
    held.save(update_fields=["hash"])
    act.record(held)
    return code


def may_use_codes(account: Account) -> bool:
    """Whether the mailbox and a recovery code together lead back into this account."""
    held = Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).first()
    left = held is not None and bool(RecoveryCodes(held).get_unused_codes())
    return bool(account.is_active and account.email and account.official_id is None and left)


@action("recovery.begin_with_codes")
def begin_with_codes(act: Act, *, asked: MailedCode, mailed: str, recovery_code: str) -> tuple[Recovery, str]:
    """Begin with a mailed code and a recovery code; returns the code with which the way in is set a day later.

    Raises InvalidInput (``recovery.wrong_codes``) in the same words whichever of the two is wrong. The caller has
    limited the tries.
    """
    now = timezone.now()
    held = MailedCode.objects.select_for_update(of=("self",)).select_related("account").get(pk=asked.pk)
    account = held.account
    right = (
        account is not None
        and held.used_at is None
        and held.expires_at > now
        and bool(held.hash)
        and secrets.compare_digest(held.hash, blind_index(mailed))
    )
    if not right or account is None or not may_use_codes(account) or not _spent(account, recovery_code):
        raise InvalidInput(_wrong_codes(), code="recovery.wrong_codes")
    held.used_at = now
    held.save(update_fields=["used_at"])
    return _begin(act, account, Recovery.Way.CODES, wait=waiting.BY_CODES)


def _wrong_codes() -> str:
    return _("Một trong hai mã không đúng hoặc đã hết hạn. Hãy xem lại cả hai.")


def _spent(account: Account, code: str) -> bool:
    held = Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).first()
    return held is not None and RecoveryCodes(held).validate_code("".join(code.split()))


@action("recovery.begin_at_counter")
def begin_at_counter(
    act: Act, *, account: Account, organization: Organization, wait: timedelta, reason: str
) -> tuple[Recovery, str]:
    """An official has seen the owner with an identity paper. Called by the action that kept the check of the paper."""
    if account.official_id is not None:
        raise DomainError(
            _("Tài khoản của cán bộ do hai người quản trị khôi phục, không làm ở quầy."), code="recovery.official"
        )
    if act.actor.account_id is None or act.actor.account_id == account.pk:
        raise NotAllowed(_("Không ai tự khôi phục tài khoản của mình theo cách này."))
    if not account.is_active:
        raise DomainError(_("Tài khoản này đã bị khóa."), code="identity.already_inactive")
    return _begin(act, account, Recovery.Way.COUNTER, wait=wait, organization=organization, reason=reason)


@action("recovery.ask_as_administrator")
def ask_as_administrator(act: Act, *, account: Account, reason: str) -> Recovery:
    """Ask for the recovery of an official's account; another administrator must agree (``recovery.approve``)."""
    reason = _reasoned(reason)
    _require_manager(act, account)
    now = timezone.now()
    _replace(account)
    recovery, link = _made(
        account,
        way=Recovery.Way.ADMINISTRATORS,
        state=Recovery.State.ASKED,
        asked_by_id=act.actor.account_id,
        reason=reason,
        lapses_at=now + waiting.SECOND_PAIR_OF_EYES,
    )
    act.record(recovery, after={"account": account.username, "way": recovery.way}, note=reason)
    act.emit("account.recovery_asked", account, {"way": recovery.way})
    _warn(act, recovery, link, _("Có người xin khôi phục tài khoản của bạn"))
    return recovery


@action("recovery.approve")
def approve(act: Act, *, recovery: Recovery) -> tuple[Recovery, str]:
    """The second pair of eyes: somebody else who manages the account agrees. Returns the code to be told to its owner."""
    now = timezone.now()
    held = _held(recovery)
    _require_manager(act, held.account)
    if held.asked_by_id == act.actor.account_id:
        raise NotAllowed(_("Người thứ hai đồng ý phải là người khác với người đề nghị."))
    if held.state != Recovery.State.ASKED or held.lapses_at <= now:
        raise DomainError(_("Đề nghị này không còn chờ nữa."), code="recovery.not_asked")
    held.state, held.approved_by_id = Recovery.State.WAITING, act.actor.account_id
    held.opens_at = now + waiting.BY_ADMINISTRATORS
    held.lapses_at = held.opens_at + waiting.HOLDS
    held.save(update_fields=["state", "approved_by", "opens_at", "lapses_at"])
    code = codes.issue(held.account, opens_at=held.opens_at, expires_at=held.lapses_at, recovery=held)
    act.record(held, before={"state": Recovery.State.ASKED}, after={"state": held.state})
    act.emit("account.recovery_begun", held.account, {"way": held.way})
    return held, code


@action("recovery.decline")
def decline(act: Act, *, recovery: Recovery, reason: str) -> Recovery:
    """An administrator of the account says no, or takes back what was asked for."""
    reason = _reasoned(reason)
    held = _held(recovery)
    _require_manager(act, held.account)
    return _stopped(act, held, note=reason)


@action("recovery.stop")
def stop(act: Act, *, link: str) -> Recovery:
    """ "This was not me": whoever has the link of the notice stops it.

    What was not set yet never will be. What was set within the last days is closed: the account keeps its things, and
    its owner comes to a counter (an official: to two administrators).
    """
    recovery = of_link(link)
    if recovery is None or not waiting.stoppable(recovery):
        raise NotFound(_("Liên kết này không còn dùng được."))
    held = _held(recovery)
    if held.state == Recovery.State.DONE:
        account = Account.objects.select_for_update().get(pk=held.account_id)
        account.set_unusable_password()
        account.save(update_fields=["password"])
        end_all(act, account)
    return _stopped(act, held)


@action("recovery.set_way_in")
def set_way_in(
    act: Act,
    *,
    code: EntryCode,
    password: str | None = None,
    username: str = "",
) -> Account:
    """Set the way into one's account with a one-time code: a password, or None for a passkey that is added next.

    With the first code the owner also chooses the sign-in name. Sessions and what connected systems were granted end;
    after a recovery everything else that was lost, too: factors, browsers known.
    """
    held = EntryCode.objects.select_for_update().filter(pk=code.pk, used_at__isnull=True, ended_at__isnull=True).first()
    now = timezone.now()
    if held is None or held.expires_at <= now:
        raise NotFound(_("Mã này đã dùng hoặc đã hết hạn."))
    if held.opens_at > now:
        raise CodeNotOpen(opening_words(held))
    account = Account.objects.select_for_update(no_key=True).get(pk=held.account_id)
    if not account.is_active:
        raise DomainError(_("Tài khoản này đã bị khóa."), code="identity.already_inactive")
    if held.recovery_id is None:
        account.username = _free_username(account, username)
    if password is None:
        account.set_unusable_password()
    else:
        passwords.check(account, password, "")
        account.set_password(password)
    account.one_time_until = None
    account.save(update_fields=["username", "password", "one_time_until"])
    held.used_at = now
    held.save(update_fields=["used_at"])
    if held.recovery_id is not None:
        end_all(act, account)
        recovery = Recovery.objects.select_for_update().get(pk=held.recovery_id)
        recovery.state, recovery.done_at = Recovery.State.DONE, now
        recovery.save(update_fields=["state", "done_at"])
        act.record(recovery, before={"state": Recovery.State.WAITING}, after={"state": recovery.state})
        act.emit("account.recovered", account, {"way": recovery.way})
        words = _(
            "Cách đăng nhập cũ, các phiên và hệ thống đã nối đều bị ngắt. Không phải bạn: mở liên kết trong tin trước."
        )
        _tell(act, account, f"done:{recovery.pk}", _("Tài khoản của bạn đã được đặt lại cách đăng nhập"), words)
    else:
        ending.end_sessions(act, account, why="first")
    act.record(account, after={"by": "entry code", "password": password is not None})
    act.emit("account.way_in_set", account)
    return account


def opening_words(code: EntryCode) -> str:
    """When a code opens, in words."""
    at = timezone.localtime(code.opens_at)
    return _("Mã đúng. Vì an toàn, mã dùng được từ %(time)s ngày %(day)s. Hãy giữ mã và quay lại khi đó.") % {
        "time": at.strftime("%H:%M"),
        "day": at.strftime("%d/%m/%Y"),
    }


def _free_username(account: Account, told: str) -> str:
    name = told.strip().lower()
    if not name:
        raise InvalidInput(_("Chọn tên đăng nhập."), code="identity.no_username", field="username")
    if not accounts.is_username(name):
        raise InvalidInput(
            _("Tên đăng nhập chỉ gồm chữ, chữ số và các dấu . _ - @ +, nhiều nhất 150 ký tự."),
            code="identity.bad_username",
            field="username",
        )
    if Account.objects.filter(username=name).exclude(pk=account.pk).exists():
        raise InvalidInput(_("Tên đăng nhập đã có người dùng."), code="identity.username_taken", field="username")
    return name


def end_all(act: Act, account: Account) -> None:
    """Nothing that opened the account, or was opened with it, does so any more."""
    gone = sorted(Authenticator.objects.filter(user=account).values_list("type", flat=True))
    Authenticator.objects.filter(user=account).delete()
    sessions = warnings.end(UserSession.objects.filter(user=account))
    browsers, _by = KnownBrowser.objects.filter(account=account).delete()
    codes.live(account).update(ended_at=timezone.now())
    account_closed.send(sender=Account, account=account)
    after = {"factors": gone, "sessions": sessions, "browsers": browsers}
    act.record(account, verb="recovery.end_all", after=after)


def of_link(link: str) -> Recovery | None:
    """The recovery that a link of a notice stops."""
    mark = blind_index(link)
    return Recovery.objects.select_related("account").filter(stop=mark).first() if mark else None


def _begin(act: Act, account: Account, way: str, *, wait: timedelta, **more: Any) -> tuple[Recovery, str]:
    now = timezone.now()
    _replace(account)
    opens = now + wait
    recovery, link = _made(
        account,
        way=way,
        state=Recovery.State.WAITING,
        asked_by_id=act.actor.account_id,
        opens_at=opens,
        lapses_at=opens + waiting.HOLDS,
        **more,
    )
    code = codes.issue(account, opens_at=opens, expires_at=recovery.lapses_at, recovery=recovery)
    act.record(recovery, after={"way": way, "opens_at": opens.isoformat()}, note=recovery.reason)
    act.emit("account.recovery_begun", account, {"way": way})
    _warn(act, recovery, link, _("Có người đang khôi phục tài khoản của bạn"))
    return recovery, code


def _made(account: Account, **values: Any) -> tuple[Recovery, str]:
    link = secrets.token_hex(24)
    return Recovery.objects.create(account=account, stop=blind_index(link), **values), link


def _replace(account: Account) -> None:
    """What was begun before gives way; the codes of it end."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    Recovery.objects.filter(account=account, state__in=_OPEN).update(state=Recovery.State.REPLACED)
    codes.live(account).update(ended_at=timezone.now())


def _warn(act: Act, recovery: Recovery, link: str, title: str) -> None:
    address = f"{settings.BASE_URL}{reverse('recovery:stop', args=[link])}"
    words = _("Cách: %(way)s. Không phải bạn đề nghị thì mở liên kết này để chặn ngay: %(address)s")
    body = words % {"way": recovery.get_way_display(), "address": address}
    _tell(act, recovery.account, f"begun:{recovery.pk}", title, body, reverse("recovery:stop", args=[link]))


def _tell(act: Act, account: Account, key: str, title: str, body: str, href: str = "") -> None:
    phone = account.party.phone if account.party else account.official.phone if account.official else ""
    notify(act, account=account, key=f"recovery:{key}", kind="recovery", title=title, body=body, href=href, phone=phone)


def _held(recovery: Recovery) -> Recovery:
    return (
        Recovery.objects.select_for_update(of=("self",))
        .select_related("account__party", "account__official")
        .get(pk=recovery.pk)
    )


def _stopped(act: Act, held: Recovery, note: str = "") -> Recovery:
    before = held.state
    if before in (Recovery.State.STOPPED, Recovery.State.REPLACED):
        raise DomainError(_("Đề nghị này không còn hiệu lực."), code="recovery.over")
    held.state, held.stopped_at = Recovery.State.STOPPED, timezone.now()
    held.save(update_fields=["state", "stopped_at"])
    codes.live(held.account).update(ended_at=held.stopped_at)
    act.record(held, before={"state": before}, after={"state": held.state}, note=note)
    act.emit("account.recovery_stopped", held.account, {"was": before})
    words = _("Không mã nào đã cấp còn dùng được. Cần vào lại tài khoản: mang giấy tờ đến bộ phận một cửa.")
    _tell(act, held.account, f"stopped:{held.pk}", _("Đã chặn việc khôi phục tài khoản"), words)
    return held


def _require_manager(act: Act, account: Account) -> None:
    if act.actor.account_id == account.pk:
        raise DomainError(_("Không ai tự khôi phục tài khoản của mình theo cách này."), code="recovery.own")
    if act.actor.account_id is None or not accounts.may_manage(act.actor, account):
        raise NotAllowed(_("Bạn không quản lý tài khoản này."))
    if account.official_id is None:
        raise DomainError(
            _("Tài khoản của người dân được khôi phục tại bộ phận một cửa, sau khi kiểm tra giấy tờ."),
            code="recovery.citizen",
        )
    if not account.is_active:
        raise DomainError(_("Tài khoản này đã bị khóa."), code="identity.already_inactive")


def _reasoned(reason: str) -> str:
    tidy = " ".join(reason.split())
    if not tidy:
        raise InvalidInput(_("Phải nêu lý do."), code="identity.no_reason", field="reason")
    return tidy[:500]
