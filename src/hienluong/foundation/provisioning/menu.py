"""Where the pages of this app stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.actions import APPOINT
from hienluong.ui import navigation

PURPOSE = _("Cấp, đóng tài khoản cán bộ")
INVITE = _("Gửi thư mời đặt mật khẩu")
DIRECTORY = _("Danh bạ cán bộ (SCIM)")
SCIM = _("Hệ thống nhân sự cập nhật cán bộ (SCIM)")
GROUP = _("Quản trị")


def register_entries() -> None:
    """Hand the entries over to the navigation."""
    navigation.register(
        "staff", _("Nhập cán bộ từ tệp"), url_name="provisioning:sheets", order=813, permission=APPOINT, group=GROUP
    )
    navigation.register(
        "staff", _("Thôi giữ chức vụ"), url_name="provisioning:departures", order=815, permission=APPOINT, group=GROUP
    )
