"""What the pages of the foundation are there for, as the audit log keeps it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes


def register_all() -> None:
    """Name the purposes of the foundation's own faces."""
    purposes.register("background", _("Công việc tự động của hệ thống"))
    purposes.register("identity.administration", _("Quản trị cán bộ, tài khoản và quyền"), "identity")
    own = (
        "sign_in",
        "sign_out",
        "language",
        "theme",
        "change_password",
        "delegations",
        "delegate",
        "revoke_delegation",
    )
    purposes.register("identity.own", _("Tài khoản của chính mình"), *(f"identity:{name}" for name in own))
    purposes.register(
        "identity.supervision", _("Kiểm tra nhật ký, giải thích quyền"), "identity:audit", "identity:explain"
    )
    purposes.register("organisations.administration", _("Quản trị cơ quan, đơn vị"), "organisations")
    purposes.register("calendars.administration", _("Quản trị lịch làm việc"), "calendars")
    purposes.register("notifications.own", _("Đọc thông báo của mình"), "notifications")
    purposes.register("files.reading", _("Xem giấy tờ kèm theo"), "files")
    purposes.register("transparency.checking", _("Kiểm chứng sổ minh bạch"), "transparency")
