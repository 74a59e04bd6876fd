"""The page of one's own security: passkeys, the app for codes, recovery codes, sessions."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity.account_views import managed
from hienluong.foundation.identity.frame import ACCOUNT, actor_of_request, form_page
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.views import next_address

from . import actions, agents, browsers, factors, places, steps
from .forms import NewCodeForm, NewPasskeyForm, PasskeyNameForm, ReasonForm
from .models import KnownBrowser
from .proofs import is_ours

View = Callable[..., HttpResponseBase]


def confirmed_first(view: View) -> View:
    """Ask for a proof of who is there, unless one was given within ten minutes; then come back here."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if steps.confirmed(request):
            return view(request, *args, **kwargs)
        back = request.get_full_path() if request.method == "GET" else reverse("signin:security")
        return HttpResponseRedirect(f"{reverse('signin:confirm')}?{urlencode({'next': back})}")

    return wrapped


@never_cache
@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """How one's own account is entered, and from where it is just now."""
    account = _account(request)
    held = factors.factors_of(account)
    sessions = sorted(UserSession.objects.purge_and_list(account), key=lambda each: each.created_at, reverse=True)
    context = {
        "held": held,
        "needed": factors.needed_by(account) and not held.any,
        "may_have_codes": not factors.needed_by(account),
        "sessions": [
            (each, agents.described(each.user_agent), each.session_key == request.session.session_key)
            for each in sessions
        ],
        "sections": places.on_security,
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Bảo mật, thiết bị"), "")],
    }
    return render(request, "signin/security.html", context)


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Make a passkey on this device and keep it."""
    account = _account(request)
    form = NewPasskeyForm(request.POST or None, initial={"name": agents.described(_agent(request))})
    if request.method == "POST" and form.is_valid():
        credential = form.cleaned_data["credential"]
        if not is_ours(credential):
            form.add_error(None, _("Không tạo được khóa truy cập. Hãy thử lại."))
        else:
            name = form.cleaned_data["name"]
            actor = actor_of_request(request)
            if attempt(form, lambda: actions.add_passkey(actor, account=account, name=name, credential=credential)):
                return _added(request, account, _("Đã thêm khóa truy cập."))
    options = json.dumps(webauthn.begin_registration(account, True), cls=DjangoJSONEncoder)
    context = {"form": form, "options": options, "breadcrumbs": _crumbs(_("Thêm khóa truy cập"))}
    return render(request, "signin/add_passkey.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def rename_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a passkey something else."""
    account = _account(request)
    passkey = get_object_or_404(Authenticator, pk=pk, user=account, type=Authenticator.Type.WEBAUTHN)
    form = PasskeyNameForm(request.POST or None, initial={"name": passkey.wrap().name})
    if request.method == "POST" and form.is_valid():
        actor, name = actor_of_request(request), form.cleaned_data["name"]
        if attempt(form, lambda: actions.rename_passkey(actor, account=account, passkey=passkey, name=name)):
            return HttpResponseRedirect(reverse("signin:security"))
    crumbs = [(_("Bảo mật, thiết bị"), reverse("signin:security"))]
    title, back = _("Đổi tên khóa truy cập"), reverse("signin:security")
    return form_page(request, form, title=title, submit=_("Lưu"), back=back, crumbs=crumbs, layout=ACCOUNT)


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a factor away."""
    account = _account(request)
    factor = get_object_or_404(Authenticator, pk=pk, user=account, type__in=factors.STRONG)
    if request.method == "POST":
        here = request.session.session_key or ""
        actions.remove_factor(actor_of_request(request), account=account, factor=factor, here=here)
        messages.success(request, _("Đã bỏ. Lần sau không đăng nhập bằng cách này được nữa."))
        return HttpResponseRedirect(reverse("signin:security"))
    name = factor.wrap().name if factor.type == Authenticator.Type.WEBAUTHN else _("Ứng dụng tạo mã")
    return render(
        request, "signin/remove.html", {"name": name, "breadcrumbs": _crumbs(_("Bỏ “%(name)s”") % {"name": name})}
    )


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def use_codes_app(request: HttpRequest) -> HttpResponse:
    """Connect an app that makes codes: scan, then type the first code."""
    account = _account(request)
    if factors.factors_of(account).codes_app:
        return HttpResponseRedirect(reverse("signin:security"))
    form = NewCodeForm(request.POST or None)
    secret = totp.get_totp_secret()
    if request.method == "POST" and form.is_valid():
        if not totp.validate_totp_code(secret, form.cleaned_data["code"]):
            form.add_error("code", _("Mã không đúng. Kiểm tra giờ của điện thoại, rồi nhập mã đang hiện."))
        elif attempt(form, lambda: actions.use_codes_app(actor_of_request(request), account=account, secret=secret)):
            totp.clear_totp_secret(request)
            return _added(request, account, _("Đã bật mã từ ứng dụng."))
    context = {
        "form": form,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "address": get_adapter().build_totp_url(account, secret),
        "breadcrumbs": _crumbs(_("Ứng dụng tạo mã")),
    }
    return render(request, "signin/codes_app.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes; they are shown once."""
    account = _account(request)
    frame = {"then": next_address(request, reverse("signin:security")), "breadcrumbs": _crumbs(_("Mã dự phòng"))}
    if request.method == "POST":
        codes = actions.new_recovery_codes(actor_of_request(request), account=account)
        return render(request, "signin/recovery_codes_shown.html", {"codes": codes, **frame})
    held = factors.factors_of(account)
    context = {"held": held, "may_make": held.any or not factors.needed_by(account), **frame}
    return render(request, "signin/recovery_codes.html", context)


@login_required
@confirmed_first
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one of one's sessions out."""
    account = _account(request)
    session = get_object_or_404(UserSession, pk=pk, user=account)
    actions.end_session(actor_of_request(request), account=account, session=session)
    messages.success(request, _("Đã đăng xuất phiên đó."))
    return HttpResponseRedirect(reverse("signin:security"))


@login_required
@confirmed_first
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign all one's other sessions out."""
    key = request.session.session_key or ""
    actions.end_other_sessions(actor_of_request(request), account=_account(request), but=key)
    messages.success(request, _("Đã đăng xuất mọi phiên khác."))
    return HttpResponseRedirect(reverse("signin:security"))


@never_cache
@login_required
@require_safe
def new_browser(request: HttpRequest, pk: int) -> HttpResponse:
    """A sign-in from a browser that was new: when, with what, from where; was it you?"""
    browser = get_object_or_404(KnownBrowser.objects.select_related("account"), pk=pk, account=_account(request))
    return _about_browser(request, browser, "signin/new_browser.html", _("Đăng nhập từ một thiết bị mới"))


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def disown_browser(request: HttpRequest, pk: int) -> HttpResponse:
    """It was not me: sign everybody else out, then choose another password."""
    account = _account(request)
    browser = get_object_or_404(KnownBrowser.objects.select_related("account"), pk=pk, account=account)
    if request.method == "POST":
        here = request.session.session_key or ""
        actions.disown_browser(actor_of_request(request), account=account, browser=browser, here=here)
        messages.success(request, _("Đã đăng xuất mọi phiên khác và quên thiết bị đó."))
        if not account.has_usable_password():
            return HttpResponseRedirect(reverse("signin:security"))
        messages.warning(request, _("Người lạ có thể biết mật khẩu của bạn: hãy đổi ngay."))
        return HttpResponseRedirect(reverse("identity:change_password"))
    return _about_browser(request, browser, "signin/disown_browser.html", _("Không phải tôi"))


def _about_browser(request: HttpRequest, browser: KnownBrowser, template: str, title: str) -> HttpResponse:
    facts: list[dict[str, Any]] = [
        {"key": _("Thiết bị"), "value": agents.described(browser.agent)},
        {"key": _("Lúc"), "value": timezone.localtime(browser.first_at).strftime("%H:%M %d/%m/%Y")},
        {"key": _("Từ"), "value": actions.where(browser)},
    ]
    here = browsers.mark_of(request) == browser.mark
    context = {"browser": browser, "facts": facts, "here": here, "title": title, "breadcrumbs": _crumbs(title)}
    return render(request, template, context)


@login_required
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """An administrator takes away all factors of somebody who lost them."""
    actor, account = managed(request, pk)
    form = ReasonForm(request.POST or None)
    back = reverse("identity:account", args=[account.pk])
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: [actions.reset_factors(actor, account=account, reason=reason)]):
            messages.success(request, _("Đã ghi."))
            return HttpResponseRedirect(back)
    return form_page(
        request,
        form,
        title=_("Đặt lại yếu tố xác thực của %(name)s") % {"name": account},
        submit=_("Đặt lại"),
        button="warning",
        back=back,
        crumbs=[(_("Tài khoản"), reverse("identity:accounts")), (account.username, back)],
        warning=_(
            "Chỉ làm khi đã gặp trực tiếp và đối chiếu giấy tờ. Mọi khóa, ứng dụng và mã dự phòng bị bỏ, mọi phiên bị đăng xuất."
        ),
    )


def _added(request: HttpRequest, account: Account, words: str) -> HttpResponse:
    """After the first factor on to the recovery codes, for the day when it is lost."""
    messages.success(request, words)
    then = next_address(request, "")
    if factors.factors_of(account).recovery:
        return HttpResponseRedirect(then or reverse("signin:security"))
    query = f"?{urlencode({'next': then})}" if then else ""
    return HttpResponseRedirect(reverse("signin:recovery_codes") + query)


def _account(request: HttpRequest) -> Account:
    account = request.user
    assert isinstance(account, Account)
    return account


def _agent(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_USER_AGENT", ""))


def _crumbs(last: str) -> list[tuple[str, str]]:
    return [(_("Trang chủ"), "/"), (_("Bảo mật, thiết bị"), reverse("signin:security")), (last, "")]
