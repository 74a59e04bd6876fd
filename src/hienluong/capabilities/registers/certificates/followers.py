"""Who hears of a certificate's acts in their own transaction: whoever keeps its papers (a capability does not sign)."""

from __future__ import annotations

from typing import Protocol

from django.utils import timezone

from hienluong.foundation.actions import Act

from ..models import CertificateAct, Change, Record


class Follower(Protocol):
    """What a keeper of papers hears of: the record whose certificate changed; all of its acts are there to be read."""

    def __call__(self, act: Act, record: Record) -> None: ...


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Let `follower` hear of every act (called from ``ready()``)."""
    if follower not in _followers:
        _followers.append(follower)


def told(act: Act, record: Record) -> None:
    """Tell everybody that the certificate of a record changed."""
    for follower in _followers:
        follower(act, record)


def undone(act: Act, change: Change) -> None:
    """A change was taken back; if it was an act of a certificate, that act is undone."""
    if CertificateAct.objects.filter(change=change).update(undone_at=timezone.now()):
        told(act, change.record)


def ended(act: Act, record: Record, *, is_void: bool) -> None:
    """A record ended; when it should never have been there, nor should what was done with its certificate."""
    acts = CertificateAct.objects.filter(record=record, undone_at=None)
    if is_void:
        acts.update(undone_at=timezone.now())
        told(act, record)
    elif acts.exists():
        told(act, record)
