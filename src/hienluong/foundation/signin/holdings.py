"""What is held of how a person signs in; keys and secrets themselves are never told."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act
from hienluong.foundation.identity.models import Account
from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person, Row, belonging, values

from . import actions
from .models import KnownBrowser

_FACTOR = {
    "type": _("Loại"),
    "name": _("Tên"),
    "created_at": _("Thêm lúc"),
    "last_used_at": _("Dùng lần cuối"),
}
_SESSION = {
    "ip": _("Địa chỉ mạng"),
    "user_agent": _("Thiết bị"),
    "created_at": _("Từ lúc"),
    "last_seen_at": _("Thấy lần cuối"),
}
_BROWSER = {
    "agent": _("Thiết bị"),
    "ip": _("Địa chỉ mạng"),
    "first_at": _("Lần đầu"),
    "last_at": _("Lần cuối"),
}


def hand_over() -> None:
    """Say what is held, and that all of it is erased with the account."""
    holdings.hand_over(
        Holding("signin.factors", _("Cách đăng nhập"), ("mfa.Authenticator",), _FACTOR, _factors),
        Holding(
            "signin.sessions",
            _("Phiên đăng nhập"),
            ("usersessions.UserSession",),
            _SESSION,
            lambda person: values(
                belonging(UserSession.objects.order_by("created_at"), "user_id", to=person.account_id), list(_SESSION)
            ),
        ),
        Holding(
            "signin.browsers",
            _("Trình duyệt đã dùng"),
            ("signin.KnownBrowser",),
            _BROWSER,
            lambda person: values(
                belonging(KnownBrowser.objects.order_by("first_at"), "account_id", to=person.account_id), list(_BROWSER)
            ),
        ),
    )
    holdings.leave_out(
        "allauth's table of addresses: the product keeps the address with the account", EmailAddress._meta.label
    )
    closing.erase(
        closing.Erased(
            "signin",
            _("Khóa truy cập, ứng dụng tạo mã, mã dự phòng, phiên đăng nhập, trình duyệt đã nhớ"),
            _erase,
            order=10,
        )
    )


def _factors(person: Person) -> Iterable[Row]:
    for each in belonging(Authenticator.objects.order_by("created_at"), "user_id", to=person.account_id):
        name = each.wrap().name if each.type == Authenticator.Type.WEBAUTHN else ""
        yield {"type": each.type, "name": name, "created_at": each.created_at, "last_used_at": each.last_used_at}


def _erase(act: Act, person: Person) -> int:
    if person.account_id is None:
        return 0
    return actions.forget_all(act, account=Account.objects.get(pk=person.account_id))
