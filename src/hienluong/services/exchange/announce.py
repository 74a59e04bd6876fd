"""What this app hands over: a permission, its page, its ears for what happens to documents."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.foundation.actions.permissions import Permission, register
from hienluong.foundation.events.outbox import subscribe
from hienluong.ui import navigation


def register_all() -> None:
    """Called from ``ready()``."""
    from . import subscriptions

    register(Permission("exchange.manage", "Theo dõi liên thông văn bản", "Watch over the exchange of documents"))
    navigation.register(
        "staff",
        _("Trục văn bản"),
        url_name="exchange:queue",
        order=81,
        group=navigation.EXCHANGE,
        permission="exchange.manage",
    )
    navigation.register("staff", _("Liên thông"), url_name="exchange:sent", order=9, permission="documents.clerk")
    subscribe("document.sent_to", subscriptions.send_document)
    subscribe("document.take_back_asked", subscriptions.ask_back)
    for type in subscriptions.STATUSES:
        subscribe(type, subscriptions.tell_sender)
    purposes.register("exchange.delivering", _("Liên thông văn bản với cơ quan ngoài hệ thống"), "exchange")
