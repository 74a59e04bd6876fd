"""What this app hands over: its permissions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.foundation.actions.permissions import Permission, register

#: Declaring the services of an organisation and bringing their versions out.
PROVIDE = "bus.provide"
#: Asking for agreements for an organisation.
REQUEST = "bus.request"
#: Deciding on agreements for the services of an organisation.
SHARE = "bus.share"
#: Looking at who calls whom, how often and how well.
MONITOR = "bus.monitor"


def register_all() -> None:
    """Called from ``ready()``."""
    register(
        Permission(PROVIDE, "Khai báo, công bố dịch vụ dữ liệu", "Declare and publish data services"),
        Permission(REQUEST, "Đề nghị khai thác dịch vụ dữ liệu", "Ask for agreements on data services"),
        Permission(SHARE, "Duyệt khai thác dịch vụ dữ liệu", "Decide on agreements on data services"),
        Permission(MONITOR, "Theo dõi trục chia sẻ dữ liệu", "Watch over the data-sharing bus"),
    )
    purposes.register("bus.sharing", _("Công bố, chia sẻ dịch vụ dữ liệu giữa các cơ quan"), "bus")
