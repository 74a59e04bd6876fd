"""Browsers that an account knows, by a cookie of ours; what is new is told to its owner, who may say: not me."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.people.protected import blind_index

from . import actions
from .models import KEEP, KnownBrowser

COOKIE = "hl_browser"
_YEAR = 365 * 24 * 3600


def mark_of(request: HttpRequest) -> str:
    """The mark of the browser of a request: a keyed hash of its cookie; empty when it has none."""
    held = request.COOKIES.get(COOKIE, "")
    return blind_index(held.encode().hex()) if 20 <= len(held) <= 64 else ""


def known(request: HttpRequest, username: str) -> str:
    """The mark of this browser when the account with this name has signed in with it within a year; else empty."""
    mark = mark_of(request)
    if not mark:
        return ""
    held = KnownBrowser.objects.filter(account__username=username, mark=mark, last_at__gt=timezone.now() - KEEP)
    return mark if held.exists() else ""


def remember(request: HttpRequest, account: Account, response: HttpResponse) -> None:
    """Know this browser again; when the account has others and this is not one of them, tell its owner."""
    mark = mark_of(request)
    held = KnownBrowser.objects.filter(account=account)
    if mark and held.filter(mark=mark).update(last_at=timezone.now()):
        return
    if not mark:
        value = secrets.token_urlsafe(24)
        mark = blind_index(value.encode().hex())
        secure = bool(settings.SESSION_COOKIE_SECURE)
        response.set_cookie(COOKIE, value, max_age=_YEAR, httponly=True, samesite="Lax", secure=secure)
    ip = str(request.META.get("REMOTE_ADDR", ""))
    agent = str(request.META.get("HTTP_USER_AGENT", ""))
    actions.remember_browser(actor_of(account, ip=ip), account=account, mark=mark, agent=agent, ip=ip)
