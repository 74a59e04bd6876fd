"""What passed the gateway, counted: its access log becomes figures by hour, operation and agreement.

Figures are no decision, so they are written without an action; where a log was read to moves in the transaction that adds what
was read, so each line counts once whenever this ends. A log that has grown large is put aside, and thrown away in its turn.
"""

from __future__ import annotations

import logging
import os
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from .gateway import accesslog
from .gateway.configuration import ACCESS_LOG, CONNECTIONS_LOG
from .gateway.server import Gateway, NotRunning
from .models import IntakeMark, Minute, Usage

#: Milliseconds up to which a call belongs to a bucket; one more bucket is for those that take longer.
BOUNDS = (5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
#: Bytes that one transaction takes in.
AT_ONCE = 8_000_000
#: Bytes of a log that is put aside, and how many of those are kept for whoever has to look something up.
LARGE, KEPT = 64_000_000, 8
_ASIDE, _CONNECTIONS_ASIDE = "access-*.jsonl", "connections-*.jsonl"

logger = logging.getLogger(__name__)


#: How long the figures of single minutes are kept: longer than any rule looks back.
MINUTES_KEPT = timedelta(hours=3)


@dataclass
class _Count:
    """The calls of one hour or minute, operation and agreement."""

    calls: int = 0
    refused: int = 0
    limited: int = 0
    errors: int = 0
    latency: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    milliseconds: int = 0
    received: int = 0
    sent: int = 0

    def add(self, call: accesslog.Call) -> None:
        self.calls += 1
        self.refused += 400 <= call.status < 500
        self.limited += call.status == 429
        self.errors += call.status >= 500 or call.status == 0
        self.latency[bisect_left(BOUNDS, call.milliseconds)] += 1
        self.milliseconds += call.milliseconds
        self.received += call.received
        self.sent += call.sent


@dataclass
class _Counts:
    """What a part of a log says, in each of the ways it is kept."""

    hours: dict[tuple[date, int, str, str], _Count] = field(default_factory=dict)
    minutes: dict[tuple[datetime, str, str, str], _Count] = field(default_factory=dict)
    latest: dict[tuple[str, str], tuple[datetime, datetime | None]] = field(default_factory=dict)
    calls: int = 0

    def add(self, call: accesslog.Call) -> None:
        self.calls += 1
        local = timezone.localtime(call.at)
        operation = f"{call.service}/v{call.major}/{call.operation}"[:140] if call.service else ""
        agreement = call.agreement[:40]
        self.hours.setdefault((local.date(), local.hour, operation, agreement), _Count()).add(call)
        minute = call.at.replace(second=0, microsecond=0)
        self.minutes.setdefault((minute, operation, agreement, call.client[:100]), _Count()).add(call)
        if operation:
            called, answered = self.latest.get((operation, agreement), (call.at, None))
            if 200 <= call.status < 400:
                answered = max(answered or call.at, call.at)
            self.latest[operation, agreement] = max(called, call.at), answered


def take_in(folder: Path | None = None, *, at_once: int = AT_ONCE) -> int:
    """Take in what the gateway wrote since the last time; how many calls. Nothing where it never ran."""
    folder = folder or settings.GATEWAY_FOLDER
    taken = 0
    for log in [*_aside(folder), folder / ACCESS_LOG]:
        while (now := _take_in_part(log, at_once)) is not None:
            taken += now
    _put_aside(folder)
    return taken


def unread(folder: Path) -> int:
    """Bytes of the log that were not taken in yet, with those put aside; nought where the gateway never ran. One query."""
    sizes: dict[str, int] = {}
    for log in [*_aside(folder), folder / ACCESS_LOG]:
        with suppress(FileNotFoundError):
            state = log.stat()
            sizes[f"{folder}:{state.st_ino}"[-200:]] = state.st_size
    taken = dict(IntakeMark.objects.filter(log__in=list(sizes)).values_list("log", "offset"))
    return sum(max(0, size - taken.get(name, 0)) for name, size in sizes.items())


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
            counts = _counted(part[:whole].splitlines())
            _add(counts)
            mark.offset += whole
            mark.save(update_fields=("offset",))
            return counts.calls
    except FileNotFoundError:
        return None


def _counted(lines: Iterable[bytes]) -> _Counts:
    counts = _Counts()
    for line in lines:
        try:
            counts.add(accesslog.read(line))
        except accesslog.NoCall:
            logger.warning("gateway: a line of its log is no call")
    return counts


_HOURS = """
    INSERT INTO bus_usage AS was
        (day, hour, operation, agreement, calls, refused, limited, errors, latency, milliseconds, received, sent)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (day, hour, operation, agreement) DO UPDATE SET
        calls = was.calls + excluded.calls,
        refused = was.refused + excluded.refused,
        limited = was.limited + excluded.limited,
        errors = was.errors + excluded.errors,
        latency = ARRAY(
            SELECT a + b FROM unnest(was.latency, excluded.latency) WITH ORDINALITY AS pairs (a, b, place) ORDER BY place
        ),
        milliseconds = was.milliseconds + excluded.milliseconds,
        received = was.received + excluded.received,
        sent = was.sent + excluded.sent
"""
_MINUTES = """
    INSERT INTO bus_minute AS was (at, operation, agreement, client, calls, refused, limited, errors, latency)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (at, operation, agreement, client) DO UPDATE SET
        calls = was.calls + excluded.calls,
        refused = was.refused + excluded.refused,
        limited = was.limited + excluded.limited,
        errors = was.errors + excluded.errors,
        latency = ARRAY(
            SELECT a + b FROM unnest(was.latency, excluded.latency) WITH ORDINALITY AS pairs (a, b, place) ORDER BY place
        )
"""
_PEAKS = """
    INSERT INTO bus_peak AS was (day, agreement, calls)
    SELECT (at AT TIME ZONE %s)::date, agreement, max(calls)
      FROM (
          SELECT at, agreement, client, sum(calls) AS calls FROM bus_minute
           WHERE at = ANY (%s) AND agreement <> '' GROUP BY at, agreement, client
      ) AS minutes
     GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (day, agreement) DO UPDATE SET calls = greatest(was.calls, excluded.calls)
"""
_LATEST = """
    INSERT INTO bus_latest AS was (operation, agreement, called_at, answered_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (operation, agreement) DO UPDATE SET
        called_at = greatest(was.called_at, excluded.called_at),
        answered_at = greatest(was.answered_at, excluded.answered_at)
"""


def _add(counts: _Counts) -> None:
    """Add what was read; rows in one order, so that two workers never wait for each other."""
    hours = [
        (*key, o.calls, o.refused, o.limited, o.errors, o.latency, o.milliseconds, o.received, o.sent)
        for key, o in sorted(counts.hours.items())
    ]
    minutes = [
        (*key, one.calls, one.refused, one.limited, one.errors, one.latency)
        for key, one in sorted(counts.minutes.items())
    ]
    latest = [(*key, *times) for key, times in sorted(counts.latest.items())]
    with connection.cursor() as cursor:
        cursor.executemany(_HOURS, hours)
        cursor.executemany(_MINUTES, minutes)
        cursor.execute(_PEAKS, [settings.TIME_ZONE, sorted({at for at, *_rest in counts.minutes})])
        cursor.executemany(_LATEST, latest)


def forget(now: datetime | None = None) -> int:
    """Forget the figures of single minutes that are older than :data:`MINUTES_KEPT`; how many there were."""
    return Minute.objects.filter(at__lt=(now or timezone.now()) - MINUTES_KEPT).delete()[0]


def _put_aside(folder: Path) -> None:
    """Put a large log aside, and throw away the oldest of those that were; all of them were taken in."""
    for log in (folder / ACCESS_LOG, folder / CONNECTIONS_LOG):
        if log.exists() and log.stat().st_size >= LARGE:
            name = folder / f"{log.stem}-{timezone.now():%Y%m%d%H%M%S%f}.jsonl"
            try:
                Gateway(folder).turn_over(name, log.name)
            except NotRunning:
                logger.info("gateway: it does not run; it begins a new log when it starts")
    for old in sorted(folder.glob(_CONNECTIONS_ASIDE))[:-KEPT]:
        old.unlink()
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


def place_of(latency: Sequence[int], share: float) -> int | None:
    """The bucket in which the call lies that as many are as quick as that share of all (nearest rank); None without calls."""
    wanted, seen = round(share * 1000) * sum(latency), 0
    if not wanted:
        return None
    for place, calls in enumerate(latency):
        seen += calls
        if seen * 1000 >= wanted:
            return place
    raise AssertionError("a share is at most one")


def share_within(latency: Sequence[int], share: float) -> str:
    """The bound of the bucket within which that share of the calls lies, in words; empty without calls.

    What is meant lies above the bound before and up to this one: nothing finer is kept.
    """
    place = place_of(latency, share)
    if place is None:
        return ""
    return f"≤ {BOUNDS[place]} ms" if place < len(BOUNDS) else f"> {BOUNDS[-1]} ms"
