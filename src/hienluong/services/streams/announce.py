"""What this app hands over: its permissions, its pages, and which events leave the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.foundation.actions.permissions import Permission, register
from hienluong.foundation.events.outbox import let_out
from hienluong.foundation.people import holdings
from hienluong.ui import navigation

from .declared import TYPES
from .registry import MANAGE
from .subscriptions import REQUEST, SHARE


def register_all() -> None:
    """Called from ``ready()``."""
    register(
        Permission(MANAGE, "Quản lý dòng sự kiện", "Look after events that leave"),
        Permission(REQUEST, "Đề nghị nhận sự kiện", "Ask to be told of events"),
        Permission(SHARE, "Duyệt đăng ký nhận sự kiện", "Decide on subscriptions to events"),
    )
    purposes.register("streams.looking_after", _("Chia sẻ sự kiện cho hệ thống của cơ quan khác"), "streams")
    let_out(*TYPES)
    holdings.leave_out("decisions of officials in office", "streams.SubscriptionStep")
    navigation.register(
        "staff",
        _("Dòng sự kiện"),
        url_name="streams:list",
        order=823,
        group=navigation.DATA,
        visible=lambda request: any(
            request.actor.paths_with(code)  # type: ignore[attr-defined]
            for code in (REQUEST, SHARE, MANAGE)
        ),
    )
