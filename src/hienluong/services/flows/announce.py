"""What this app hands over: its permission, its pages, what its tables hold of people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.foundation.actions.permissions import Permission, register
from hienluong.foundation.people import holdings
from hienluong.ui import navigation

#: Declaring the composed services of an organisation, publishing them, deciding what a run waits for.
MANAGE = "flows.manage"


def register_all() -> None:
    """Called from ``ready()``."""
    register(Permission(MANAGE, "Khai báo, vận hành dịch vụ phối hợp", "Declare and run composed services"))
    purposes.register("flows.composing", _("Phối hợp dịch vụ dữ liệu của các cơ quan"), "flows")
    holdings.leave_out("decisions and trials of officials in office", "flows.Step", "flows.Run")
    navigation.register(
        "staff",
        _("Dịch vụ phối hợp"),
        url_name="flows:list",
        order=824,
        group=navigation.DATA,
        visible=lambda request: bool(request.actor.paths_with(MANAGE)),  # type: ignore[attr-defined]
    )
