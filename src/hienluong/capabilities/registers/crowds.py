"""Which boxes hold many records of a register: by a thousand of its boxes drawn by lot, kept for ten minutes.

PostgreSQL does not know how boxes lie: it takes any for nearly empty, and would fetch and sort all that is in it. What
is told here decides how a page is looked for, never what is on it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import connection

from . import storage
from .models import Register

Box = tuple[float, float, float, float]  # west, south, east, north
#: Boxes drawn by lot.
DRAWN = 1000
#: Records gone through in order in the time that one record of a box is fetched, which lies anywhere in the table.
FETCH = 8
#: Seconds for which they are good enough.
KEEP = 600
#: Registers whose boxes one process keeps.
MOST_KEPT = 50


@dataclass(frozen=True)
class _Sample:
    at: float  # on the monotonic clock
    rows: float  # in the register, by the server's last count; -1 when it never counted
    boxes: list[Box]


_kept: dict[str, _Sample] = {}


def is_crowded(register: Register, box: Box, page: int) -> bool:
    """Whether `page` records of a box are found sooner by going through all records in order than by fetching the box.

    Of `rows` records a share lies in the box: going through them meets a page after page ÷ share of them; by the index
    share × rows are fetched, each at the price of ``FETCH``.
    """
    sample = _sample(register)
    if not sample.boxes:
        return False
    west, south, east, north = box
    inside = sum(1 for w, s, e, n in sample.boxes if w <= east and e >= west and s <= north and n >= south)
    share = inside / len(sample.boxes)
    return share * share * sample.rows * FETCH > page


def forget() -> None:
    """Draw anew at the next question."""
    _kept.clear()


def _sample(register: Register) -> _Sample:
    name = storage.partition_of(register)
    held = _kept.get(name)
    now = time.monotonic()
    if held is not None and now - held.at < KEEP:
        return held
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    drawn = _kept[name] = _drawn(name, now)
    return drawn


def _drawn(name: str, now: float) -> _Sample:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = to_regclass(%s)", [name])
        row = cursor.fetchone()
        rows = float(row[0]) if row else -1.0
        if rows < DRAWN:  # whatever is in the box is fetched at once
            return _Sample(now, rows, [])
        table = connection.ops.quote_name(name)
        cursor.execute(
            f"SELECT (box[1])[0], (box[1])[1], (box[0])[0], (box[0])[1] FROM {table} TABLESAMPLE SYSTEM (%s) "  # noqa: S608
            "WHERE upper_inf(known) AND box IS NOT NULL LIMIT %s",
            [100 * DRAWN / rows, 3 * DRAWN],
        )
        return _Sample(now, rows, cursor.fetchall())
