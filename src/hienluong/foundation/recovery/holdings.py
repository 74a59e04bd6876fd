"""What is held of the ways back into a person's account."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act
from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person

from .models import EntryCode, MailedCode, Recovery

_RECOVERY = {
    "way": _("Cách"),
    "state": _("Tình trạng"),
    "reason": _("Lý do"),
    "asked_at": _("Yêu cầu lúc"),
    "done_at": _("Đặt lại lúc"),
    "stopped_at": _("Chặn lúc"),
}


def hand_over() -> None:
    """Say what is held, and that it goes with the account."""
    holdings.hand_over(
        Holding(
            "recovery.recoveries",
            _("Những lần khôi phục tài khoản"),
            ("recovery.Recovery",),
            _RECOVERY,
            lambda person: holdings.values(_recoveries(person), list(_RECOVERY)),
        )
    )
    holdings.leave_out("hashes of codes that are good once", "recovery.EntryCode", "recovery.MailedCode")
    closing.erase(closing.Erased("recovery", _("Những lần khôi phục tài khoản, mã khôi phục"), _erase))


def _recoveries(person: Person) -> QuerySet[Recovery]:
    return holdings.belonging(Recovery.objects.order_by("pk"), "account_id", to=person.account_id)


def _erase(act: Act, person: Person) -> int:
    codes = holdings.belonging(EntryCode.objects.all(), "account_id", to=person.account_id).delete()[0]
    mailed = holdings.belonging(MailedCode.objects.all(), "account_id", to=person.account_id).delete()[0]
    return codes + mailed + _recoveries(person).delete()[0]
