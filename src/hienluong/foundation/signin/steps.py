"""From a right password, or a passkey, to being signed in."""

from __future__ import annotations

import time
from dataclasses import dataclass

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows import login as flows
from allauth.account.models import Login
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from hienluong.foundation.identity import entering
from hienluong.foundation.identity.models import Account

from .sessions import session_renamed

#: How long ago, at most, somebody proved who they are, for what changes how the account is entered. In seconds.
RECENT = 10 * 60
#: Where a session keeps when it was opened, and when it was last in use.
_OPENED, _SEEN = "signin_opened", "signin_seen"


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
    request.session[_OPENED] = int(time.time())
    seen(request)
    UserSession.objects.create_from_request(request)


@dataclass(frozen=True)
class Age:
    """How long ago a session was opened and last seen, in seconds."""

    open: float
    unseen: float

    @property
    def is_over(self) -> bool:
        """Whether its owner must sign in again."""
        return self.open > settings.SESSION_LASTS or self.unseen > settings.SESSION_IDLE


def age_of(request: HttpRequest) -> Age | None:
    """The age of the session of this request; ``None`` when no sign-in opened it."""
    opened, last = request.session.get(_OPENED), request.session.get(_SEEN)
    if not isinstance(opened, int) or not isinstance(last, int):
        return None
    now = time.time()
    return Age(now - opened, now - last)


def seen(request: HttpRequest) -> None:
    """Write down that a session is in use."""
    request.session[_SEEN] = int(time.time())


def follow_key(request: HttpRequest, before: str) -> None:
    """The list of sessions, and whoever carried this one on, follow it to its other key."""
    now = request.session.session_key or ""
    if before and now != before:
        UserSession.objects.filter(session_key=before).update(session_key=now)
        session_renamed.send(sender=UserSession, before=before, session_key=now)


def proved_again(request: HttpRequest) -> None:
    """After a proof the session goes on under another key: what was read of it before is worth nothing."""
    before = request.session.session_key or ""
    request.session.cycle_key()
    follow_key(request, before)


def confirmed(request: HttpRequest) -> bool:
    """Whether the person proved within the last ten minutes who they are."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - float(records[-1]["at"]) < RECENT
