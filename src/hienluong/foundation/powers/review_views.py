"""The quarterly review: what waits for me, the report, the rules, and powers that rest."""

from __future__ import annotations

import csv
import io
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.actions import Actor, DomainError, NotAllowed
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity import suspending
from hienluong.foundation.identity.frame import actor_of_request, form_page, page_of, sent
from hienluong.foundation.identity.models import Suspension
from hienluong.foundation.identity.people_forms import ReasonForm
from hienluong.foundation.organisations import reach
from hienluong.ui import asked

from . import reviewing
from .forms import DecideForm, RulesForm
from .models import Campaign, Item

_SHOWN = {"cho": Item.State.WAITING, "xong": Item.State.CONFIRMED, "thu-hoi": Item.State.WITHDRAWN}


@login_required
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """Every review, the latest first, with what waits for me."""
    actor = _reviewer(request)
    mine = reach.below(actor.paths_with(reviewing.REVIEW), "items__organization__path")
    waiting = Q(items__state=Item.State.WAITING) & mine & ~Q(items__account=actor.account_id or 0)
    found = Campaign.objects.annotate(waiting=Count("items", filter=waiting)).order_by("-opened_at")
    context = {
        "page": page_of(request, found),
        "may_manage": bool(actor.paths_with(reviewing.MANAGE)),
        "may_lift": bool(actor.paths_with(identity.MANAGE)),
        "due": not Campaign.objects.filter(quarter=reviewing.quarter_of(timezone.localdate())).exists(),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Xác nhận lại quyền"), "")],
    }
    return render(request, "powers/campaigns.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Who holds which power where I review: confirm, or withdraw for a reason."""
    actor = _reviewer(request)
    found = get_object_or_404(Campaign, pk=pk)
    items = reviewing.items_of(actor, found)
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = list(items.filter(pk__in=_chosen(request)))
        confirms = request.POST.get("viec") != "thu-hoi"
        reason = form.cleaned_data["reason"]
        done = attempt(
            form,
            lambda: reviewing.decide(actor, campaign=found, items=chosen, confirms=confirms, reason=reason),
        )
        if done:
            words = _("Đã xác nhận %(count)d quyền.") if confirms else _("Đã thu hồi %(count)d quyền.")
            messages.success(request, words % {"count": done})
            return HttpResponseRedirect(request.get_full_path())
    shown = asked.text(request, "xem", 10) or "cho"
    listed = items.filter(state=_SHOWN[shown]) if shown in _SHOWN else items
    tabs = (
        ("cho", _("Chờ xác nhận")),
        ("xong", _("Đã xác nhận")),
        ("thu-hoi", _("Đã thu hồi")),
        ("tat-ca", _("Tất cả")),
    )
    context = {
        "campaign": found,
        "form": form,
        "page": page_of(request, listed),
        "tabs": [(value, label, value == shown) for value, label in tabs],
        "open": found.closed_at is None,
        "chosen": _chosen(request),
        "left": items.filter(state=Item.State.WAITING).count(),
        "breadcrumbs": _crumbs(found.label),
    }
    return render(request, "powers/campaign.html", context, status=422 if form.errors else 200)


def _chosen(request: HttpRequest) -> set[int]:
    return {int(key) for key in request.POST.getlist("muc") if key.isascii() and key.isdigit() and len(key) < 18}


@login_required
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """By organisation: how many powers, how many confirmed, withdrawn, left."""
    actor = _reviewer(request)
    found = get_object_or_404(Campaign, pk=pk)
    context = {
        "campaign": found,
        "rows": reviewing.figures(found, actor.paths_with(reviewing.REVIEW)),
        "breadcrumbs": [*_crumbs(found.label)[:-1], (found.label, _address(found)), (_("Báo cáo"), "")],
    }
    return render(request, "powers/report.html", context)


@login_required
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Each power and what was decided, as a file for spreadsheets."""
    actor = _reviewer(request)
    found = get_object_or_404(Campaign, pk=pk)
    out = io.StringIO()
    writer = csv.writer(out)
    heads = (_("Cơ quan"), _("Người giữ"), _("Quyền"), _("Kết quả"), _("Lý do"), _("Người quyết định"), _("Lúc"))
    writer.writerow(heads)
    here = reach.below(actor.paths_with(reviewing.REVIEW), "organization__path")
    rows = found.items.filter(here).select_related("organization", "decided_by").order_by("organization__path", "pk")
    for item in rows.iterator(chunk_size=500):
        at = timezone.localtime(item.decided_at).strftime("%d/%m/%Y %H:%M") if item.decided_at else ""
        told = (
            item.organization.name,
            item.holder,
            item.power,
            item.get_state_display(),
            item.reason,
            str(item.decided_by or ""),
            at,
        )
        writer.writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in map(str, told)])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="xac-nhan-quyen-{found.quarter}.csv"'
    return response


@login_required
@require_http_methods(["GET", "POST"])
def set_rules(request: HttpRequest) -> HttpResponse:
    """What the province decides."""
    actor = actor_of_request(request)
    actor.require_somewhere(reviewing.MANAGE, _("Bạn không quản lý đợt xác nhận lại quyền."))
    held = reviewing.rules()
    initial = {"days": held.days, "suspends": "1" if held.suspends else "0", "emergency_roles": held.emergency_roles}
    form = RulesForm(request.POST or None, initial=initial)
    if sent(request, form, partial(reviewing.set_rules, actor)):
        messages.success(request, _("Đã ghi."))
        return HttpResponseRedirect(reverse("powers:campaigns"))
    title = _("Quy tắc xác nhận lại quyền")
    return form_page(
        request, form, title=title, submit=_("Ghi"), back=reverse("powers:campaigns"), crumbs=_crumbs(title)[1:2]
    )


@login_required
@require_POST
def open_now(request: HttpRequest) -> HttpResponse:
    """Open this quarter's review without waiting for the morning."""
    try:
        found = reviewing.open_campaign(actor_of_request(request))
    except DomainError as error:
        if isinstance(error, NotAllowed):
            raise
        messages.warning(request, str(error.message))
        return HttpResponseRedirect(reverse("powers:campaigns"))
    return HttpResponseRedirect(_address(found))


@login_required
@require_safe
def suspensions(request: HttpRequest) -> HttpResponse:
    """Powers that rest where I manage accounts."""
    actor = _manager(request)
    columns = ("position__organization__path", "grant__organization__path")
    here = reach.below(actor.paths_with(identity.MANAGE), *columns)
    found = Suspension.objects.filter(here, lifted_at=None).select_related(
        "position__organization", "position__official", "grant__organization", "grant__account", "grant__role"
    )
    context = {
        "page": page_of(request, found.order_by("-since", "-pk")),
        "breadcrumbs": _crumbs(_("Quyền đang tạm dừng")),
    }
    return render(request, "powers/suspensions.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let powers work again."""
    actor = _manager(request)
    found = get_object_or_404(
        Suspension.objects.select_related(
            "position__organization", "position__official", "grant__organization", "grant__account", "grant__role"
        ),
        pk=pk,
    )
    held = found.position or found.grant
    assert held is not None
    actor.require(identity.MANAGE, held.organization.path)
    form = ReasonForm(request.POST or None)
    back = reverse("powers:suspensions")
    if sent(request, form, partial(suspending.lift, actor, suspension=found)):
        messages.success(request, _("Đã khôi phục quyền."))
        return HttpResponseRedirect(back)
    title = _("Khôi phục quyền")
    facts = [
        {"key": _("Quyền"), "value": held},
        {"key": _("Tạm dừng vì"), "value": found.reason},
    ]
    return form_page(
        request, form, title=title, submit=title, back=back, facts=facts, crumbs=[(_("Quyền đang tạm dừng"), back)]
    )


def _address(found: Campaign) -> str:
    return reverse("powers:campaign", args=[found.pk])


def _crumbs(last: str) -> list[tuple[str, str]]:
    return [(_("Trang chủ"), "/"), (_("Xác nhận lại quyền"), reverse("powers:campaigns")), (last, "")]


def _reviewer(request: HttpRequest) -> Actor:
    actor = actor_of_request(request)
    actor.require_somewhere(reviewing.REVIEW, _("Bạn không xác nhận quyền ở đơn vị nào."))
    return actor


def _manager(request: HttpRequest) -> Actor:
    actor = actor_of_request(request)
    actor.require_somewhere(identity.MANAGE, _("Bạn không có quyền quản lý tài khoản."))
    return actor
