"""What is held of a person's decisions."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person

from .models import Decision

_LABELS = {
    "purpose": _("Mục đích"),
    "kind": _("Quyết định"),
    "version": _("Bản"),
    "at": _("Lúc"),
    "ended_at": _("Hết lúc"),
    "wording__content": _("Nội dung đã đọc"),
}


def hand_over() -> None:
    """Say what is held, and what stays when the account is closed."""
    holdings.hand_over(
        Holding(
            "consents.decisions",
            _("Đồng ý, phản đối việc dùng dữ liệu"),
            ("consents.Decision",),
            _LABELS,
            lambda person: holdings.values(_of(person), list(_LABELS)),
        )
    )
    closing.keep(
        closing.Kept(
            "consents",
            _("Những lần bạn đã đồng ý, đã rút"),
            _("Bên kiểm soát dữ liệu phải lưu và chứng minh sự đồng ý (Nghị định 356/2025/NĐ-CP, khoản 2 Điều 6)."),
            lambda person: _of(person).count(),
        )
    )


def _of(person: Person) -> QuerySet[Decision]:
    return holdings.belonging(Decision.objects.order_by("at"), "account_id", to=person.account_id)
