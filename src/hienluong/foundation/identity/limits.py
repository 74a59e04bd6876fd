"""Rate limits shared by all web processes: fixed windows counted in the database."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db import connection
from django.utils import timezone


def too_many(what: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one use of `what` by `who` (an address, an account); True when it is beyond `limit` in this window."""
    now = timezone.now()
    key = _key(what, who, seconds)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_ratewindow (key, count, ends_at) VALUES (%s, 1, %s) "
            "ON CONFLICT (key) DO UPDATE SET count = identity_ratewindow.count + 1 RETURNING count",
            [key, now + timedelta(seconds=seconds)],
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0]) > limit


def is_over(what: str, who: str, *, limit: int, seconds: int) -> bool:
    """Whether `who` has used up the `limit` of this window, without counting: where only failures count, they are
    counted by :func:`too_many` afterwards, and who does none costs one read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count FROM identity_ratewindow WHERE key = %s", [_key(what, who, seconds)])
        row = cursor.fetchone()
    return row is not None and int(row[0]) >= limit


def forget_old() -> int:
    """Delete windows that have ended; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM identity_ratewindow WHERE ends_at < now()")
        return int(cursor.rowcount)


def _key(what: str, who: str, seconds: int) -> str:
    window = int(timezone.now().timestamp()) // seconds
    return hashlib.sha256(f"{what}:{who}:{window}".encode()).hexdigest()
