"""Powers taken in an emergency: take them after proving who is there, give them back, look at what was done."""

from __future__ import annotations

from functools import partial

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.actions import NotAllowed
from hienluong.foundation.identity.frame import actor_of_request, form_page, page_of, sent
from hienluong.foundation.identity.models import Account, Emergency
from hienluong.foundation.organisations import reach
from hienluong.foundation.signin.factor_views import confirmed_first

from . import emergencies
from .forms import ReviewForm, TakeForm

MOST_SHOWN = 200


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """My own, and those of the organisations where I review."""
    actor = actor_of_request(request)
    if not (actor.paths_with(emergencies.TAKE) or actor.paths_with(emergencies.REVIEW)):
        raise NotAllowed(_("Trang này dành cho người trực khẩn cấp và người xem xét."))
    here = Q(account_id=actor.account_id or 0) | reach.below(actor.paths_with(emergencies.REVIEW), "organization__path")
    found = Emergency.objects.filter(here).select_related("account", "role", "organization")
    page = page_of(request, found.order_by("-began_at"))
    context = {
        "page": page,
        "rows": [(each, emergencies.is_open(each)) for each in page.object_list],
        "may_take": bool(actor.paths_with(emergencies.TAKE)) and actor.emergency is None,
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Quyền khẩn cấp"), "")],
    }
    return render(request, "powers/emergencies.html", context)


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """Take powers, having proved within ten minutes who is there."""
    actor = actor_of_request(request)
    actor.require_somewhere(emergencies.TAKE, _("Bạn không trực khẩn cấp."))
    account = request.user
    assert isinstance(account, Account)
    form = TakeForm(request.POST or None)
    proved_at = float(get_authentication_records(request, account)[-1]["at"])
    if taken := sent(request, form, partial(emergencies.take, actor, account=account, proved_at=proved_at)):
        messages.success(request, _("Đã nhận quyền. Người quản trị và người liên quan đã được báo."))
        return HttpResponseRedirect(_address(taken))
    title, back = _("Nhận quyền khẩn cấp"), reverse("powers:emergencies")
    return form_page(
        request,
        form,
        title=title,
        submit=_("Nhận quyền"),
        button="warning",
        back=back,
        crumbs=_crumbs(),
        warning=_("Chỉ dùng khi không chờ được. Mọi việc bạn làm được đánh dấu trong nhật ký và có người xem xét lại."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One emergency: why, until when, what was done, what was found."""
    actor = actor_of_request(request)
    found = _found(request, pk)
    path = found.organization.path
    may_review = actor.can(emergencies.REVIEW, path) and actor.account_id != found.account_id
    is_open = emergencies.is_open(found)
    form = ReviewForm(request.POST or None)
    if sent(request, form, partial(emergencies.review, actor, emergency=found)):
        messages.success(request, _("Đã ghi kết quả xem xét."))
        return HttpResponseRedirect(_address(found))
    done = list(emergencies.done_under(found)[:MOST_SHOWN])
    looks = emergencies.looked_under(found)
    context = {
        "emergency": found,
        "open": is_open,
        "done": done,
        "looks": list(looks[:MOST_SHOWN]),
        "looked": looks.values("party_id").distinct().count(),
        "form": form if may_review and not is_open and found.reviewed_at is None else None,
        "may_end": is_open and (actor.account_id == found.account_id or actor.can(emergencies.REVIEW, path)),
        "breadcrumbs": [(_("Trang chủ"), "/"), *_crumbs(), (str(found.account), "")],
    }
    return render(request, "powers/emergency.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """End the powers now."""
    found = _found(request, pk)
    emergencies.give_back(actor_of_request(request), emergency=found)
    messages.success(request, _("Quyền khẩn cấp đã hết."))
    return HttpResponseRedirect(_address(found))


def _found(request: HttpRequest, pk: int) -> Emergency:
    found = get_object_or_404(Emergency.objects.select_related("account", "role", "organization", "reviewed_by"), pk=pk)
    if not emergencies.may_see(actor_of_request(request), found):
        raise NotAllowed(_("Việc này không thuộc phạm vi của bạn."))
    return found


def _address(found: Emergency) -> str:
    return reverse("powers:emergency", args=[found.pk])


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Quyền khẩn cấp"), reverse("powers:emergencies"))]
