"""How long accounts that nobody uses, and traces of signing in, are kept. The times are settings of the installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from hienluong.foundation.actions import system
from hienluong.foundation.identity.models import Account
from hienluong.foundation.signin.models import KnownBrowser

from . import closing
from .models import Closure

#: Accounts whose closing begins in one night; the rest follow in the next.
MOST_A_NIGHT = 500
WHO = system("Đóng tài khoản lâu không dùng")


@dataclass(frozen=True)
class Line:
    """One thing with a time: what, how many days it is kept (0: for ever), how much of it is due now."""

    what: str
    days: int
    due: int


def unused() -> QuerySet[Account]:
    """Accounts of people (not of officials) that nobody signed in to for longer than the setting; none when it is 0."""
    days = settings.UNUSED_ACCOUNT_DAYS
    if not days:
        return Account.objects.none()
    before = timezone.now() - timedelta(days=days)
    used = Coalesce(F("last_login"), F("created_at"))
    waiting = Closure.objects.filter(taken_back_at=None, done_at=None).values("account_id")
    idle = Account.objects.annotate(used=used).filter(used__lt=before, is_active=True, official=None)
    return idle.filter(role_grants=None).exclude(pk__in=waiting).order_by("used", "pk")


def begin_closing() -> int:
    """Begin to close what is unused; returns how many."""
    return sum(closing.close_unused(WHO, account=account) is not None for account in unused()[:MOST_A_NIGHT])


def keep_those_used() -> int:
    """Whoever signed in since their unused account began to close keeps it; returns how many."""
    waiting = Closure.objects.filter(why=Closure.Why.UNUSED, taken_back_at=None, done_at=None)
    came_back = list(waiting.filter(account__last_login__gt=F("asked_at")))
    for closure in came_back:
        closing.keep_used(WHO, closure=closure)
    return len(came_back)


def old_traces() -> tuple[QuerySet[KnownBrowser], QuerySet[UserSession]]:
    """Browsers and sessions that were last seen longer ago than the setting."""
    before = timezone.now() - timedelta(days=settings.SIGN_IN_TRACE_DAYS)
    return KnownBrowser.objects.filter(last_at__lt=before), UserSession.objects.filter(last_seen_at__lt=before)


def forget_traces() -> int:
    """Delete them; returns how many. The audit log keeps that somebody signed in: it is never shortened."""
    return sum(found.delete()[0] for found in old_traces())


def lines() -> list[Line]:
    """What ``hienluong retention`` says of accounts."""
    browsers, sessions = old_traces()
    return [
        Line("accounts", settings.UNUSED_ACCOUNT_DAYS, unused().count()),
        Line("traces", settings.SIGN_IN_TRACE_DAYS, browsers.count() + sessions.count()),
    ]
