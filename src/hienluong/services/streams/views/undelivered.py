"""`/quan-tri/su-kien/chua-giao`: events that webhooks did not take, why, and what becomes of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.identity import officials
from hienluong.ui import asked as typed

from .. import subscriptions
from ..models import Subscription, Undelivered
from .entrance import crumbs, entering, parts

PER_PAGE = 20


@require_http_methods(["GET", "POST"])
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """What was given up first, then what is tried again by itself; `dang-ky` narrows it to one subscription.

    A POST names the subscription (`dang_ky`) and the event (`so`; all without it) and what to do with it (`viec`).
    """
    actor = entering(request)
    fault = ""
    if request.method == "POST":
        try:
            _do(request, actor)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            fault = str(error.message)
        else:
            messages.success(request, _("Đã ghi nhận."))
            return redirect(request.get_full_path())
    mine = subscriptions.visible(actor)
    found = Undelivered.objects.filter(subscription__in=mine.order_by()).select_related("subscription__consumer")
    one = mine.filter(code=typed.text(request, "dang-ky", 40)).first()
    if one is not None:
        found = found.filter(subscription=one)
    page = Paginator(_in_order(found), PER_PAGE).get_page(typed.number(request, "page", 1, 10**6) or 1)
    context = {
        "page": page,
        "one": one,
        "may": one is not None and subscriptions.may_look_after(actor, one),
        "parts": parts("undelivered"),
        "fault": fault,
        "typed": request.POST.get("ly_do", "")[:500] if fault else "",
        "typed_for": request.POST.get("so", "") if fault else "",
        "breadcrumbs": crumbs((_("Chưa giao được"), "")),
    }
    return render(request, "streams/undelivered.html", context, status=422 if fault else 200)


def _in_order(found: QuerySet[Undelivered]) -> QuerySet[Undelivered]:
    return found.order_by("given_up_at", "subscription_id", "sequence")


def _do(request: HttpRequest, actor: Actor) -> None:
    one: Subscription = subscriptions.visible_one(actor, request.POST.get("dang_ky", ""))
    text = request.POST.get("so", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
    match request.POST.get("viec", ""):
        case "gui-lai":
            subscriptions.retry(actor, subscription=one, sequence=number)
        case "gui-lai-het":
            subscriptions.retry(actor, subscription=one)
        case "bo-qua":
            subscriptions.drop(actor, subscription=one, sequence=number, reason=request.POST.get("ly_do", ""))
        case _:
            raise InvalidInput(_("Không có việc nào như vậy."))
