"""From a right password, or a passkey, to being signed in."""

from __future__ import annotations

import secrets
import time

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows import login as flows
from allauth.account.models import Login
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from hienluong.foundation.identity import entering
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.people.protected import blind_index

from . import actions
from .models import KnownBrowser

COOKIE = "hl_browser"
_YEAR = 365 * 24 * 3600
#: How long ago, at most, somebody proved who they are, for what changes how the account is entered. In seconds.
RECENT = 10 * 60


def after_password(request: HttpRequest, account: Account, address: str) -> HttpResponse:
    """To the second step, when the account has one; else signed in."""
    login = Login(user=account, redirect_url=address)
    answer: HttpResponse = flows.perform_password_login(request, {"username": account.username}, login)
    return answer


def signed_in(request: HttpRequest, account: Account) -> None:
    """The last step: the session is the account's, and stands in the list of its sessions."""
    records = get_authentication_records(request, account)
    way = " ".join(str(record.get("type") or record["method"]) for record in records) or "password"
    entering.signed_in(request, account, way=way)
    UserSession.objects.create_from_request(request)


def remember_browser(request: HttpRequest, account: Account, response: HttpResponse) -> None:
    """Know this browser again; when the account has others and this is not one of them, tell its owner."""
    held = request.COOKIES.get(COOKIE, "")
    mark = blind_index(held.encode().hex()) if 20 <= len(held) <= 64 else ""
    known = KnownBrowser.objects.filter(account=account)
    if mark and known.filter(mark=mark).update(last_at=timezone.now()):
        return
    if not mark:
        held = secrets.token_urlsafe(24)
        mark = blind_index(held.encode().hex())
        secure = bool(settings.SESSION_COOKIE_SECURE)
        response.set_cookie(COOKIE, held, max_age=_YEAR, httponly=True, samesite="Lax", secure=secure)
    ip = str(request.META.get("REMOTE_ADDR", ""))
    agent = str(request.META.get("HTTP_USER_AGENT", ""))
    actions.remember_browser(actor_of(account, ip=ip), account=account, mark=mark, agent=agent)


def confirmed(request: HttpRequest) -> bool:
    """Whether the person proved within the last ten minutes who they are."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - float(records[-1]["at"]) < RECENT
