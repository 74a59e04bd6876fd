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
from hienluong.foundation.actions import Act, system
from hienluong.foundation.events.models import Event
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.ui.templatetags.ui import ui_money

KIND = "payment_receipt"


def publish_receipt(act: Act, receipt: Receipt, context: dict[str, Any]) -> tuple[StoredFile, str]:
    """Print a receipt, seal it for the agency that took the money, register it; the file and the token of its code."""
    from hienluong.capabilities.signing.service import seal_paper  # heavy, and most processes seal nothing

    charge, token = receipt.payment.charge, signing.new_token()
    title = _("Biên lai thu phí, lệ phí")
    words = {**context, "verify_url": f"{settings.BASE_URL}/xac-minh/{token}"}
    pdf = render_pdf("payments/papers/receipt.html", words, title=f"{title} {receipt}")
    agency, name = charge.organization, receipt.agency or charge.organization.name
    sealed = seal_paper(act, pdf, organization=agency, name=name, reason=title)
    file = store(BytesIO(sealed), name=f"bien-lai-{receipt.number:07d}.pdf", owner=None, purpose="payments.receipt")
    signing.issue(
        act,
        token=token,
        kind=KIND,
        title=title,
        file=file,
        issuer_code=agency.code,
        issuer_name=name,
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
    return file, token


def withdraw_receipt(event: Event) -> None:
    """The money of a receipt went back, so the receipt proves no payment any more. Told twice it changes nothing."""
    charge_id = int(event.subject.rpartition(":")[2])
    for receipt in Receipt.objects.filter(payment__charge=charge_id).exclude(token=""):
        issued = IssuedFile.objects.filter(pk=receipt.token, state=IssuedFile.State.IN_FORCE).first()
        if issued is not None:
            signing.revoke(system(_("Hoàn trả")), token=issued.token, reason=_("Khoản thu đã được hoàn trả."))
