"""Where a person types the code of a counter or kiosk, sees what would be signed in, and says yes or no.

A link or a QR code fills the code in and does nothing else: who was sent one by a stranger still has to say, beside the
code, that they stand before the device (RFC 8628, 5.4).
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import limits
from hienluong.foundation.identity.frame import actor_of_request
from hienluong.foundation.identity.models import Account
from hienluong.ui import asked

from . import device_actions, devices, levels
from .forms import BesideDeviceForm, DeviceCodeForm
from .models import DeviceRequest
from .scopes import SCOPES

#: Codes one account, and all of one address, may try in ten minutes: of 20^8 codes none is found by trying.
TRIES, TRIES_OF_ADDRESS, WINDOW = 10, 100, 600
#: Where the session keeps the code that was typed, and since when a better proof is asked for.
_KEY = "sso_device"


@never_cache
@xframe_options_deny
@login_required
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the code on the device."""
    if request.method == "GET":
        given = asked.text(request, "ma", 20)
        return _code_page(request, DeviceCodeForm(initial={"code": devices.tidy(given) if given else ""}))
    form = DeviceCodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, form)
    if _tried_too_often(request):
        form.add_error("code", _("Đã thử nhiều mã. Hãy chờ 10 phút rồi thử lại."))
        return _code_page(request, form, status=429)
    if devices.waiting(form.cleaned_data["code"]) is None:
        form.add_error("code", _("Không có thiết bị nào đang chờ mã này. Hãy xem lại, hoặc lấy mã mới trên thiết bị."))
        return _code_page(request, form)
    request.session[_KEY] = {"code": devices.tidy(form.cleaned_data["code"])}
    return HttpResponseRedirect(reverse("sso:device_confirm"))


@never_cache
@xframe_options_deny
@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Show what would be signed in, and take the answer."""
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    device = devices.waiting(str(kept.get("code", "")))
    if device is None:
        return HttpResponseRedirect(reverse("sso:device_code"))
    allow = request.POST.get("decision") == "allow"
    if request.method == "POST" and not allow:
        return _answered(request, BesideDeviceForm(request.POST), device, allow=False)
    shown = levels.shown(request)
    if shown.level < device.client.system.level:
        if shown.at >= int(kept.get("asked", time.time() + 1)):
            return _page(request, device, BesideDeviceForm(), weak=True)
        request.session[_KEY] = {**kept, "asked": int(time.time())}
        return HttpResponseRedirect(f"{reverse('signin:confirm')}?{urlencode({'next': request.path})}")
    form = BesideDeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _answered(request, form, device, allow=True)
    return _page(request, device, form)


def _answered(request: HttpRequest, form: BesideDeviceForm, device: DeviceRequest, *, allow: bool) -> HttpResponse:
    account = request.user
    assert isinstance(account, Account)
    shown = levels.shown(request).claims()
    actor = actor_of_request(request)
    form.is_valid()
    if (
        attempt(form, lambda: device_actions.answer(actor, account=account, device=device, allow=allow, shown=shown))
        is None
    ):
        return _page(request, device, form)
    request.session.pop(_KEY, None)
    return render(request, "sso/device_done.html", {"client": device.client, "allowed": allow})


def _page(request: HttpRequest, device: DeviceRequest, form: BesideDeviceForm, *, weak: bool = False) -> HttpResponse:
    context = {
        "device": device,
        "client": device.client,
        "system": device.client.system,
        "code": request.session[_KEY]["code"],
        "form": form,
        "weak": weak,
        "asked": [SCOPES[name].words for name in SCOPES if name in device.scopes],
    }
    return render(request, "sso/device_confirm.html", context, status=422 if form.errors else 200)


def _code_page(request: HttpRequest, form: DeviceCodeForm, status: int = 0) -> HttpResponse:
    return render(request, "sso/device.html", {"form": form}, status=status or (422 if form.errors else 200))


def _tried_too_often(request: HttpRequest) -> bool:
    by_account = limits.too_many("sso.user_code", f"a{request.user.pk}", limit=TRIES, seconds=WINDOW)
    address = str(request.META.get("REMOTE_ADDR", ""))
    return limits.too_many("sso.user_code", address, limit=TRIES_OF_ADDRESS, seconds=WINDOW) or by_account
