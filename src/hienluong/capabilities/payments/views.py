"""Paying: the page with the QR, the way to the gateway and back, the receipt."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from procrastinate.exceptions import AlreadyEnqueued

from hienluong.foundation.actions import Actor, NotFound
from hienluong.foundation.identity import looks

from . import gateway, paying, receipts, vietqr
from .accounts import account_for
from .models import Charge, Receipt
from .tasks import ask_checkout


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _charge(request: HttpRequest, reference: str) -> Charge:
    """The charge, for its payer, for officials who collect there, or for whoever holds the link with its key."""
    found = Charge.objects.select_related("organization").filter(reference=reference).first()
    actor = _actor(request)
    if found and (
        paying.may_pay(actor, found)
        or actor.can("payments.collect", found.organization.path)
        or actor.can("payments.reconcile", found.organization.path)
        or request.GET.get("k") == found.access
    ):
        return found
    raise NotFound(_("Không tìm thấy khoản thu."))


@require_GET
def pay(request: HttpRequest, reference: str) -> HttpResponse:
    """What is charged and how to pay it; once paid, the receipt."""
    charge = _charge(request, reference)
    account = account_for(charge.organization)
    text = vietqr.payload(vietqr.Transfer(account.bank, account.account, charge.amount, charge.reference))
    payment = charge.payments.select_related("receipt").first()
    simulator = (
        f"{settings.BANK_SIMULATOR_URL}/quet?{urlencode({'ma': text, 've': request.build_absolute_uri()})}"
        if settings.BANK_SIMULATOR_URL
        else ""
    )
    context = {
        "charge": charge,
        "qr": text,
        "account": account,
        "payment": payment,
        "refund": charge.refund,
        "simulator": simulator,
        "gateway": gateway.is_open(),
        "key": request.GET.get("k", ""),
    }
    return render(request, "payments/pay.html", context)


@require_GET
def state(request: HttpRequest, reference: str) -> HttpResponse:
    """A fragment for the waiting page: still due, or paid (then the page reloads)."""
    charge = _charge(request, reference)
    response = render(request, "payments/_state.html", {"charge": charge, "key": request.GET.get("k", "")})
    if charge.state == Charge.State.PAID:
        response["HX-Refresh"] = "true"
    return response


@require_GET
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """The receipt as PDF, for whoever may see the charge."""
    charge = _charge(request, reference)
    issued = Receipt.objects.filter(payment__charge=charge).order_by("-pk").first()
    if issued is None:
        raise NotFound(_("Khoản này chưa nộp nên chưa có biên lai."))
    content = receipts.content_of(issued)
    if content is None:
        messages.info(request, _("Biên lai đang được ký số. Hãy tải lại trang sau ít phút."))
        return redirect(_page_of(request, "payments:pay", charge))
    actor = _actor(request)
    if charge.payer_id and actor.official_id is not None and not actor.acts_for(charge.payer_id):
        looks.at_parties(request, {charge.payer_id}, ("name",), _("Xem biên lai"), charge.reference)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="bien-lai-{charge.reference}.pdf"'
    return response


def _page_of(request: HttpRequest, name: str, charge: Charge) -> str:
    """The address of a page of a charge, with the key that the person came with."""
    key = request.GET.get("k", "")
    return reverse(name, args=(charge.reference,)) + (f"?{urlencode({'k': key})}" if key == charge.access else "")


@require_GET
def checkout(request: HttpRequest, reference: str) -> HttpResponse:
    """Send the person to the payment gateway. Nothing is written: they may also come back without having paid."""
    charge = _charge(request, reference)
    if not gateway.is_open():
        raise NotFound(_("Chưa có cổng thanh toán nào được nối."))
    if charge.state != Charge.State.DUE:
        messages.info(request, _("Khoản này đã được nộp hoặc đã hủy."))
        return redirect(_page_of(request, "payments:pay", charge))
    back = request.build_absolute_uri(_page_of(request, "payments:returned", charge))
    return redirect(gateway.checkout_url(charge, back))


@require_GET
def returned(request: HttpRequest, reference: str) -> HttpResponse:
    """Where the gateway sends the person back to. It credits nothing: the gateway itself is asked, in the background."""
    charge = _charge(request, reference)
    said = gateway.outcome(charge, request.GET.dict())
    if said == "paid" and charge.state == Charge.State.DUE:
        with suppress(AlreadyEnqueued):
            ask_checkout.configure(queueing_lock=f"checkout:{charge.pk}").defer(charge_id=charge.pk)
        messages.info(request, _("Cổng thanh toán cho biết bạn đã trả. Trang này đổi ngay khi cổng báo cho cơ quan."))
    elif said == "cancelled":
        messages.info(request, _("Bạn đã hủy ở cổng thanh toán. Khoản này vẫn chưa nộp."))
    elif not said:
        messages.error(
            request, _("Không xác nhận được cổng thanh toán đã gửi bạn về. Nếu đã trả tiền, hãy chờ báo có.")
        )
    return redirect(_page_of(request, "payments:pay", charge))
