"""Who hears, in the same transaction, that a record went to another organisation: whoever keeps what waits there for an
answer about it (a capability does not know what that is)."""

from __future__ import annotations

from typing import Protocol

from hienluong.foundation.actions import Act

from .models import Record


class Follower(Protocol):
    """What a keeper hears of: the record, and the number of the change that took it elsewhere."""

    def __call__(self, act: Act, record: Record, change: int) -> None: ...


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Let `follower` hear of every move (called from ``ready()``)."""
    if follower not in _followers:
        _followers.append(follower)


def told(act: Act, record: Record, change: int) -> None:
    """Tell everybody that a record stands at another organisation for some of its time."""
    for follower in _followers:
        follower(act, record, change)
