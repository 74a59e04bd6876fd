"""What this app hands over: its adapters, two permissions, its page, the purpose of what it writes down."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.foundation.actions.permissions import Permission, register
from hienluong.foundation.merging import belongings
from hienluong.foundation.people import holdings
from hienluong.ui import navigation

from . import base
from .systems.civil_status import CivilStatus
from .systems.criminal_records import CriminalRecords
from .systems.enterprises import Enterprises
from .systems.insurance import Insurance
from .systems.land import Land
from .systems.population import Population
from .systems.post import Post

SYSTEMS = (Population, Enterprises, CivilStatus, Insurance, Land, CriminalRecords, Post)


def register_all() -> None:
    """Called from ``ready()``."""
    from .models import Pending

    for system in SYSTEMS:
        base.register(system())
    register(
        Permission("adapters.ask", "Hỏi dữ liệu của hệ thống quốc gia", "Ask national systems"),
        Permission("adapters.manage", "Theo dõi kết nối hệ thống quốc gia", "Watch over national systems"),
    )
    purposes.register("adapters.watching", _("Theo dõi kết nối hệ thống quốc gia"), "adapters")
    navigation.register(
        "staff",
        _("Hệ thống quốc gia"),
        url_name="adapters:list",
        order=81,
        group=navigation.EXCHANGE,
        permission="adapters.manage",
    )
    label = _("Câu hỏi gửi hệ thống quốc gia về bạn")
    belongings.register(belongings.Belonging("adapters.pending", label, "adapters.Pending", "party_id", "party"))
    holdings.hand_over(
        holdings.Holding(
            "adapters.pending",
            label,
            ("adapters.Pending",),
            {"purpose": _("Để làm gì"), "about": _("Việc"), "at": _("Hỏi lúc"), "settled_at": _("Trả lời lúc")},
            lambda person: holdings.values(
                holdings.belonging(Pending.objects.order_by("pk"), "party_id", to=person.party_id),
                ("purpose", "about", "at", "settled_at"),
            ),
        )
    )
