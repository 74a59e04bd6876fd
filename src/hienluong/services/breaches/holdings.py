"""What is held of a person in the register of breaches."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person

from .models import Concerned

_CONCERNED = {
    "breach__code": _("Vụ việc"),
    "breach__organization__name": _("Cơ quan"),
    "breach__deed": _("Sự việc"),
    "told_at": _("Đã báo cho bạn lúc"),
}


def hand_over() -> None:
    """Say what is held, and that it stays five years and more."""
    holdings.hand_over(
        Holding(
            "breaches.concerned",
            _("Vi phạm dữ liệu ảnh hưởng đến bạn"),
            ("breaches.Concerned",),
            _CONCERNED,
            lambda person: holdings.values(_concerned(person), list(_CONCERNED)),
        )
    )
    closing.keep(
        closing.Kept(
            "breaches",
            _("Hồ sơ vi phạm dữ liệu có tên bạn"),
            _("Phải lưu ít nhất 5 năm kể từ ngày khắc phục xong (Nghị định 356/2025/NĐ-CP, điểm c khoản 1 Điều 29)."),
            lambda person: _concerned(person).count(),
            names_party=True,
        )
    )


def _concerned(person: Person) -> QuerySet[Concerned]:
    return holdings.belonging(Concerned.objects.order_by("pk"), "party_id", to=person.party_id)
