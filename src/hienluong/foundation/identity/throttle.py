"""How often a password may be tried. Counted in the database, so every web process sees the same count.

The limit is per account *and* address: a stranger who guesses at somebody's account closes the door for themself,
not for the owner at another address. A wider limit per address stops one machine from trying many accounts.
"""

from __future__ import annotations

import ipaddress
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from hienluong.foundation.people.protected import blind_index

from .models import SignInAttempt

WINDOW = timedelta(minutes=15)
TRIES_PER_PAIR = 5
#: Wide, because a whole office or commune centre may share one address.
TRIES_PER_ADDRESS = 100
KEEP = timedelta(days=30)


@dataclass(frozen=True)
class Refused:
    """Too many failures: how long until the oldest of them no longer counts."""

    wait: timedelta

    @property
    def minutes(self) -> int:
        """Whole minutes to wait, at least one."""
        return max(1, -(-int(self.wait.total_seconds()) // 60))


@dataclass(frozen=True)
class Admitted:
    """This try may go on; it counts as failed until :func:`succeeded` is called."""

    attempt: SignInAttempt
    left: int


def normal_username(username: str) -> str:
    """The spelling that counts: NFC, without spaces around it."""
    return unicodedata.normalize("NFC", username).strip()


def admit(username: str, ip: str) -> Admitted | Refused:
    """Ask for one try. Written before it is counted, so that parallel tries cannot slip past the limit together."""
    now = timezone.now()
    where = _network(ip)
    attempt = SignInAttempt.objects.create(
        pair=blind_index(f"{normal_username(username).casefold().encode().hex()}x{where}"),
        address=blind_index(where),
        at=now,
    )
    recent = SignInAttempt.objects.filter(failed=True, at__gt=now - WINDOW)
    for same, limit in ((Q(pair=attempt.pair), TRIES_PER_PAIR), (Q(address=attempt.address), TRIES_PER_ADDRESS)):
        failures = list(recent.filter(same).order_by("-at").values_list("at", flat=True)[: limit + 1])
        if len(failures) > limit:
            attempt.delete()  # a refused try must not make the wait longer
            return _refusal(failures, limit, now)
    return Admitted(attempt, left=TRIES_PER_PAIR - recent.filter(pair=attempt.pair).count())


def succeeded(admitted: Admitted) -> None:
    """The password was right: this pair starts afresh."""
    SignInAttempt.objects.filter(pair=admitted.attempt.pair).update(failed=False)


def forget_old() -> int:
    """Delete tries that are of no more use; returns how many."""
    deleted, _ = SignInAttempt.objects.filter(at__lt=timezone.now() - KEEP).delete()
    return deleted


def _refusal(failures: list[datetime], limit: int, now: datetime) -> Refused:
    earlier = failures[1:]  # without the try that is being refused
    return Refused(wait=earlier[limit - 1] + WINDOW - now)


def _network(ip: str) -> str:
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
