"""What follows a right password: being signed in, or a second step first that an app above asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from . import actions
from .models import Account
from .queries import actor_of, purpose_of

LANGUAGE_COOKIE = "hl_language"
THEME_COOKIE = "hl_theme"
_YEAR = 365 * 24 * 3600
#: Takes a request whose password was right, its account and the address to go to.
Follow = Callable[[HttpRequest, Account, str], HttpResponse]
_follow: list[Follow] = []
#: Templates of other ways to sign in, shown above the form for name and password; and what is offered below it.
ways: list[str] = []
below: list[str] = []
#: Whether an account was merged into another: takes an account, gives the one that is kept, or None.
Lead = Callable[[Account], Account | None]
_leads: list[Lead] = []


def lead_with(lead: Lead) -> None:
    """Let this decide which account an old sign-in leads to."""
    _leads[:] = [lead]


def lead(account: Account) -> Account:
    """The account that signing in to this one opens: itself, or the one it was merged into."""
    return (_leads[0](account) if _leads else None) or account


def follow_with(follow: Follow) -> None:
    """Let this decide what comes after a right password, instead of being signed in at once."""
    _follow[:] = [follow]


def beginning(account: Account, wanted: str) -> str:
    """Where an account begins: where it `wanted` to, else an official in office at the work, everybody else at the portal."""
    if wanted not in ("", settings.LOGIN_REDIRECT_URL):
        return wanted
    in_office = account.official_id is not None and bool(actor_of(account).grants)
    return settings.OFFICIALS_BEGIN_AT if in_office else settings.LOGIN_REDIRECT_URL


def after_password(request: HttpRequest, account: Account, address: str) -> HttpResponse:
    """The answer to a right password."""
    account = lead(account)
    if _follow:
        return _follow[0](request, account, address)
    signed_in(request, account, way="password")
    return arrived(account, address)


def signed_in(request: HttpRequest, account: Account, *, way: str) -> None:
    """Sign the account in, and write down in which way."""
    ip, request_id = str(request.META.get("REMOTE_ADDR", "")), getattr(request, "request_id", "")
    who = actor_of(account, ip=ip, request_id=request_id).with_purpose(purpose_of(request))
    actions.sign_in(who, account=account, way=way)
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")


def arrived(account: Account, address: str) -> HttpResponseRedirect:
    """Go there with the account's choices, which win over what the browser had; who chose nothing leaves it."""
    response = HttpResponseRedirect(address)
    if account.language != "vi":
        keep_choice(response, LANGUAGE_COOKIE, account.language)
    if account.theme != "auto":
        keep_choice(response, THEME_COOKIE, account.theme)
    return response


def keep_choice(response: HttpResponse, name: str, value: str) -> None:
    """Keep a choice in this browser for a year."""
    response.set_cookie(name, value, max_age=_YEAR, samesite="Lax", secure=bool(settings.SESSION_COOKIE_SECURE))
