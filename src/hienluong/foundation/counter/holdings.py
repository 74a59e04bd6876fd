"""What is held of the identity papers that were checked at a counter."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act
from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person, Row

from .models import IdentityCheck

_CHECK = {
    "paper": _("Giấy tờ"),
    "number": _("Số"),
    "how": _("Cách kiểm tra"),
    "level": _("Mức"),
    "purpose": _("Để làm gì"),
    "organization": _("Nơi kiểm tra"),
    "at": _("Lúc"),
}


def hand_over() -> None:
    """Say what is held, and that it is kept no longer than the account."""
    holdings.hand_over(
        Holding("counter.checks", _("Giấy tờ tùy thân đã kiểm tra tại quầy"), ("counter.IdentityCheck",), _CHECK, _rows)
    )
    closing.erase(closing.Erased("counter.checks", _("Bản ghi kiểm tra giấy tờ tùy thân tại quầy"), _erase))


def _checks(person: Person) -> QuerySet[IdentityCheck]:
    return holdings.belonging(IdentityCheck.objects.order_by("at"), "party_id", to=person.party_id)


def _rows(person: Person) -> Iterable[Row]:
    for one in _checks(person).select_related("organization"):
        yield {**{name: getattr(one, name) for name in _CHECK}, "organization": one.organization.name}


def _erase(act: Act, person: Person) -> int:
    return _checks(person).delete()[0]
