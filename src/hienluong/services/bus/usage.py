"""What passed the gateway, counted: its access log becomes figures by hour, operation and agreement.

Figures are no decision, so they are written without an action; where a log was read to moves in the transaction that adds what
was read, so each line counts once whenever this ends. A log that has grown large is put aside, and thrown away in its turn.
"""

from __future__ import annotations

import logging
import os
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from .gateway import accesslog
from .gateway.configuration import ACCESS_LOG
from .gateway.server import Gateway, NotRunning
from .models import IntakeMark, Usage

#: Milliseconds up to which a call belongs to a bucket; one more bucket is for those that take longer.
BOUNDS = (5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
#: Bytes that one transaction takes in.
AT_ONCE = 8_000_000
#: Bytes of a log that is put aside, and how many of those are kept for whoever has to look something up.
LARGE, KEPT = 64_000_000, 8
_ASIDE = "access-*.jsonl"

logger = logging.getLogger(__name__)


@dataclass
class _Count:
    """The calls of one hour, operation and agreement."""

    calls: int = 0
    refused: int = 0
    errors: int = 0
    latency: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    received: int = 0
    sent: int = 0

    def add(self, call: accesslog.Call) -> None:
        self.calls += 1
        self.refused += 400 <= call.status < 500
        self.errors += call.status >= 500 or call.status == 0
        self.latency[bisect_left(BOUNDS, call.milliseconds)] += 1
        self.received += call.received
        self.sent += call.sent


_Key = tuple[date, int, str, str]


def take_in(folder: Path | None = None, *, at_once: int = AT_ONCE) -> int:
    """Take in what the gateway wrote since the last time; how many calls. Nothing where it never ran."""
    folder = folder or settings.GATEWAY_FOLDER
    taken = 0
    for log in [*_aside(folder), folder / ACCESS_LOG]:
        while (now := _take_in_part(log, at_once)) is not None:
            taken += now
    _put_aside(folder)
    return taken


def _aside(folder: Path) -> list[Path]:
    return sorted(folder.glob(_ASIDE))


def _take_in_part(log: Path, at_once: int) -> int | None:
    """The next whole lines of a log; None when there are none."""
    try:
        with log.open("rb") as file, transaction.atomic():
            state = os.fstat(file.fileno())
            name = f"{log.parent}:{state.st_ino}"  # a log that is put aside stays the same file
            IntakeMark.objects.get_or_create(log=name[-200:], defaults={"inode": state.st_ino, "offset": 0})
            mark = IntakeMark.objects.select_for_update().get(log=name[-200:])
            if mark.offset > state.st_size:  # another file by the same number
                mark.offset = 0
            file.seek(mark.offset)
            part = file.read(at_once)
            whole = part.rfind(b"\n") + 1
            if not whole and len(part) < at_once:
                return None
            whole = whole or len(part)  # a line that never ends is none of ours
            counts, calls = _counted(part[:whole].splitlines())
            _add(counts)
            mark.offset += whole
            mark.save(update_fields=("offset",))
            return calls
    except FileNotFoundError:
        return None


def _counted(lines: Iterable[bytes]) -> tuple[dict[_Key, _Count], int]:
    counts: dict[_Key, _Count] = {}
    calls = 0
    for line in lines:
        try:
            call = accesslog.read(line)
        except accesslog.NoCall:
            logger.warning("gateway: a line of its log is no call")
            continue
        calls += 1
        local = timezone.localtime(call.at)
        operation = f"{call.service}/v{call.major}/{call.operation}"[:140] if call.service else ""
        counts.setdefault((local.date(), local.hour, operation, call.agreement[:40]), _Count()).add(call)
    return counts, calls


_SQL = """
    INSERT INTO bus_usage AS was (day, hour, operation, agreement, calls, refused, errors, latency, received, sent)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (day, hour, operation, agreement) DO UPDATE SET
        calls = was.calls + excluded.calls,
        refused = was.refused + excluded.refused,
        errors = was.errors + excluded.errors,
        latency = ARRAY(
            SELECT a + b FROM unnest(was.latency, excluded.latency) WITH ORDINALITY AS pairs (a, b, place) ORDER BY place
        ),
        received = was.received + excluded.received,
        sent = was.sent + excluded.sent
"""


def _add(counts: dict[_Key, _Count]) -> None:
    rows = [
        (*key, one.calls, one.refused, one.errors, one.latency, one.received, one.sent)
        for key, one in sorted(counts.items())  # in one order, so that two workers never wait for each other
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_SQL, rows)


def _put_aside(folder: Path) -> None:
    """Put a large log aside, and throw away the oldest of those that were; all of them were taken in."""
    log = folder / ACCESS_LOG
    if log.exists() and log.stat().st_size >= LARGE:
        name = folder / f"access-{timezone.now():%Y%m%d%H%M%S%f}.jsonl"
        try:
            Gateway(folder).turn_over(name)
        except NotRunning:
            logger.info("gateway: it does not run; it begins a new log when it starts")
    for old in _aside(folder)[:-KEPT]:
        inode = old.stat().st_ino
        old.unlink()
        IntakeMark.objects.filter(log=f"{folder}:{inode}"[-200:]).delete()


# Looking at it


@dataclass(frozen=True)
class Total:
    """Calls of some time under one agreement."""

    calls: int
    refused: int
    errors: int
    slowest: str  # how long 95 of 100 calls took at most, in words: "≤ 50 ms"


def of_agreement(code: str, *, days: int = 30) -> tuple[Total, list[dict[str, Any]]]:
    """What was called under an agreement in the last days: all together, and each day with a call, the newest first."""
    found = Usage.objects.filter(agreement=code, day__gt=timezone.localdate() - timedelta(days=days))
    sums = {name: Sum(name, default=0) for name in ("calls", "refused", "errors")}
    buckets = {f"b{place}": Sum(f"latency__{place}", default=0) for place in range(len(BOUNDS) + 1)}
    whole = found.aggregate(**sums, **buckets)
    total = Total(
        whole["calls"], whole["refused"], whole["errors"], share_within([whole[name] for name in buckets], 0.95)
    )
    by_day: list[Any] = list(found.values("day").annotate(**sums).order_by("-day"))
    return total, by_day


def share_within(latency: Sequence[int], share: float) -> str:
    """The bound of the bucket within which that share of the calls lies, in words; empty without calls."""
    wanted, seen = share * sum(latency), 0
    if not wanted:
        return ""
    for bound, calls in zip(BOUNDS, latency, strict=False):
        seen += calls
        if seen >= wanted:
            return f"≤ {bound} ms"
    return f"> {BOUNDS[-1]} ms"
