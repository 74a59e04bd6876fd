"""Signing in with a passkey, the second step, and proving once more who is there."""

from __future__ import annotations

import json

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.identity import entering
from hienluong.foundation.identity.forms import SignInForm
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.views import next_address

from . import checks, factors, places, steps
from .forms import CodeForm, CredentialForm, PasswordAgainForm


@never_cache
@require_safe
def passkey_options(request: HttpRequest) -> HttpResponse:
    """The challenge for signing in with a passkey, without saying as whom."""
    return JsonResponse(webauthn.begin_authentication(None))


@never_cache
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: the device has verified its user, so it is two factors in one."""
    address = next_address(request, settings.LOGIN_REDIRECT_URL)
    if request.user.is_authenticated:
        return HttpResponseRedirect(address)
    form = CredentialForm(request.POST)
    account = checks.by_passkey(request, form, None)
    if account is None:
        asked = SignInForm()
        fault = next(iter([*form.non_field_errors(), *form.errors.get("credential", ())]), "")
        context = {
            "form": asked,
            "fault": fault,
            "next": next_address(request, ""),
            "ways": entering.ways,
            "below": entering.below,
        }
        return render(request, "identity/sign_in.html", context, status=422)
    answer: HttpResponse = perform_login(
        request, Login(user=account, redirect_url=entering.beginning(account, address))
    )
    return answer


@never_cache
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """After the password: a passkey, a code of the app, or a recovery code."""
    stage = request._login_stage  # type: ignore[attr-defined]  # set by the decorator
    account: Account = stage.login.user
    held = factors.factors_of(account)
    if request.method == "POST" and "stop" in request.POST:
        return stage.abort()  # type: ignore[no-any-return]
    by_key = request.method == "POST" and "credential" in request.POST
    code = CodeForm(request.POST if request.method == "POST" and not by_key else None)
    key = CredentialForm(request.POST if by_key else None)
    if by_key and checks.by_passkey(request, key, account):
        return stage.exit()  # type: ignore[no-any-return]
    if request.method == "POST" and not by_key and checks.by_code(request, code, account):
        return stage.exit()  # type: ignore[no-any-return]
    context = {"code": code, "key": key, "held": held, **_challenge(account, held)}
    return render(request, "signin/second_step.html", context, status=_status(request))


@sensitive_post_parameters("password")
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove once more who is there, before what changes how the account is entered."""
    account = request.user
    assert isinstance(account, Account)
    held = factors.factors_of(account)
    address = next_address(request, reverse("signin:security"))
    key = CredentialForm(request.POST if "credential" in request.POST else None)
    code = CodeForm(request.POST if "code" in request.POST else None)
    password = PasswordAgainForm(request.POST if "password" in request.POST else None)
    if request.method == "POST":
        if key.is_bound and checks.by_passkey(request, key, account, again=True):
            return _proved(request, address)
        if code.is_bound and checks.by_code(request, code, account, again=True):
            return _proved(request, address)
        if password.is_bound and checks.by_password_again(request, password, account, held):
            return _proved(request, address)
    context = {
        "key": key,
        "code": code,
        "password": password,
        "held": held,
        "password_confirms": held.password_confirms(account),
        "next": next_address(request, ""),
        "other_ways": places.on_confirm,
        **_challenge(account, held),
    }
    return render(request, "signin/confirm.html", context, status=_status(request))


def _proved(request: HttpRequest, address: str) -> HttpResponse:
    steps.proved_again(request)
    return HttpResponseRedirect(address)


def _challenge(account: Account, held: factors.Factors) -> dict[str, str]:
    """What the browser signs with a passkey of this account; asked anew for each page."""
    if not held.passkeys:
        return {}
    return {"options": json.dumps(webauthn.begin_authentication(account), cls=DjangoJSONEncoder)}


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200
