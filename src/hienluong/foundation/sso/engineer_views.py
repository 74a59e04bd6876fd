"""The page of an agency's engineers: their systems, what a library needs to know, code that was run, their own keys."""

from __future__ import annotations

from functools import partial

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.identity.frame import ACCOUNT, actor_of_request, form_page, page_of, sent
from hienluong.foundation.identity.models import Account

from . import actions, engineers, samples
from .forms import EngineerForm, KeysForm
from .models import Engineer, System
from .registry_views import managed
from .scopes import SCOPES

_ENDPOINTS = (
    ("authorization_endpoint", "sso:authorize"),
    ("token_endpoint", "sso:token"),
    ("userinfo_endpoint", "sso:userinfo"),
    ("jwks_uri", "sso:jwks"),
    ("device_authorization_endpoint", "sso:device"),
    ("end_session_endpoint", "sso:logout"),
)


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The systems one looks after."""
    found = System.objects.filter(engineers__account=request.user.pk, disabled_at=None)
    context = {
        "page": page_of(request, found.select_related("client", "owner").order_by("client__name")),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Dành cho kỹ sư"), "")],
    }
    return render(request, "sso/engineer_systems.html", context)


@never_cache
@login_required
@require_safe
def one(request: HttpRequest, pk: str) -> HttpResponse:
    """One system: addresses, scopes, until when its proof is good, and code for what it is registered for."""
    system = _mine(request, pk)
    client = system.client
    context = {
        "system": system,
        "client": client,
        "issuer": settings.BASE_URL,
        "discovery": f"{settings.BASE_URL}{reverse('sso:configuration')}",
        "endpoints": [(name, f"{settings.BASE_URL}{reverse(view)}") for name, view in _ENDPOINTS],
        "scopes": [(name, scope.words) for name, scope in SCOPES.items() if name in client.get_scopes()],
        "grants": client.get_grant_types(),
        "samples": samples.of(client.get_grant_types()),
        "for_people": str(Client.GrantType.AUTHORIZATION_CODE) in client.get_grant_types(),
        "has_secret": system.proof in (System.Proof.BASIC, System.Proof.POST),
        "has_keys": system.proof == System.Proof.KEY,
        "breadcrumbs": [(_("Trang chủ"), "/"), *_crumbs(), (client.name, "")],
    }
    return render(request, "sso/engineer_system.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def new_secret(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask, then give one's system another password."""
    system = _mine(request, pk)
    back, crumbs = reverse("sso:engineer_system", args=[pk]), [(_("Trang chủ"), "/"), *_crumbs()]
    if request.method == "POST":
        secret = actions.new_secret(actor_of_request(request), system=system)
        context = {"system": system, "secret": secret, "back": back, "layout": ACCOUNT}
        return render(
            request, "sso/secret_shown.html", {**context, "breadcrumbs": [*crumbs, (_("Mật khẩu của hệ thống"), "")]}
        )
    context = {"system": system, "back": back, "layout": ACCOUNT}
    context["breadcrumbs"] = [*crumbs, (_("Đổi mật khẩu"), "")]
    return render(request, "sso/new_secret.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def new_keys(request: HttpRequest, pk: str) -> HttpResponse:
    """Give one's system other public keys."""
    system = _mine(request, pk)
    form = KeysForm(request.POST or None)
    back = reverse("sso:engineer_system", args=[pk])
    if sent(request, form, partial(actions.new_keys, actor_of_request(request), system=system)):
        messages.success(request, _("Đã đổi khóa."))
        return HttpResponseRedirect(back)
    crumbs = [*_crumbs(), (system.client.name, back)]
    title, submit = _("Đổi khóa công khai"), _("Đổi khóa")
    return form_page(request, form, title=title, submit=submit, back=back, crumbs=crumbs, layout=ACCOUNT)


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: str) -> HttpResponse:
    """Who manages a system lets somebody look after it."""
    actor, system = managed(request, pk)
    form = EngineerForm(request.POST or None)
    back = reverse("sso:system", args=[pk])
    if sent(request, form, partial(engineers.add, actor, system=system)):
        messages.success(request, _("Đã thêm kỹ sư."))
        return HttpResponseRedirect(back)
    crumbs = [(_("Hệ thống kết nối"), reverse("sso:systems")), (system.client.name, back)]
    return form_page(request, form, title=_("Thêm kỹ sư"), submit=_("Thêm"), back=back, crumbs=crumbs)


@login_required
@require_POST
def remove(request: HttpRequest, pk: str, account: int) -> HttpResponse:
    """Let somebody look after a system no more."""
    actor, system = managed(request, pk)
    engineers.remove(actor, system=system, account=get_object_or_404(Account, pk=account))
    messages.success(request, _("Đã bỏ."))
    return HttpResponseRedirect(reverse("sso:system", args=[pk]))


def _mine(request: HttpRequest, pk: str) -> System:
    """A system in use that one looks after; of others it is not said whether they are there."""
    found = Engineer.objects.filter(system=pk, account=request.user.pk, system__disabled_at=None)
    engineer = found.select_related("system__client", "system__owner").first()
    if engineer is None:
        raise Http404
    return engineer.system


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Dành cho kỹ sư"), reverse("sso:engineer"))]
