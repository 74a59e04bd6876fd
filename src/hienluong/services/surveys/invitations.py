"""Asking people to rate, only those who agreed to be asked; and what is held of their answers."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import system
from hienluong.foundation.consents import catalogue, queries
from hienluong.foundation.consents.catalogue import Purpose
from hienluong.foundation.events.models import Event
from hienluong.foundation.events.outbox import subscribe
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.people import holdings
from hienluong.foundation.people.holdings import Holding, Person
from hienluong.services.dossiers.models import Dossier

from .models import Rating

PURPOSE = "surveys.invitation"
WHO = system("Mời đánh giá")
_RATING = {
    "dossier__code": gettext_lazy("Mã hồ sơ"),
    "access": gettext_lazy("Tìm và nộp hồ sơ"),
    "guidance": gettext_lazy("Hướng dẫn"),
    "attitude": gettext_lazy("Thái độ"),
    "time": gettext_lazy("Thời gian"),
    "result": gettext_lazy("Kết quả"),
    "comment": gettext_lazy("Góp ý"),
    "at": gettext_lazy("Lúc"),
}


def register_all() -> None:
    """Hand over the purpose and the holding, and listen for results that were handed over."""
    catalogue.register(
        Purpose(
            PURPOSE,
            1,
            gettext_lazy("Được mời đánh giá sau khi nhận kết quả"),
            gettext_lazy(
                "Sau khi bạn nhận kết quả hồ sơ, hệ thống gửi bạn một lời mời đánh giá (trong trang Thông báo và thư điện tử). "
                "Không đồng ý thì không có lời mời; trang đánh giá vẫn mở cho bạn."
            ),
            (gettext_lazy("Địa chỉ thư điện tử"), gettext_lazy("Mã và tên thủ tục của hồ sơ")),
            gettext_lazy("Cơ quan giải quyết hồ sơ đọc điểm và góp ý"),
            gettext_lazy("Đến khi bạn rút lại. Đánh giá đã gửi được giữ cùng hồ sơ."),
            order=30,
        )
    )
    holdings.hand_over(
        Holding(
            "surveys.ratings",
            gettext_lazy("Đánh giá đã gửi"),
            ("surveys.Rating",),
            _RATING,
            lambda person: holdings.values(_ratings(person), list(_RATING)),
        )
    )
    subscribe("dossier.return_result", invite)


def invite(event: Event) -> None:
    """Invite the one who filed, once a dossier, when they let us."""
    dossier = Dossier.objects.filter(code=event.data.get("code", "")).first()
    account = Account.objects.filter(party_id=dossier.filer_id, is_active=True).first() if dossier else None
    if dossier is None or account is None or not queries.may(PURPOSE, account.pk):
        return
    with translation.override(account.language):
        notify(
            WHO,
            account=account,
            key=f"rate:{dossier.pk}",
            kind=PURPOSE,
            title=_("Mời bạn đánh giá: %(name)s") % {"name": dossier.procedure_name},
            body=_("Năm câu hỏi về hồ sơ %(code)s, mất chừng một phút.") % {"code": dossier.code},
            href=reverse("surveys:rate", args=[dossier.code]),
        )


def _ratings(person: Person) -> QuerySet[Rating]:
    found = Rating.objects.order_by("pk")
    return holdings.belonging(found, "dossier__subject_id", "dossier__filer_id", to=person.party_id)
