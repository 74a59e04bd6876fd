"""What is held of a person in the register of breaches."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person

from .models import Breach, Concerned

_CONCERNED = {
    "breach__code": _("Vụ việc"),
    "breach__organization__name": _("Cơ quan"),
    "breach__deed": _("Sự việc"),
    "told_at": _("Đã báo cho bạn lúc"),
}
_REPORT = {"code": _("Mã vụ việc"), "text": _("Lời báo"), "reporter_contact": _("Liên hệ"), "reported_at": _("Lúc")}


def hand_over() -> None:
    """Say what is held, and that it stays five years and more."""
    holdings.hand_over(
        Holding(
            "breaches.concerned",
            _("Vi phạm dữ liệu ảnh hưởng đến bạn"),
            ("breaches.Concerned",),
            _CONCERNED,
            lambda person: holdings.values(_concerned(person), list(_CONCERNED)),
        ),
        Holding(
            "breaches.reports",
            _("Vi phạm dữ liệu bạn đã báo"),
            ("breaches.Breach",),
            _REPORT,
            lambda person: holdings.values(_reports(person), list(_REPORT)),
        ),
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


def _reports(person: Person) -> QuerySet[Breach]:
    return holdings.belonging(Breach.objects.order_by("pk"), "reporter_id", to=person.account_id)


def _concerned(person: Person) -> QuerySet[Concerned]:
    return holdings.belonging(Concerned.objects.order_by("pk"), "party_id", to=person.party_id)
