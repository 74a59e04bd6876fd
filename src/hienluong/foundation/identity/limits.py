"""Rate limits shared by all web processes: fixed windows counted in the database."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db import connection
from django.utils import timezone


def too_many(what: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one use of `what` by `who` (an address, an account); True when it is beyond `limit` in this window."""
    now = timezone.now()
    window = int(now.timestamp()) // seconds
    key = hashlib.sha256(f"{what}:{who}:{window}".encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_ratewindow (key, count, ends_at) VALUES (%s, 1, %s) "
            "ON CONFLICT (key) DO UPDATE SET count = identity_ratewindow.count + 1 RETURNING count",
            [key, now + timedelta(seconds=seconds)],
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0]) > limit


def forget_old() -> int:
    """Delete windows that have ended; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM identity_ratewindow WHERE ends_at < now()")
        return int(cursor.rowcount)
