"""How often a password may be tried. Counted in the database, so every web process sees the same count.

Whoever guesses must not get through, and must not shut the owner out. So a try is counted by what the owner does not
share with a guesser (docs/engineers/signing-in.md, "Guessing"):

- from a browser that this account has signed in with before: by that browser alone. Nothing that is tried elsewhere,
  not even at the next desk behind the same address, closes this door;
- from any other browser: by account *and* address; by address, so that one machine cannot try many accounts; by
  account, so that many addresses cannot try one; and by the password itself, so that one password cannot be tried on
  many accounts from many addresses. Of the password sixteen bits of a keyed hash are kept for an hour, no more.

A passkey is never limited by these. Names without an account are counted like any other.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from hienluong.foundation.people.protected import blind_index

from . import limits
from .models import SignInAttempt

WINDOW = timedelta(minutes=15)
TRIES_PER_PAIR = 5
#: From a browser that the account knows.
TRIES_PER_BROWSER = 10
#: Wide, because a whole office or commune centre may share one address.
TRIES_PER_ADDRESS = 100
#: At one account from all unknown browsers together, in an hour.
TRIES_PER_ACCOUNT = 60
#: With one password at all accounts from all unknown browsers together, in an hour. Sixteen bits tell passwords apart, so
#: two may share a count; with a thousand wrong passwords an hour hardly any count goes above two.
TRIES_PER_PASSWORD = 30
_HOUR = 3600
KEEP = timedelta(days=30)
#: Says by which mark an account (by its name) knows the browser of a request; empty when it does not.
Knowing = Callable[[HttpRequest, str], str]
_knowing: list[Knowing] = []
#: Called with the name of an account when it is tried from so many places that strange browsers must wait.
attacked: list[Callable[[str], None]] = []


@dataclass(frozen=True)
class Refused:
    """Too many failures: how long until the oldest of them no longer counts."""

    wait: timedelta
    #: Whether others are to blame: a known browser, or a passkey, still gets in.
    by_others: bool = False

    @property
    def minutes(self) -> int:
        """Whole minutes to wait, at least one."""
        return max(1, -(-int(self.wait.total_seconds()) // 60))


@dataclass(frozen=True)
class Admitted:
    """This try may go on; it counts as failed until :func:`succeeded` is called."""

    attempt: SignInAttempt
    left: int
    #: What was counted in windows: what, who.
    counted: tuple[tuple[str, str], ...] = ()


def normal_username(username: str) -> str:
    """The spelling that counts: NFC, without spaces around it."""
    return unicodedata.normalize("NFC", username).strip()


def know_browsers_by(knowing: Knowing) -> None:
    """Let this say which browsers an account knows."""
    _knowing[:] = [knowing]


def admit_from(request: HttpRequest, username: str, password: str = "") -> Admitted | Refused:
    """Ask for one try from the browser of a request."""
    username = normal_username(username)
    browser = next((mark for knows in _knowing if (mark := knows(request, username))), "")
    return admit(username, str(request.META.get("REMOTE_ADDR", "")), browser=browser, password=password)


def admit(username: str, ip: str, *, browser: str = "", password: str = "") -> Admitted | Refused:
    """Ask for one try. Written before it is counted, so that parallel tries cannot slip past the limit together.

    `browser`: the mark of one that this account knows. `password`: what is tried, to notice one tried everywhere.
    """
    now = timezone.now()
    name = normal_username(username).casefold()
    where = f"b{browser}" if browser else network(ip)
    attempt = SignInAttempt.objects.create(
        pair=blind_index(f"{name.encode().hex()}x{where}"), address=blind_index(where), at=now
    )
    recent = SignInAttempt.objects.filter(failed=True, at__gt=now - WINDOW)
    most = TRIES_PER_BROWSER if browser else TRIES_PER_PAIR
    for same, limit in ((Q(pair=attempt.pair), most), (Q(address=attempt.address), TRIES_PER_ADDRESS)):
        failures = list(recent.filter(same).order_by("-at").values_list("at", flat=True)[: limit + 1])
        if len(failures) > limit:
            attempt.delete()  # a refused try must not make the wait longer
            return _refusal(failures, limit, now)
    counted = () if browser else _counted(name, password)
    for what, who in counted:
        number = limits.counted(what, who, seconds=_HOUR)
        limit = TRIES_PER_ACCOUNT if what == _ACCOUNT else TRIES_PER_PASSWORD
        if number > limit:
            attempt.delete()
            if what == _ACCOUNT and number == limit + 1:
                for tell in attacked:
                    tell(name)
            return Refused(wait=timedelta(seconds=_HOUR - int(now.timestamp()) % _HOUR), by_others=True)
    left = most - recent.filter(pair=attempt.pair).count()
    return Admitted(attempt, left=left, counted=counted)


_ACCOUNT, _PASSWORD = "signin.account", "signin.password"


def _counted(name: str, password: str) -> tuple[tuple[str, str], ...]:
    """What a try from a strange browser counts for beside its address."""
    found = [(_ACCOUNT, blind_index(name.encode().hex()))]
    if password:
        digest = hmac.new(settings.BLIND_INDEX_KEY.encode(), b"tried" + password.encode(), hashlib.sha256).digest()
        found.append((_PASSWORD, digest[:2].hex()))
    return tuple(found)


def succeeded(admitted: Admitted) -> None:
    """The password was right: this pair starts afresh, and the try counts for nothing."""
    SignInAttempt.objects.filter(pair=admitted.attempt.pair, failed=True).update(failed=False)
    for what, who in admitted.counted:
        limits.give_back(what, who, seconds=_HOUR)


def forget_old() -> int:
    """Delete tries that are of no more use; returns how many."""
    deleted, _ = SignInAttempt.objects.filter(at__lt=timezone.now() - KEEP).delete()
    return deleted


def _refusal(failures: list[datetime], limit: int, now: datetime) -> Refused:
    earlier = failures[1:]  # without the try that is being refused
    return Refused(wait=earlier[limit - 1] + WINDOW - now)


def network(ip: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 address: what one household or office holds."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped.packed.hex()
        return ipaddress.ip_network((address, 64), strict=False).network_address.packed.hex()
    return address.packed.hex()
