"""Where capabilities that do not know each other meet: payments ask for a sealed receipt, signing makes it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.payments.models import Receipt
from hienluong.capabilities.signing import actions as signing
from hienluong.capabilities.signing import masking
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.capabilities.signing.papers import render_pdf
from hienluong.foundation.actions import Act, Actor, system
from hienluong.foundation.events.models import Event
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.ui.templatetags.ui import ui_money

KIND = "payment_receipt"


def seal_receipt(who: Actor, receipt: Receipt, context: dict[str, Any]) -> tuple[bytes, str]:
    """Print a receipt and seal it for the agency that took the money: the PDF, and the token of the code on it."""
    from hienluong.capabilities.signing.service import seal_paper  # heavy, and most processes seal nothing

    token, title = signing.new_token(), _("Biên lai thu phí, lệ phí")
    words = {**context, "verify_url": f"{settings.BASE_URL}/xac-minh/{token}"}
    pdf = render_pdf("payments/papers/receipt.html", words, title=f"{title} {receipt}")
    agency = receipt.payment.charge.organization
    return seal_paper(who, pdf, organization=agency, name=_agency(receipt), reason=title), token


def publish_receipt(act: Act, receipt: Receipt, sealed: bytes, token: str) -> StoredFile:
    """Keep a sealed receipt and enter it among the issued papers."""
    charge = receipt.payment.charge
    file = store(BytesIO(sealed), name=f"bien-lai-{receipt.number:07d}.pdf", owner=None, purpose="payments.receipt")
    signing.issue(
        act,
        token=token,
        kind=KIND,
        title=_("Biên lai thu phí, lệ phí"),
        file=file,
        issuer_code=charge.organization.code,
        issuer_name=_agency(receipt),
        signers=[],
        subject_ref=f"charge:{charge.reference}",
        facts=masking.facts(
            number=str(receipt),
            reference=charge.reference,
            payer=masking.initials(receipt.payer),
            amount=ui_money(receipt.payment.amount),
            paid_on=timezone.localtime(receipt.payment.paid_at).strftime("%d/%m/%Y"),
        ),
    )
    return file


def _agency(receipt: Receipt) -> str:
    """What the agency was called when the money came."""
    return receipt.agency or receipt.payment.charge.organization.name


def withdraw_receipt(event: Event) -> None:
    """The money of a receipt went back, so the receipt proves no payment any more. Told twice it changes nothing."""
    charge_id = int(event.subject.rpartition(":")[2])
    for receipt in Receipt.objects.filter(payment__charge=charge_id).exclude(token=""):
        issued = IssuedFile.objects.filter(pk=receipt.token, state=IssuedFile.State.IN_FORCE).first()
        if issued is not None:
            signing.revoke(system(_("Hoàn trả")), token=issued.token, reason=_("Khoản thu đã được hoàn trả."))
