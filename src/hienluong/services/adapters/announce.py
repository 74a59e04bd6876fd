"""What this app hands over: its adapters, two permissions, its page, the purpose of what it writes down."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.foundation.actions.permissions import Permission, register
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
    for system in SYSTEMS:
        base.register(system())
    register(
        Permission("adapters.ask", "Hỏi dữ liệu của hệ thống quốc gia", "Ask national systems"),
        Permission("adapters.manage", "Theo dõi kết nối hệ thống quốc gia", "Watch over national systems"),
    )
    purposes.register("adapters.watching", _("Theo dõi kết nối hệ thống quốc gia"), "adapters")
