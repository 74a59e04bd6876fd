"""What is held of whom a person acts for, and whom they let act."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person

from .models import Appointment

_APPOINTMENT = {
    "enterprise__name": _("Doanh nghiệp"),
    "appointed__name": _("Người được cử"),
    "by__name": _("Người cử"),
    "role": _("Tư cách"),
    "acts": _("Được làm"),
    "valid": _("Thời gian"),
    "state": _("Tình trạng"),
    "offered_at": _("Lúc"),
}


def hand_over() -> None:
    """Say what is held, and that it stays with what was done in the enterprise's name."""
    holdings.hand_over(
        Holding(
            "mandates.appointments",
            _("Cử người làm thay doanh nghiệp"),
            ("mandates.Appointment",),
            _APPOINTMENT,
            lambda person: holdings.values(_appointments(person), list(_APPOINTMENT)),
        )
    )
    closing.keep(
        closing.Kept(
            "mandates",
            _("Việc được cử, đã cử người làm thay doanh nghiệp"),
            _("Còn cần cho hồ sơ của doanh nghiệp (Luật 91/2025/QH15, điểm c khoản 1 Điều 19)."),
            lambda person: _appointments(person).count(),
            names_party=True,
        )
    )


def _appointments(person: Person) -> QuerySet[Appointment]:
    found = Appointment.objects.order_by("pk")
    return holdings.belonging(found, "enterprise_id", "appointed_id", "by_id", to=person.party_id)
