"""Rate limits shared by all web processes: fixed windows counted in the database."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db import connection
from django.utils import timezone


def too_many(what: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one use of `what` by `who` (an address, an account); True when it is beyond `limit` in this window."""
    return counted(what, who, seconds=seconds) > limit


def counted(what: str, who: str, *, seconds: int) -> int:
    """Count one use of `what` by `who`; how many there were in this window, this one among them."""
    key, now = window(what, who, seconds=seconds), timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_ratewindow (key, count, ends_at) VALUES (%s, 1, %s) "
            "ON CONFLICT (key) DO UPDATE SET count = identity_ratewindow.count + 1 RETURNING count",
            [key, now + timedelta(seconds=seconds)],
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def give_back(what: str, who: str, *, seconds: int) -> None:
    """Take back what :func:`too_many` counted in this window, when it turned out not to be what is limited."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE identity_ratewindow SET count = count - 1 WHERE key = %s AND count > 0",
            [window(what, who, seconds=seconds)],
        )


def so_far(what: str, who: str, *, seconds: int) -> int:
    """How many there were in this window, without counting: where only failures count, they are counted by
    :func:`too_many` afterwards, and who does none costs one read. Whoever asks the database anyway asks along for the
    row of :func:`window`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count FROM identity_ratewindow WHERE key = %s", [window(what, who, seconds=seconds)])
        row = cursor.fetchone()
    return int(row[0]) if row is not None else 0


def forget_old() -> int:
    """Delete windows that have ended; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM identity_ratewindow WHERE ends_at < now()")
        return int(cursor.rowcount)


def window(what: str, who: str, *, seconds: int) -> str:
    """The key of the window of now."""
    number = int(timezone.now().timestamp()) // seconds
    return hashlib.sha256(f"{what}:{who}:{number}".encode()).hexdigest()
