"""What is held of what a person was charged and paid."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person

from .models import Charge

_CHARGE = {
    "reference": _("Mã khoản thu"),
    "subject_ref": _("Của"),
    "organization__name": _("Cơ quan thu"),
    "amount": _("Số tiền (đồng)"),
    "state": _("Tình trạng"),
    "created_at": _("Lúc"),
    "paid_at": _("Nộp lúc"),
}


def hand_over() -> None:
    """Say what is held, and that it stays."""
    holdings.hand_over(
        Holding(
            "payments.charges",
            _("Phí, lệ phí"),
            ("payments.Charge",),
            _CHARGE,
            lambda person: holdings.values(_charges(person), list(_CHARGE)),
        )
    )
    closing.keep(
        closing.Kept(
            "payments",
            _("Phí, lệ phí đã nộp và biên lai"),
            _("Chứng từ kế toán của cơ quan thu, giữ theo pháp luật về kế toán."),
            lambda person: _charges(person).count(),
            names_party=True,
        )
    )


def _charges(person: Person) -> QuerySet[Charge]:
    return holdings.belonging(Charge.objects.order_by("pk"), "payer_id", to=person.party_id)
