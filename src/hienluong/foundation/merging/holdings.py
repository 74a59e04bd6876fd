"""What is held of accounts that were made one."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person

from .models import Merge

_MERGE = {"at": _("Lúc"), "undo_until": _("Tách lại được đến"), "undone_at": _("Tách lại lúc")}


def hand_over() -> None:
    """Say what is held, and that it stays as proof."""
    holdings.hand_over(
        Holding(
            "merging.merges",
            _("Những lần gộp tài khoản"),
            ("merging.Merge",),
            _MERGE,
            lambda person: holdings.values(_merges(person), list(_MERGE)),
        )
    )
    holdings.leave_out("a hash of a code that is good once, for minutes", "merging.Offer")
    closing.keep(
        closing.Kept(
            "merging",
            _("Việc đã gộp tài khoản"),
            _("Để giải thích dữ liệu của hai tài khoản đã thành một (Luật 91/2025/QH15, điểm c khoản 1 Điều 19)."),
            lambda person: _merges(person).count(),
        )
    )


def _merges(person: Person) -> QuerySet[Merge]:
    return holdings.belonging(Merge.objects.order_by("pk"), "kept_id", "gone_id", to=person.account_id)
