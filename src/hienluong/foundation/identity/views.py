"""Signing in and out, and the two choices everybody has: language and theme."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from hienluong.foundation.actions.forms import attempt

from . import entering, kept, passwords, throttle
from .actions import set_preferences, sign_out
from .entering import LANGUAGE_COOKIE, THEME_COOKIE
from .forms import SignInForm
from .models import Account


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Sign in by password."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_address(request, settings.LOGIN_REDIRECT_URL))
    form = SignInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _sign_in_page(request, form, status=200 if request.method == "GET" else 422)
    typed = form.cleaned_data
    admission = throttle.admit_from(request, typed["username"], typed["password"])
    if isinstance(admission, throttle.Refused):
        return _refused(request, form, admission)
    account = authenticate(request, username=typed["username"], password=typed["password"])
    if not isinstance(account, Account):
        form.add_error(None, _wrong(admission.left))
        return _sign_in_page(request, form, status=422)
    throttle.succeeded(admission)
    if attempt(form, lambda: passwords.in_time(account)) is None:
        return _sign_in_page(request, form, status=422)
    return entering.after_password(request, account, entering.beginning(account, next_address(request, "")))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out, and leave nothing of the person's choices on a shared machine."""
    if isinstance(request.user, Account):
        sign_out(request.actor, account=request.user)  # type: ignore[attr-defined]
    logout(request)
    response = HttpResponseRedirect(resolve_url(settings.LOGOUT_REDIRECT_URL or "/"))
    for cookie in (LANGUAGE_COOKIE, THEME_COOKIE):
        response.delete_cookie(cookie, samesite="Lax")
    kept.forget(response)
    return response


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Vietnamese or English, for this browser and, when signed in, for the account."""
    return _choose(request, "language", LANGUAGE_COOKIE, ("vi", "en"))


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device says."""
    return _choose(request, "theme", THEME_COOKIE, ("auto", "light", "dark"))


def _choose(request: HttpRequest, preference: str, cookie: str, known: tuple[str, ...]) -> HttpResponse:
    value = request.POST.get(preference, "")
    response = HttpResponseRedirect(next_address(request, "/"))
    if value not in known:
        return response
    if isinstance(request.user, Account) and getattr(request.user, preference) != value:
        set_preferences(request.actor, account=request.user, **{preference: value})  # type: ignore[attr-defined]
    entering.keep_choice(response, cookie, value)
    return response


def _sign_in_page(request: HttpRequest, form: SignInForm, *, status: int) -> HttpResponse:
    context = {"form": form, "next": next_address(request, ""), "ways": entering.ways, "below": entering.below}
    return render(request, "identity/sign_in.html", context, status=status)


def _refused(request: HttpRequest, form: SignInForm, refusal: throttle.Refused) -> HttpResponse:
    form.add_error(None, wait_words(refusal))
    response = _sign_in_page(request, form, status=429)
    response["Retry-After"] = str(int(refusal.wait.total_seconds()) + 1)
    return response


def wait_words(refusal: throttle.Refused) -> str:
    """How long to wait, and what can be done meanwhile."""
    text = ngettext(
        "Đã nhập sai nhiều lần. Hãy chờ %(count)d phút rồi thử lại.",
        "Đã nhập sai nhiều lần. Hãy chờ %(count)d phút rồi thử lại.",
        refusal.minutes,
    ) % {"count": refusal.minutes}
    if not refusal.by_others:
        return text
    return (
        _(
            "Có người đang dò mật khẩu từ nhiều nơi nên trình duyệt lạ phải chờ. Hãy dùng khóa truy cập, hoặc trình duyệt bạn từng đăng nhập."
        )
        + " "
        + text
    )


def _wrong(left: int) -> str:
    wrong = _("Tên đăng nhập hoặc mật khẩu không đúng.")
    if left > 2:
        return wrong
    if left == 0:
        return wrong + " " + _("Lần sau phải chờ một lúc mới thử lại được.")
    more = ngettext("Còn %(count)d lần thử.", "Còn %(count)d lần thử.", left)
    return wrong + " " + more % {"count": left}


def next_address(request: HttpRequest, otherwise: str) -> str:
    """Where to go next: an address of this site only."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return otherwise
