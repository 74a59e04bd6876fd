"""What is held of the corrections a person asked for."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person

from .models import Correction

_CORRECTION = {
    "code": _("Mã yêu cầu"),
    "register__code": _("Cơ sở dữ liệu"),
    "field": _("Mục"),
    "said": _("Đang ghi"),
    "right": _("Đề nghị ghi"),
    "wrong": _("Lý do"),
    "state": _("Tình trạng"),
    "asked_at": _("Gửi lúc"),
    "reason": _("Trả lời"),
}


def hand_over() -> None:
    """Say what is held, that it stays, and that an open request holds the account back."""
    holdings.hand_over(
        Holding(
            "corrections.requests",
            _("Yêu cầu đính chính"),
            ("corrections.Correction",),
            _CORRECTION,
            lambda person: holdings.values(_requests(person), list(_CORRECTION)),
        )
    )
    closing.keep(
        closing.Kept(
            "corrections",
            _("Yêu cầu đính chính đã gửi"),
            _("Là căn cứ của dữ liệu đã sửa trong cơ sở dữ liệu (Luật 91/2025/QH15, Điều 13)."),
            lambda person: _requests(person).count(),
            names_party=True,
        )
    )
    closing.hinder("corrections.open", _open)


def _requests(person: Person) -> QuerySet[Correction]:
    return holdings.belonging(Correction.objects.order_by("pk"), "party_id", to=person.party_id)


def _open(person: Person) -> list[str]:
    codes = list(_requests(person).filter(closed_at=None).values_list("code", flat=True)[:5])
    return [_now("Còn yêu cầu đính chính chưa xong: %(codes)s.") % {"codes": ", ".join(codes)}] if codes else []
