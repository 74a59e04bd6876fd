"""What is held of the messages a person was sent."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act
from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person

from .models import Delivery, Notification

_TOLD = {
    "created_at": _("Lúc"),
    "title": _("Tiêu đề"),
    "body": _("Nội dung"),
    "href": _("Trang"),
    "read_at": _("Đọc lúc"),
}
_SENT = {
    "notification__title": _("Tiêu đề"),
    "channel": _("Kênh"),
    "address": _("Gửi đến"),
    "state": _("Tình trạng"),
    "sent_at": _("Gửi lúc"),
}


def hand_over() -> None:
    """Say what is held, and that it is erased with the account."""
    holdings.hand_over(
        Holding(
            "notifications.told",
            _("Thông báo đã nhận"),
            ("notifications.Notification",),
            _TOLD,
            lambda person: holdings.values(_told(person), list(_TOLD)),
        ),
        Holding(
            "notifications.sent",
            _("Tin đã gửi ra ngoài (thư, SMS, Zalo)"),
            ("notifications.Delivery",),
            _SENT,
            lambda person: holdings.values(_sent(person), list(_SENT)),
        ),
    )
    closing.erase(closing.Erased("notifications", _("Thông báo, thư và tin nhắn đã gửi cho bạn"), _erase))


def _told(person: Person) -> QuerySet[Notification]:
    return holdings.belonging(Notification.objects.order_by("created_at"), "account_id", to=person.account_id)


def _sent(person: Person) -> QuerySet[Delivery]:
    return holdings.belonging(Delivery.objects.order_by("pk"), "notification__account_id", to=person.account_id)


def _erase(act: Act, person: Person) -> int:
    return _told(person).delete()[0]
