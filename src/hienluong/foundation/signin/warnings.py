"""What the owner of an account is told without having asked: that it is tried, that its sessions were ended."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import Act, action, system
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify

from .sessions import account_closed, session_ended

_SYSTEM = system("signin")
_PAGE = "/tai-khoan/bao-mat"
#: What was done to the way in, and what to do when it was somebody else; a factor taken away is told by its name.
_TOLD: dict[str, tuple[Promise, Promise]] = {
    "first": (
        gettext_lazy("Cách đăng nhập của bạn đã được đặt"),
        gettext_lazy("Mọi phiên khác đã bị đăng xuất. Nếu không phải bạn làm, hãy báo ngay cho người quản trị."),
    ),
    "changed": (
        gettext_lazy("Mật khẩu của bạn đã được đổi"),
        gettext_lazy("Mọi phiên khác đã bị đăng xuất. Nếu không phải bạn làm, hãy báo ngay cho người quản trị."),
    ),
    "reset": (
        gettext_lazy("Mật khẩu của bạn đã được cấp lại"),
        gettext_lazy("Người quản trị đã cấp mật khẩu dùng một lần. Nếu bạn không đề nghị, hãy báo ngay."),
    ),
}


def sessions_end(act: Act, account: Account, but: str, why: str) -> None:
    """End the sessions of an account into which another way leads now, or none, and what systems were granted in its
    name, so that nobody goes on with what was opened the old way; tell its owner."""
    end(UserSession.objects.filter(user=account).exclude(session_key=but))
    account_closed.send(sender=Account, account=account, but=but)
    if why in _TOLD and account.last_login is not None:  # who never signed in has the first password told otherwise
        title, body = _TOLD[why]
        key = f"signin:password:{timezone.now().isoformat()}"
        notify(act, account=account, key=key, kind="signin", title=str(title), body=str(body), href=_PAGE)


def end(sessions: Any) -> int:
    """Sign these sessions out, and say so to whoever carried them on; how many there were."""
    ended = list(sessions)
    for session in ended:
        session.end()
        session_ended.send(sender=UserSession, session_key=session.session_key)
    return len(ended)


def many_tries(username: str) -> None:
    """Tell the owner of a name, if it has one, that its password is tried from many places."""
    account = Account.objects.filter(username=username, is_active=True).first()
    if account is not None:
        tell_of_tries(_SYSTEM, account=account, what="password")


def wrong_codes(account: Account) -> None:
    """Tell the owner that somebody who has the password is guessing codes."""
    tell_of_tries(_SYSTEM, account=account, what="code")


@action("signin.tell_of_tries")
def tell_of_tries(act: Act, *, account: Account, what: str) -> None:
    """Tell an owner that the account is tried: its password from many places, or codes after a right password.

    Once an hour at most.
    """
    act.record(account, after={"tried": what})
    hour = timezone.now().strftime("%Y%m%d%H")
    if what == "code":
        title = _("Có người nhập đúng mật khẩu của bạn nhưng sai mã xác nhận")
        body = _("Nếu không phải bạn, mật khẩu đã lộ: hãy đổi mật khẩu ngay. Tài khoản vẫn được yếu tố thứ hai giữ.")
    else:
        title = _("Có người đang dò mật khẩu của bạn từ nhiều nơi")
        body = _(
            "Chưa ai vào được. Trình duyệt lạ phải chờ; trình duyệt bạn từng dùng và khóa truy cập vẫn vào như thường. "
            "Hãy thêm khóa truy cập nếu bạn chưa có."
        )
    notify(act, account=account, key=f"signin:tries:{what}:{hour}", kind="signin", title=title, body=body, href=_PAGE)
