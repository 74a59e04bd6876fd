"""Where the pages of this app stand in the navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.actions import APPOINT
from hienluong.ui import navigation

if TYPE_CHECKING:
    from hienluong.foundation.identity.models import Account

PURPOSE = _("Cấp, đóng tài khoản cán bộ")
INVITE = _("Gửi thư mời đặt mật khẩu")
INVITE_WHEN = _("Chưa đặt mật khẩu lần nào, hoặc thư mời trước đã hết hạn.")
DIRECTORY = _("Danh bạ cán bộ (SCIM)")
SCIM = _("Hệ thống nhân sự cập nhật cán bộ (SCIM)")


def register_entries() -> None:
    """Hand the entries over to the navigation."""
    navigation.register(
        "staff",
        _("Nhập cán bộ từ tệp"),
        url_name="provisioning:sheets",
        order=813,
        permission=APPOINT,
        group=navigation.PEOPLE,
    )
    navigation.register(
        "staff",
        _("Thôi giữ chức vụ"),
        url_name="provisioning:departures",
        order=815,
        permission=APPOINT,
        group=navigation.PEOPLE,
    )


def may_be_invited(account: Account) -> bool:
    """Whether an invitation has somebody to reach and something to set."""
    return bool(account.email) and not account.has_usable_password()
