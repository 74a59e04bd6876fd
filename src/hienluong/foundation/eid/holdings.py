"""What is held of a person's links to electronic identities."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act
from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person

from .models import Link

_LINK = {
    "provider": _("Nguồn định danh"),
    "level": _("Mức"),
    "linked_at": _("Liên kết lúc"),
    "last_at": _("Dùng lần cuối"),
}


def hand_over() -> None:
    """Say what is held, and that it goes with the account."""
    holdings.hand_over(
        Holding(
            "eid.links",
            _("Liên kết VNeID, tài khoản định danh khác"),
            ("eid.Link",),
            _LINK,
            lambda person: holdings.values(_links(person), list(_LINK)),
        )
    )
    closing.erase(closing.Erased("eid.links", _("Liên kết với VNeID, tài khoản định danh khác"), _erase))


def _links(person: Person) -> QuerySet[Link]:
    return holdings.belonging(Link.objects.order_by("pk"), "account_id", to=person.account_id)


def _erase(act: Act, person: Person) -> int:
    return _links(person).delete()[0]
