"""What this app hands over: its permission and its page, what passes by the node, and what proves it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.foundation.actions.permissions import Permission, register
from hienluong.services.bus import intake, publishing
from hienluong.ui import navigation

#: Saying who we are at the agent node, and what passes by it.
MANAGE = "agentnode.manage"


def register_all() -> None:
    """Called from ``ready()``."""
    from . import evidence, weaving

    register(Permission(MANAGE, "Quản lý kết nối qua nút đại lý quốc gia", "Look after the national agent node"))
    purposes.register("agentnode.looking_after", _("Kết nối dữ liệu qua nút đại lý quốc gia"), "agentnode")
    navigation.register(
        "staff",
        _("Nút đại lý quốc gia"),
        url_name="agentnode:show",
        order=824,
        group=navigation.DATA,
        permission=MANAGE,
    )
    publishing.REFINEMENTS.append(weaving.woven)
    intake.PROOFS.append(evidence.of)
