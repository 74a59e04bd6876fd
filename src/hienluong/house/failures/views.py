"""`/quan-tri/viec-hong`: events, messages and jobs that failed, with the reason and what can be done."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from procrastinate.contrib.django.models import ProcrastinateJob

from hienluong.foundation.actions import Actor, DomainError, NotFound
from hienluong.foundation.events.models import Handover
from hienluong.foundation.notifications.actions import send_again
from hienluong.foundation.notifications.models import Delivery

from . import actions

SIZE = 20


@login_required
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The three lists; a POST names one row (`loai`, `ma`) and what to do with it (`viec`)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(actions.PERMISSION, actions.scope())
    fault = _do(request, actor) if request.method == "POST" else ""
    if request.method == "POST" and not fault:
        messages.success(request, _("Đã ghi nhận."))
        return HttpResponseRedirect(reverse("failures:show"))
    context = {
        "events": _page(request, _events(), "su_kien"),
        "deliveries": _page(request, _deliveries(), "tin"),
        "jobs": _page(request, _jobs(), "viec_nen"),
        "fault": fault,
        "typed": request.POST.get("ly_do", "") if fault else "",
        "typed_for": request.POST.get("ma", "") if fault else "",
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Việc hỏng cần xử lý"), "")],
    }
    return render(request, "house/failures.html", context, status=422 if fault else 200)


def _do(request: HttpRequest, actor: Actor) -> str:
    """Do what was asked; the reason why not, when it cannot be done."""
    key, text = (request.POST.get("loai", ""), request.POST.get("viec", "")), request.POST.get("ma", "")
    pk = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
    doings: dict[tuple[str, str], Callable[[], object]] = {
        ("su-kien", "thu-lai"): lambda: actions.retry_event(actor, handover_id=pk),
        ("su-kien", "bo-qua"): lambda: actions.drop_event(actor, handover_id=pk, reason=request.POST.get("ly_do", "")),
        ("tin", "thu-lai"): lambda: send_again(actor, delivery_id=pk),
        ("viec-nen", "thu-lai"): lambda: actions.retry_job(actor, job_id=pk),
    }
    try:
        if key not in doings:
            raise NotFound(_("Không có việc nào như vậy."))
        doings[key]()
    except DomainError as error:
        return str(error.message)
    return ""


def _events() -> QuerySet[Handover]:
    """Given up first, then those that are tried again by themselves."""
    return (
        Handover.objects.filter(Q(attempts__gt=0) | Q(given_up_at__isnull=False))
        .select_related("event")
        .order_by("given_up_at", "event_id", "pk")
    )


def _deliveries() -> QuerySet[Delivery]:
    unsent = Delivery.objects.exclude(state=Delivery.State.SENT).filter(attempts__gt=0)
    return unsent.select_related("notification").order_by("state", "-pk")


def _jobs() -> QuerySet[ProcrastinateJob]:
    return ProcrastinateJob.objects.filter(status="failed").order_by("-pk")


def _page(request: HttpRequest, rows: QuerySet, name: str) -> object:  # type: ignore[type-arg]
    return Paginator(rows, SIZE).get_page(request.GET.get(name))
