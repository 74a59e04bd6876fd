"""The page where a records office follows what its agency sent outside, and sends a document there once more."""

from __future__ import annotations

from collections import defaultdict

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hienluong.foundation.actions import Actor, InvalidInput, NotFound
from hienluong.services.documents import access
from hienluong.services.documents.models import Recipient
from hienluong.ui import asked

from . import queueing
from .edxml.package import STATUS_NAMES
from .models import Outgoing, Receipt, What

CLERK = "documents.clerk"
_NAMES = {status.value: name for status, name in STATUS_NAMES.items()}


def _agencies(request: HttpRequest) -> tuple[Actor, frozenset[int]]:
    """Who asks, and the agencies whose records office they are."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require_somewhere(CLERK, _("Chỉ văn thư theo dõi văn bản gửi ra ngoài."))
    return actor, access.agencies_with(actor, CLERK)


@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """Each document at each place outside, newest first: how far it is, by the statuses that came back."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    _actor, agencies = _agencies(request)
    rows = (
        Outgoing.objects.filter(agency__in=agencies, recipient__isnull=False, what__in=(What.NEW, What.REPLACE))
        .select_related("document", "recipient")
        .order_by("-pk")
    )
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    _add_histories(page)
    return render(request, "exchange/sent.html", {"page": page})


def _add_histories(page: Page[Outgoing]) -> None:
    """What each place told, and what else went there; two queries for the page."""
    places = [row.recipient_id for row in page]
    told: dict[int, list[Receipt]] = defaultdict(list)
    for receipt in Receipt.objects.filter(recipient__in=places).order_by("told_at", "pk"):
        receipt.name = _NAMES.get(receipt.status, receipt.status)  # type: ignore[attr-defined]
        told[receipt.recipient_id].append(receipt)
    later: dict[int | None, list[Outgoing]] = defaultdict(list)
    for other in (
        Outgoing.objects.filter(recipient__in=places).exclude(what__in=(What.NEW, What.REPLACE)).order_by("pk")
    ):
        later[other.recipient_id].append(other)
    for row in page:
        row.told = told[row.recipient_id or 0]  # type: ignore[attr-defined]
        row.later = later[row.recipient_id]  # type: ignore[attr-defined]
        row.may_update = row.state == Outgoing.State.SENT and row.document.state == "issued"  # type: ignore[attr-defined, union-attr]


@require_POST
def update(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a document to one place once more, as it is now."""
    actor, agencies = _agencies(request)
    recipient = (
        Recipient.objects.filter(pk=pk, document__agency__in=agencies).select_related("document__agency").first()
    )
    if recipient is None:
        raise NotFound(_("Không có nơi nhận này."))
    try:
        queueing.send_update(actor, recipient=recipient, reason=asked.plain(request.POST.get("ly-do", "")))
    except InvalidInput as error:
        messages.error(request, str(error.message))
        return redirect("exchange:sent")
    messages.success(request, _("Đã xếp bản cập nhật để gửi %(to)s.") % {"to": recipient.name})
    return redirect("exchange:sent")
