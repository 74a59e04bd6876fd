"""The pages of the systems that are connected: of who manages them, and of the person who let them know something."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.frame import actor_of_request, form_page, page_of, sent
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations import reach

from . import actions
from .forms import LEVELS, AddressForm, ReasonForm, SystemForm
from .models import Consent, Engineer, System
from .scopes import SCOPES

#: What apps above do with a system: a label, the name of a page that takes its key, the scope it needs.
more: list[tuple[Any, str, str]] = []


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The systems of the organisations one manages systems of."""
    actor = _manager(request)
    here = reach.below(actor.paths_with(actions.MANAGE), "owner__path")
    systems = System.objects.filter(here).select_related("client", "owner").order_by("client__name")
    people = Count("client__consents", filter=Q(client__consents__withdrawn_at=None))
    context = {
        "page": page_of(request, systems.annotate(people=people)),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Hệ thống kết nối"), "")],
    }
    return render(request, "sso/systems.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Register a system; its password is shown once."""
    actor = _manager(request)
    form = SystemForm(request.POST or None)
    if made := sent(request, form, partial(actions.register, actor)):
        system, secret = made
        if secret:
            return _secret_page(request, system, secret)
        messages.success(request, _("Đã đăng ký. Thêm kỹ sư của hệ thống để họ lấy cách kết nối và mã mẫu."))
        return HttpResponseRedirect(_address(system))
    title = _("Đăng ký hệ thống")
    return form_page(request, form, title=title, submit=_("Đăng ký"), back=reverse("sso:systems"), crumbs=_crumbs())


@login_required
@require_safe
def show(request: HttpRequest, pk: str) -> HttpResponse:
    """One system: whose it is, what it may know, how it proves itself, and what its engineers need."""
    _actor, system = managed(request, pk)
    known = [scope.words for name, scope in SCOPES.items() if name in system.client.get_scopes()]
    context = {
        "system": system,
        "client": system.client,
        "known": known,
        "level": dict(LEVELS)[str(system.level)],
        "issuer": settings.BASE_URL,
        "engineers": system.engineers.select_related("account").order_by("account__display_name"),
        "more": [
            (label, reverse(name, args=[system.pk]))
            for label, name, scope in more
            if scope in system.client.get_scopes()
        ],
        "has_secret": system.proof in (System.Proof.BASIC, System.Proof.POST),
        "breadcrumbs": [(_("Trang chủ"), "/"), *_crumbs(), (system.client.name, "")],
    }
    return render(request, "sso/system.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: str) -> HttpResponse:
    """Write other addresses and contacts of a system down."""
    actor, system = managed(request, pk)
    client = system.client
    initial = {
        "homepage": system.homepage,
        "contact_name": system.contact_name,
        "contact_email": system.contact_email,
        "redirect_uris": "\n".join(client.get_redirect_uris()),
        "logout_redirects": "\n".join(client.get_post_logout_redirect_uris()),
        "logout_uri": system.logout_uri,
    }
    form = AddressForm(request.POST or None, initial=initial)
    back = _address(system)
    if sent(request, form, partial(actions.change, actor, system=system)):
        messages.success(request, _("Đã sửa. Có hiệu lực ngay."))
        return HttpResponseRedirect(back)
    crumbs = [*_crumbs(), (client.name, back)]
    return form_page(request, form, title=_("Sửa địa chỉ, liên hệ"), submit=_("Lưu"), back=back, crumbs=crumbs)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def new_secret(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask, then give the system another password."""
    actor, system = managed(request, pk)
    if request.method == "POST":
        return _secret_page(request, system, actions.new_secret(actor, system=system))
    crumbs = [(_("Trang chủ"), "/"), *_crumbs(), (_("Đổi mật khẩu"), "")]
    context = {"system": system, "back": _address(system), "breadcrumbs": crumbs}
    return render(request, "sso/new_secret.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def disable(request: HttpRequest, pk: str) -> HttpResponse:
    """Let nobody sign in to a system any more."""
    warning = _("Không ai đăng nhập được vào hệ thống này nữa, và mọi mã đã cấp hết giá trị ngay.")
    return _switch(request, pk, actions.disable, _("Ngừng kết nối"), warning)


@login_required
@require_http_methods(["GET", "POST"])
def enable(request: HttpRequest, pk: str) -> HttpResponse:
    """Let people sign in to a system again."""
    return _switch(request, pk, actions.enable, _("Kết nối lại"), "")


@never_cache
@login_required
@require_safe
def consents(request: HttpRequest) -> HttpResponse:
    """Which systems may know what about me."""
    account = _account(request)
    held = Consent.objects.filter(account=account).select_related("client__system__owner").order_by("-given_at")
    rows = [(each, [SCOPES[name].words for name in SCOPES if name in each.scopes]) for each in held]
    tended = Engineer.objects.filter(account=account, system__disabled_at=None).exists()
    context = {"rows": rows, "tended": tended, "breadcrumbs": [(_("Trang chủ"), "/"), (_("Hệ thống đã đồng ý"), "")]}
    return render(request, "sso/consents.html", context)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a consent of mine back."""
    account = _account(request)
    given = get_object_or_404(Consent.objects.select_related("client"), pk=pk, account=account)
    actions.withdraw(actor_of_request(request), account=account, given=given)
    messages.success(request, _("Đã rút. Hệ thống đó không biết thêm gì về bạn nữa."))
    return HttpResponseRedirect(reverse("sso:consents"))


def _switch(request: HttpRequest, pk: str, verb: Callable[..., System], title: str, warning: str) -> HttpResponse:
    actor, system = managed(request, pk)
    form = ReasonForm(request.POST or None)
    if sent(request, form, partial(verb, actor, system=system)):
        messages.success(request, _("Đã ghi."))
        return HttpResponseRedirect(_address(system))
    crumbs = [*_crumbs(), (system.client.name, _address(system))]
    return form_page(request, form, title=title, submit=title, back=_address(system), crumbs=crumbs, warning=warning)


def _secret_page(request: HttpRequest, system: System, secret: str) -> HttpResponse:
    context = {
        "system": system,
        "secret": secret,
        "back": _address(system),
        "breadcrumbs": [(_("Trang chủ"), "/"), *_crumbs(), (_("Mật khẩu của hệ thống"), "")],
    }
    return render(request, "sso/secret_shown.html", context)


def _manager(request: HttpRequest) -> Actor:
    actor = actor_of_request(request)
    actor.require_somewhere(actions.MANAGE, _("Bạn không có quyền quản lý hệ thống kết nối."))
    return actor


def managed(request: HttpRequest, pk: str) -> tuple[Actor, System]:
    """Who asks, and a system that they manage."""
    actor = _manager(request)
    system = System.objects.select_related("client", "owner").filter(pk=pk).first()
    if system is None:
        raise Http404
    actor.require(actions.MANAGE, system.owner.path)
    return actor, system


def _account(request: HttpRequest) -> Account:
    account = request.user
    assert isinstance(account, Account)
    return account


def _address(system: System) -> str:
    return reverse("sso:system", args=[system.pk])


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Hệ thống kết nối"), reverse("sso:systems"))]
