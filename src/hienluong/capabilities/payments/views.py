"""Paying: the page with the QR, the bank's door, reconciliation."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_POST
from procrastinate.exceptions import AlreadyEnqueued

from hienluong.foundation.actions import Actor, DomainError, NotFound
from hienluong.ui import asked

from . import actions, doors, gateway, receipts, vietqr
from .models import Charge, Notice, Payment, Receipt, Refund
from .notices import REASONS
from .tasks import ask_checkout

PROVIDERS = {"cash": _lazy("tiền mặt"), "bank": _lazy("chuyển khoản"), "gateway": _lazy("cổng thanh toán")}


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _charge(request: HttpRequest, reference: str) -> Charge:
    """The charge, for its payer, for officials who collect there, or for whoever holds the link with its key."""
    found = Charge.objects.select_related("organization").filter(reference=reference).first()
    actor = _actor(request)
    if found and (
        actor.acts_for(found.payer_id)
        or actor.can("payments.collect", found.organization.path)
        or actor.can("payments.reconcile", found.organization.path)
        or request.GET.get("k") == found.access
    ):
        return found
    raise NotFound(_("Không tìm thấy khoản thu."))


def _transfer(charge: Charge) -> vietqr.Transfer:
    account = settings.PAYMENT_ACCOUNT
    return vietqr.Transfer(account["bank"], account["account"], charge.amount, charge.reference)


@require_GET
def pay(request: HttpRequest, reference: str) -> HttpResponse:
    """What is charged and how to pay it; once paid, the receipt."""
    charge = _charge(request, reference)
    text = vietqr.payload(_transfer(charge))
    payment = charge.payments.select_related("receipt").first()
    simulator = (
        f"{settings.BANK_SIMULATOR_URL}/quet?{urlencode({'ma': text, 've': request.build_absolute_uri()})}"
        if settings.BANK_SIMULATOR_URL
        else ""
    )
    context = {
        "charge": charge,
        "qr": text,
        "account": settings.PAYMENT_ACCOUNT,
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
    response = HttpResponse(receipts.pdf_of(issued), content_type="application/pdf")
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


def _within(paths: tuple[str, ...], field: str) -> Q:
    """The rows whose organisation lies at or below one of these places."""
    return reduce(or_, (Q(**{f"{field}__startswith": path}) for path in paths), Q(pk__in=()))


@require_GET
def reconcile(request: HttpRequest) -> HttpResponse:
    """Day by day: what we hold as paid, what came as notices, what waits in suspense, what is to go back.

    An official sees the payments of the organisations below their post. Money that fits no charge belongs to nobody
    yet, so everybody who reconciles sees it.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = _actor(request)
    if not actor.paths_with("payments.reconcile"):
        actor.require("payments.reconcile")
    day = asked.day(request, "ngay") or timezone.localdate()
    start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    here = _within(actor.paths_with("payments.reconcile"), "charge__organization__path")
    paid = Payment.objects.filter(here, paid_at__gte=start, paid_at__lt=start + timedelta(days=1))
    totals = paid.values("provider").annotate(count=Count("pk"), total=Sum("amount")).order_by("provider")
    notices = Notice.objects.filter(at__gte=start, at__lt=start + timedelta(days=1))
    refunds = Refund.objects.filter(
        _within(actor.paths_with("payments.reconcile"), "payment__charge__organization__path")
    ).select_related("payment__charge__organization")
    elsewhere = Charge.objects.exclude(_within(actor.paths_with("payments.reconcile"), "organization__path"))
    suspense = Notice.objects.filter(verdict=Notice.Verdict.SUSPENSE)
    context = {
        "day": day,
        "totals": [{**row, "name": PROVIDERS.get(row["provider"], row["provider"])} for row in totals],
        "page": Paginator(
            paid.select_related("charge__organization", "receipt", "refund").order_by("-paid_at"), 50
        ).get_page(request.GET.get("page")),
        "suspense": suspense.exclude(reference__in=elsewhere.values("reference")).order_by("-at")[:50],
        "refused": [(n, REASONS.get(n.why, n.why)) for n in notices.filter(verdict="refused").order_by("-at")[:50]],
        "refunds": [
            (refund, doors.has_door(refund.payment.provider))
            for refund in refunds.exclude(state=Refund.State.PAID).order_by("at")[:50]
        ],
        "given_back": refunds.filter(settled_at__gte=start, settled_at__lt=start + timedelta(days=1)).aggregate(
            count=Count("pk"), total=Sum("amount")
        ),
        "told": notices.aggregate(
            applied=Count("pk", filter=Q(verdict="applied")),
            repeated=Count("pk", filter=Q(verdict="repeated")),
            refused=Count("pk", filter=Q(verdict="refused")),
        ),
    }
    return render(request, "payments/reconcile.html", context)


def _refundable(request: HttpRequest, reference: str) -> Charge:
    charge = Charge.objects.select_related("organization").filter(reference=reference).first()
    if charge is None or not _actor(request).can("payments.refund", charge.organization.path):
        raise NotFound(_("Không tìm thấy khoản thu."))
    return charge


@require_POST
def refund(request: HttpRequest, reference: str) -> HttpResponse:
    """Decide to give the money of one charge back, with a reason; again, when it failed."""
    charge = _refundable(request, reference)
    try:
        given = actions.refund(_actor(request), charge=charge, reason=request.POST.get("reason", ""))
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        paid = given.state == Refund.State.PAID
        messages.success(request, _("Đã ghi hoàn trả.") if paid else _("Đã yêu cầu hoàn trả."))
    return redirect("payments:reconcile")


@require_POST
def refunded(request: HttpRequest, reference: str) -> HttpResponse:
    """Write down under which transaction the money went back, for a bank that cannot be asked."""
    given = _refundable(request, reference).refund
    if given is None:
        raise NotFound(_("Không tìm thấy khoản hoàn trả."))
    try:
        actions.settle_refund(_actor(request), refund=given, provider_ref=request.POST.get("transaction", ""))
        messages.success(request, _("Đã ghi hoàn trả."))
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("payments:reconcile")
