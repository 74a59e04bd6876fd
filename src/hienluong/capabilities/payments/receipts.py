"""The receipt (biên lai thu phí, lệ phí) as PDF: printed once in the background when the money came, sealed, kept."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from hienluong.foundation.actions import Act, NotAllowed, action, system
from hienluong.ui import money

from .models import Receipt

#: The form of receipts without a printed value (reference: Nghị định 123/2020/NĐ-CP on invoices and documents).
FORM = "01BLP0-001"
CHANNELS = {"cash": _lazy("Tiền mặt"), "bank": _lazy("Chuyển khoản"), "gateway": _lazy("Cổng thanh toán")}


def make(receipt_id: int) -> Receipt:
    """Print and seal the receipt with this key; done again it changes nothing.

    Sealed outside of transactions, since a token and a timestamp take their time; published in one, whole or not at all.
    """
    who = system(_("In biên lai"))
    receipt = Receipt.objects.select_related("payment__charge__organization").get(pk=receipt_id)
    if receipt.file_id is not None:
        return receipt
    sealed, token = import_string(settings.RECEIPT_SEALER)(who, receipt, _context(receipt))
    return keep_receipt(who, receipt=receipt, sealed=sealed, token=token)


@action("payments.print_receipt")
def keep_receipt(act: Act, *, receipt: Receipt, sealed: bytes, token: str) -> Receipt:
    """The sealed paper of a receipt into the register of issued papers and the transparency log; the first stays."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình nền được in biên lai."))
    receipt = (
        Receipt.objects.select_for_update(of=("self",))
        .select_related("payment__charge__organization")
        .get(pk=receipt.pk)
    )
    if receipt.file_id is None:
        receipt.file, receipt.token = import_string(settings.RECEIPT_PUBLISHER)(act, receipt, sealed, token), token
        receipt.save(update_fields=("file", "token"))
    act.record(receipt, after={"file": receipt.file_id, "token": receipt.token})
    return receipt


def _context(receipt: Receipt) -> dict[str, Any]:
    payment = receipt.payment
    return {
        "receipt": receipt,
        "payment": payment,
        "charge": payment.charge,
        "form": FORM,
        "words": money.in_words(payment.amount),
        "channel": CHANNELS.get(payment.provider, payment.provider),
        "issued_at": timezone.now(),
    }


def content_of(receipt: Receipt) -> bytes | None:
    """The PDF; None while it is being printed."""
    if receipt.file is None:
        return None
    with receipt.file.open() as stream:
        content: bytes = stream.read()
    return content
