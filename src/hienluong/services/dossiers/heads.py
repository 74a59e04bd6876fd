"""Who heads a household business, as the register of household businesses has it: that person may act for it.

(Nghị định 168/2025/NĐ-CP: the head represents the household business.) The person reads their own record; nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.mandates.sources import Entry
from hienluong.foundation.people.identifiers import normal
from hienluong.foundation.people.models import Party

from .known import held_by

REGISTER = "business.household"
#: Nobody acts for what is no more.
_OVER = ("revoked", "dissolved")


def household_businesses(party: Party) -> Iterator[Entry]:
    """The household businesses that a citizen heads."""
    if party.kind != Party.Kind.CITIZEN:
        return
    for held in held_by(REGISTER, party):
        if held.version.data.get("status") in _OVER:
            continue
        try:
            number = normal(Party.Kind.HOUSEHOLD, held.key)
        except InvalidInput:  # an older number that is no tax code: a counter writes this one down
            continue
        yield Entry(
            tax_code=number,
            name=held.name,
            role=_("Chủ hộ kinh doanh"),
            source=f"{REGISTER}:{held.version.record_id}",
            kind=Party.Kind.HOUSEHOLD,
        )
