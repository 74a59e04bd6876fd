"""What this app hands over: a permission, its page, and its ears for the steps of dossiers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.foundation.actions.permissions import Permission, register
from hienluong.foundation.events.outbox import subscribe
from hienluong.ui import navigation


def register_all() -> None:
    """Called from ``ready()``."""
    from .subscriptions import on_event

    register(Permission("national.manage", "Theo dõi đồng bộ với Cổng quốc gia", "Watch over the national portal"))
    navigation.register(
        "staff",
        _("Cổng quốc gia"),
        url_name="national:queue",
        order=80,
        group=navigation.EXCHANGE,
        permission="national.manage",
    )
    subscribe("dossier.*", on_event)
    purposes.register("national.synchronising", _("Đồng bộ với Cổng Dịch vụ công quốc gia"), "national")
