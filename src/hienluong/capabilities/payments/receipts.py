"""The receipt (biên lai thu phí, lệ phí) as PDF: made once, from what was written when the money came, then kept."""

from __future__ import annotations

from io import BytesIO

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from hienluong.foundation.files import store
from hienluong.ui import money

from .models import Receipt

#: The form of receipts without a printed value (reference: Nghị định 123/2020/NĐ-CP on invoices and documents).
FORM = "01BLP0-001"
CHANNELS = {"cash": "Tiền mặt", "bank": "Chuyển khoản", "gateway": "Cổng thanh toán"}


def pdf_of(receipt: Receipt) -> bytes:
    """The PDF; the same bytes however often it is asked for."""
    with transaction.atomic():
        receipt = Receipt.objects.select_for_update(of=("self",)).select_related("payment__charge").get(pk=receipt.pk)
        if receipt.file is None:
            receipt.file = store(
                BytesIO(_render(receipt)),
                name=f"bien-lai-{receipt.number:07d}.pdf",
                owner=None,
                purpose="payments.receipt",
            )
            receipt.save(update_fields=("file",))
    with receipt.file.open() as stream:
        content: bytes = stream.read()
    return content


def _render(receipt: Receipt) -> bytes:
    payment = receipt.payment
    context = {
        "receipt": receipt,
        "payment": payment,
        "charge": payment.charge,
        "form": FORM,
        "words": money.in_words(payment.amount),
        "channel": CHANNELS.get(payment.provider, payment.provider),
    }
    render = import_string(settings.PAPER_RENDERER)
    content: bytes = render("payments/papers/receipt.html", context, title=f"Biên lai thu phí, lệ phí {receipt}")
    return content
