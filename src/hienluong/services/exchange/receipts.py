"""How far a document of ours has come at a place outside: forward only, whatever order its statuses come in."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, NotAllowed, action
from hienluong.services.documents.models import Receipt, Recipient

_RANK = {
    Receipt.WAITING: 0,
    Receipt.SENT: 1,
    Receipt.ARRIVED: 2,
    Receipt.REGISTERED: 3,
    Receipt.ASSIGNED: 4,
    Receipt.PROCESSING: 5,
    Receipt.COMPLETED: 6,
}
_ENDS = (Receipt.REFUSED, Receipt.TAKEN_BACK)


@action("exchange.note_receipt")
def note_receipt(act: Act, *, recipient: Recipient, receipt: str, reason: str, at: datetime) -> Recipient:
    """Write down what a place told; what is older than what is known, or comes after an end, changes nothing."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ kênh liên thông văn bản được làm việc này."))
    found = Recipient.objects.select_for_update().get(pk=recipient.pk)
    before = found.receipt
    if _is_news(before, receipt):
        found.receipt, found.receipt_at = receipt, at
        found.reason = reason[:2000] if reason else found.reason
        found.save(update_fields=("receipt", "receipt_at", "reason"))
    act.record(
        found,
        before={"receipt": before},
        after={"receipt": found.receipt},
        organization_id=found.document.agency_id,
    )
    return found


def _is_news(known: str, told: str) -> bool:
    if known == told or known in _ENDS:
        return False
    if known == Receipt.TAKE_BACK_ASKED:
        return told in (Receipt.TAKEN_BACK, Receipt.TAKE_BACK_REFUSED)
    if told in _ENDS or told == Receipt.TAKE_BACK_REFUSED:
        return True
    return known != Receipt.TAKE_BACK_REFUSED and _RANK[Receipt(told)] > _RANK[Receipt(known)]
