"""Recovering an official's account: one administrator asks, another agrees."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import people_queries as people
from hienluong.foundation.identity.account_views import managed
from hienluong.foundation.identity.actions import MANAGE
from hienluong.foundation.identity.frame import actor_of_request, form_page, page_of, sent
from hienluong.foundation.signin.forms import ReasonForm

from . import actions
from .models import Recovery


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Recoveries of officials within one's reach, those that wait for a second administrator first."""
    actor = actor_of_request(request)
    actor.require_somewhere(MANAGE, _("Bạn không có quyền quản lý tài khoản."))
    mine = people.accounts_within(actor).order_by().values("pk")
    found = Recovery.objects.filter(way=Recovery.Way.ADMINISTRATORS, account__in=mine)
    rows = found.select_related("account", "asked_by", "approved_by").order_by("state", "-asked_at")
    context = {
        "page": page_of(request, rows),
        "now": timezone.now(),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Khôi phục tài khoản"), "")],
    }
    return render(request, "recovery/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the recovery of an official's account."""
    actor, account = managed(request, pk)
    form = ReasonForm(request.POST or None)
    back = reverse("identity:account", args=[account.pk])
    if sent(request, form, lambda reason: actions.ask_as_administrator(actor, account=account, reason=reason)):
        messages.success(request, _("Đã ghi. Một người quản trị khác phải đồng ý trong 2 ngày."))
        return HttpResponseRedirect(reverse("recovery:list"))
    return form_page(
        request,
        form,
        title=_("Khôi phục tài khoản của %(name)s") % {"name": account},
        submit=_("Đề nghị"),
        back=back,
        crumbs=[(_("Tài khoản"), reverse("identity:accounts")), (account.username, back)],
        warning=_(
            "Chỉ đề nghị khi đã gặp trực tiếp người đó. Người đó được báo ngay trên mọi kênh, kèm liên kết để chặn."
        ),
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree as the second pair of eyes (the code is shown once), or decline."""
    recovery = get_object_or_404(Recovery.objects.select_related("account", "asked_by"), pk=pk)
    actor, account = managed(request, recovery.account_id)
    form = ReasonForm(request.POST if request.POST.get("viec") == "tu-choi" else None)
    if request.method == "POST" and request.POST.get("viec") == "dong-y":
        agreed = attempt(form, lambda: actions.approve(actor, recovery=recovery))
        if agreed is not None:
            return render(request, "recovery/told.html", {"recovery": agreed[0], "code": agreed[1], "account": account})
    elif sent(request, form, lambda reason: actions.decline(actor, recovery=recovery, reason=reason)):
        messages.success(request, _("Đã từ chối. Không mã nào được cấp."))
        return HttpResponseRedirect(reverse("recovery:list"))
    context = {
        "form": form,
        "recovery": recovery,
        "own": recovery.asked_by_id == actor.account_id,
        "waits": recovery.state == Recovery.State.ASKED and recovery.lapses_at > timezone.now(),
        "breadcrumbs": [
            (_("Trang chủ"), "/"),
            (_("Khôi phục tài khoản"), reverse("recovery:list")),
            (str(account), ""),
        ],
    }
    return render(request, "recovery/decide.html", context, status=422 if form.errors else 200)
