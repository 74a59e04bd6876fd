"""Who has left, what was closed that day, and who takes the work over."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.identity.frame import actor_of_request, page_of, sent
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.fields import OfficialField

from . import held, leaving
from .models import Departure


class SuccessorForm(forms.Form):
    """Who takes over."""

    use_required_attribute = False
    successor = OfficialField(
        label=gettext_lazy("Người tiếp nhận"), help_text=gettext_lazy("Mã cán bộ, hoặc họ tên đầy đủ nếu không trùng.")
    )


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Who left the organisations where one appoints, the latest first."""
    actor = actor_of_request(request)
    paths = actor.require_somewhere(organisations.APPOINT, _("Bạn không có quyền bổ nhiệm."))
    here = reach.below(paths, "organization__path")
    found = Departure.objects.filter(here).select_related("official", "organization", "successor")
    context = {
        "page": page_of(request, found.order_by("-on", "-pk")),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Thôi giữ chức vụ, bàn giao"), "")],
    }
    return render(request, "provisioning/departures.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One departure: what was closed, what is still held, and who takes over."""
    actor = actor_of_request(request)
    found = get_object_or_404(Departure.objects.select_related("official", "organization", "successor"), pk=pk)
    may_name = actor.can(organisations.APPOINT, found.organization.path)
    leaving.require_may_see(leaving.may_see(actor.official_id, may_name, found))
    if request.method == "POST":
        actor.require(organisations.APPOINT, found.organization.path)
    form = SuccessorForm(request.POST or None)
    if sent(request, form, partial(leaving.name_successor, actor, departure=found)):
        messages.success(request, _("Đã báo cho người tiếp nhận."))
        return HttpResponseRedirect(leaving.address(found))
    labels = {
        "sessions": _("Phiên đăng nhập đã kết thúc"),
        "systems": _("Hệ thống kết nối đã đăng xuất"),
        "delegations": _("Ủy quyền đã hết"),
        "roles": _("Vai trò giao riêng đã thu hồi"),
    }
    facts: list[dict[str, Any]] = [
        {"key": _("Cơ quan cuối cùng"), "value": found.organization.name},
        *({"key": label, "value": found.ended.get(name, 0)} for name, label in labels.items()),
        {"key": _("Người tiếp nhận"), "value": found.successor or _("Chưa chọn")},
    ]
    crumbs = [(_("Trang chủ"), "/")]
    if may_name:
        crumbs.append((_("Thôi giữ chức vụ, bàn giao"), reverse("provisioning:departures")))
    context = {
        "departure": found,
        "facts": facts,
        "work": held.of(found.official),
        "then": len(found.work),
        "form": form if may_name else None,
        "breadcrumbs": [*crumbs, (found.official.full_name, "")],
    }
    return render(request, "provisioning/departure.html", context, status=422 if form.errors else 200)
