"""Giving the next number of a series inside the caller's transaction."""

from __future__ import annotations

from django.db import connection


def next_number(series: str) -> int:
    """The next number of `series`, starting at 1; unique and gap-free.

    The row of the series stays locked until the caller's transaction ends: another caller waits, and a
    rollback gives the number back. Must run inside a transaction.
    """
    return take(series, 1)[0]


def take(series: str, count: int) -> range:
    """The next `count` numbers of `series` at once, in order; otherwise as :func:`next_number`."""
    if not connection.in_atomic_block:
        raise RuntimeError("numbers of a series are taken inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO numbering_series (key, last) VALUES (%(key)s, %(count)s) "
            "ON CONFLICT (key) DO UPDATE SET last = numbering_series.last + %(count)s RETURNING last",
            {"key": series, "count": count},
        )
        row = cursor.fetchone()
    assert row is not None
    return range(int(row[0]) - count + 1, int(row[0]) + 1)


def current(series: str) -> int:
    """The last number given in `series`, 0 when none was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last FROM numbering_series WHERE key = %s", [series])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
