"""Unlinking one's own account; the page of who looks after the installation."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import DomainError
from hienluong.foundation.identity.frame import actor_of_request
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.signin.factor_views import confirmed_first

from . import actions, flow, standing
from .models import Condition, Link
from .views import provider_of


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a link away."""
    account = request.user
    assert isinstance(account, Account)
    held = get_object_or_404(Link, pk=pk, account=account)
    configured = settings.IDENTITY_PROVIDERS.get(held.provider)
    fault = ""
    if request.method == "POST":
        try:
            here = request.session.session_key or ""
            actions.unlink(actor_of_request(request), account=account, held=held, here=here)
        except DomainError as error:
            fault = str(error.message)
        else:
            messages.success(request, _("Đã bỏ liên kết."))
            return HttpResponseRedirect(reverse("signin:security"))
    title = _("Bỏ liên kết với %(name)s") % {"name": configured.name if configured else held.provider}
    crumbs = [(_("Trang chủ"), "/"), (_("Bảo mật, thiết bị"), reverse("signin:security")), (title, "")]
    context = {"title": title, "fault": fault, "breadcrumbs": crumbs}
    return render(request, "eid/unlink.html", context, status=422 if fault else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def providers(request: HttpRequest) -> HttpResponse:
    """The configured providers, whether they answer, how many people use them; a POST looks at one now."""
    actor_of_request(request).require(actions.MANAGE, organisations.province().path)
    if request.method == "POST":
        provider = provider_of(request.POST.get("provider", ""))
        fault = standing.look(provider)
        if fault:
            messages.error(
                request, _("%(name)s không trả lời đúng: %(fault)s") % {"name": provider.name, "fault": fault}
            )
        else:
            messages.success(request, _("%(name)s đang trả lời.") % {"name": provider.name})
        return HttpResponseRedirect(reverse("eid:providers"))
    conditions = Condition.objects.in_bulk()
    used = {
        row["provider"]: row
        for row in Link.objects.values("provider").annotate(people=Count("pk"), last=Max("last_at")).order_by()
    }
    rows = [
        (each, flow.back(each), conditions.get(each.key), used.get(each.key, {"people": 0, "last": None}))
        for each in settings.IDENTITY_PROVIDERS.values()
    ]
    title = _("Nguồn định danh điện tử")
    return render(request, "eid/providers.html", {"rows": rows, "breadcrumbs": [(_("Trang chủ"), "/"), (title, "")]})
