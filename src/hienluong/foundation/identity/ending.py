"""What ends with a password or an account: the sessions, which an app above keeps."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from hienluong.foundation.actions import Act

from .models import Account

#: Ends the sessions of an account but the one with this key (empty: all), in the transaction of the action, and says why.
Ending = Callable[[Act, Account, str, str], None]
#: Follows a session whose key was changed: the request, the key before.
Following = Callable[[HttpRequest, str], None]
_endings: list[Ending] = []
_followings: list[Following] = []


def end_with(ending: Ending, following: Following) -> None:
    """Let these keep the sessions of accounts."""
    _endings[:] = [ending]
    _followings[:] = [following]


def end_sessions(act: Act, account: Account, *, why: str, but: str = "") -> None:
    """End the sessions of an account and all that systems were granted in its name; what is there of the session with
    the key `but` stays.

    `why` is ``closed`` (the account), ``reset`` or ``changed`` (the password), ``first`` (the first way in was set) or
    ``factor`` (a way in was taken away).
    """
    for ending in _endings:
        ending(act, account, but, why)


def key_changed(request: HttpRequest, before: str) -> None:
    """A session goes on under another key."""
    for following in _followings:
        following(request, before)
